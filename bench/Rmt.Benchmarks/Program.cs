using Rmt.Benchmarks;
using Rmt.Benchmarks.Gpu;
using Rmt.Benchmarks.Language;
using Rmt.Benchmarks.Service;

IBenchmark[] all =
[
    new SegmentBenchmark(), new SchedulerBenchmark(), new OperationBenchmark(), new LoadBenchmark(), new TokenizingBenchmark(), new ReviewsBenchmark(),
    new LongBenchmark(), new SoakBenchmark(), new ServiceBenchmark(), new TrainingBenchmark(), new FineTuningBenchmark(),
    new GenerateBenchmark(), new GpuBenchmark(),
];

try
{
    if (args is [SideLoop.Argument, .. var work])
    {
        SideLoop.Run(work);
        return 0;
    }
    var options = Options.Parse(args);
    if (options.WantsHelp)
    {
        Console.Out.WriteLine("rmt bench [NAME…] [OPTION…]   every benchmark that takes minutes and needs only the repository, or those named\n");
        foreach (var benchmark in all) Console.Out.WriteLine($"  {benchmark.Name,-10} {benchmark.Description}");
        Console.Out.WriteLine($"\n{Options.Help}\n\nExample: rmt bench segment --batch 8 --dtype fp32\nRecords go to stdout as JSON lines, tables to stderr. Exit code 1: an answer is wrong.");
        return 0;
    }
    if (options.Names.FirstOrDefault(name => all.All(benchmark => benchmark.Name != name)) is { } unknown)
        throw new FormatException($"no benchmark '{unknown}'; there are {string.Join(", ", all.Select(benchmark => benchmark.Name))}");
    var right = true;
    // On a GPU there is one table that says how it stands.
    bool Chosen(IBenchmark one) => options.Names.Count > 0 ? options.Names.Contains(one.Name) : options.Device == "cuda" ? one is GpuBenchmark : !one.OnlyWhenNamed;
    foreach (var benchmark in all.Where(Chosen))
    {
        var report = new Report(benchmark.Name);
        right &= benchmark.Run(options, report);
        report.Table();
    }
    return right ? 0 : 1;
}
catch (FormatException problem)
{
    Console.Error.WriteLine($"rmt bench: {problem.Message}");
    return 2;
}
catch (Exception problem) when (problem is IOException or InvalidOperationException)
{
    Console.Error.WriteLine($"rmt bench: {problem.Message}");
    return 1;
}
