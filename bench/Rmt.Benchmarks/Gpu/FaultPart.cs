using System.Diagnostics;
using System.Text.Json;
using Rmt.Adapter;
using Rmt.Benchmarks.Service;
using Rmt.Loaders;
using TorchSharp;

namespace Rmt.Benchmarks.Gpu;

/// <summary>A device that fails for good under <c>rmt serve</c>: the process ends with 5, and the next one answers every document.</summary>
internal sealed class FaultPart : IGpuPart
{
    private const int Documents = 8, Tokens = 1_000_000, Died = 5;

    public string Name => "fault";

    public bool Run(GpuRun run)
    {
        if (run.Device.type == DeviceType.CUDA) return RunAsync(run).GetAwaiter().GetResult();
        run.Report.Say($"{Name}: left out, a processor has no error that stays");
        return true;
    }

    private async Task<bool> RunAsync(GpuRun run)
    {
        var model = Path.Combine(AppContext.BaseDirectory, "models", "default");
        var folder = Directory.CreateTempSubdirectory("rmt-fault-");
        try
        {
            var (store, signal) = (Path.Combine(folder.FullName, "rmt.db"), Path.Combine(folder.FullName, "now"));
            string[] how = ["--device", run.Options.Device, "--dtype", run.ScalarType.ToString().ToLowerInvariant()];
            var ids = new List<string>();
            int code;
            double seconds, running;
            using (var service = await ServiceProcess.StartAsync(model, run.Options.Threads, store, DeviceFault.EnvironmentOf(signal), how))
            {
                foreach (var text in Texts(model)) ids.Add(await service.SendAsync(text));
                running = (await service.CountsAsync()).Unfinished;
                if (running == 0) throw new InvalidOperationException($"{Documents} documents of {Tokens} tokens were read before the device could fail");
                var clock = Stopwatch.StartNew();
                await File.WriteAllTextAsync(signal, "");
                (code, seconds) = (await service.EndAsync(), clock.Elapsed.TotalSeconds);
            }
            using (var service = await ServiceProcess.StartAsync(model, run.Options.Threads, store, null, how))
            {
                await service.IdleAsync();
                var answers = new List<JsonElement>();
                foreach (var id in ids) answers.Add(await service.DocumentAsync(id));
                var answered = answers.Count(answer => answer.GetProperty("status").GetString() == "done");
                run.Report.Add(("part", Name), ("exit_code", code), ("seconds_to_end", seconds), ("documents", ids.Count), ("unfinished_then", running), ("answered_after", answered),
                    ("attempts", answers.Max(answer => answer.GetProperty("attempts").GetInt32())));
                return code == Died && answered == ids.Count;
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<string> Texts(string model)
    {
        using var classifier = RmtCheckpoint.Load(model, HubCache.FromEnvironment());
        var (texts, dice) = (new DocumentTexts(classifier.Tokenizer), new Random(RandomModel.Seed));
        return [.. Enumerable.Range(0, Documents).Select(_ => texts.Of(Tokens, dice))];
    }
}
