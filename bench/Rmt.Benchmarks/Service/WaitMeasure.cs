using Rmt.Adapter;

namespace Rmt.Benchmarks.Service;

/// <summary>How long a short document takes that is sent while ten long ones are read, one at a time and at any moment of a step.</summary>
internal static class WaitMeasure
{
    private const int Long = 200_000, Longs = 10, Short = 500, Shorts = 40;
    private const double Goal = 3;

    public static async Task<bool> RunAsync(ServiceProcess service, DocumentTexts texts, Report report)
    {
        report.Say($"wait: {Shorts} documents of {Short} tokens behind {Longs} of {Long:N0}");
        var dice = new Random(7);
        for (var i = 0; i < Longs; i++)
            _ = await service.SendAsync(texts.Of(Long, dice));
        var begun = await service.CountsAsync();
        while ((await service.CountsAsync()).Steps < begun.Steps + 5)
            await Task.Delay(100);
        var (steps, seconds) = (new List<double>(), new List<double>());
        var first = await service.CountsAsync();
        for (var i = 0; i < Shorts; i++)
        {
            await Task.Delay(dice.Next(1000));
            var text = texts.Of(Short, dice);
            var before = await service.CountsAsync();
            var answer = await service.ClassifyAsync(text);
            steps.Add((await service.CountsAsync()).Steps - before.Steps);
            seconds.Add((answer.GetProperty("finished_at").GetDateTimeOffset() - answer.GetProperty("queued_at").GetDateTimeOffset()).TotalSeconds);
        }
        var last = await service.CountsAsync();
        await service.CancelAllAsync();
        await service.IdleAsync();
        report.Add(
            ("measure", "wait"), ("documents", Shorts), ("steps_p50", steps.Percentile(0.5)), ("steps_p95", steps.Percentile(0.95)), ("steps_most", steps.Max()),
            ("seconds_p50", seconds.Percentile(0.5)), ("seconds_p95", seconds.Percentile(0.95)), ("step_s", (last.ModelSeconds - first.ModelSeconds) / (last.Steps - first.Steps)),
            ("rows_of_a_step", (last.Rows - first.Rows) / (last.Steps - first.Steps)), ("goal_met", steps.Percentile(0.95) <= Goal));
        return steps.Percentile(0.95) <= Goal;
    }
}
