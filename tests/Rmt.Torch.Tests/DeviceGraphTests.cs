using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>Recorded work does again what it did, on what lies in its inputs now; what cannot be recorded says so and leaves the device as it was.</summary>
public sealed class DeviceGraphTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable mode = inference_mode();

    public void Dispose()
    {
        mode.Dispose();
        scope.Dispose();
    }

    public static TheoryData<string> EveryDevice => new(DeviceKinds.All);

    [Theory, MemberData(nameof(EveryDevice))]
    public void A_replay_reads_what_its_inputs_hold_by_then(string name)
    {
        var device = new Device(name);
        var (x, weight, y) = (ones([4, 8], device: device), randn([8, 8], device: device), zeros([4, 8], device: device));
        using var graph = DeviceGraph.Record(device, () => y.copy_(x.matmul(weight).relu()));
        for (var i = 0; i < 5; i++)
        {
            x.copy_(randn([4, 8]));
            graph.Replay();
            Near.Equal(x.matmul(weight).relu(), y, 1e-6, $"replay {i}");
        }
    }

    [Theory, MemberData(nameof(EveryDevice))]
    public void Graphs_that_share_their_memory_do_not_disturb_what_was_copied_out(string name)
    {
        var device = new Device(name);
        var x = randn([64, 64], device: device);
        var results = Enumerable.Range(1, 4).Select(_ => zeros([64, 64], device: device)).ToArray();
        var graphs = results.Select((result, i) => DeviceGraph.Record(device, () => result.copy_((x * (i + 1)).exp().log() + x))).ToArray();
        foreach (var graph in graphs.Concat(graphs.Reverse())) graph.Replay();
        for (var i = 0; i < results.Length; i++) Near.Equal(x * (i + 2), results[i], 1e-4, $"graph {i}");
        foreach (var graph in graphs) graph.Dispose();
        using var later = DeviceGraph.Record(device, () => results[0].copy_(x + 1));
        later.Replay();
        Near.Equal(x + 1, results[0], 0, "after all others are gone");
    }

    [Theory, MemberData(nameof(EveryDevice))]
    public void Work_that_fails_is_not_recorded_and_the_device_goes_on(string name)
    {
        var device = new Device(name);
        var x = ones([3], device: device);
        var calls = 0;
        _ = Assert.Throws<InvalidOperationException>(() => DeviceGraph.Record(device, () => throw new InvalidOperationException()));
        // On a device what asks for a number while recording cannot be recorded; on a CPU nothing is.
        void Asks() => calls += (int)x.sum().item<float>();
        if (name == "cuda")
        {
            _ = Assert.ThrowsAny<System.Runtime.InteropServices.ExternalException>(() => DeviceGraph.Record(device, Asks));
            Assert.Equal(3, calls);
        }
        else
        {
            using var graph = DeviceGraph.Record(device, Asks);
            graph.Replay();
            Assert.Equal(6, calls);
        }
        Assert.Equal(6, (x * 2).sum().item<float>());
        using var next = DeviceGraph.Record(device, () => x.add_(1));
        next.Replay();
        Assert.True(x.sum().item<float>() >= 6);
    }

    // What one thread does while another records on the stream of both would be recorded too.
    [Fact]
    public async Task Two_threads_do_not_record_at_once()
    {
        using var other = new ManualResetEventSlim();
        var together = false;
        var second = Task.CompletedTask;
        DeviceGraph.Record(CPU, () =>
        {
            second = Task.Run(() => DeviceGraph.Record(CPU, other.Set).Dispose());
            together = other.Wait(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);
        }).Dispose();
        await second;
        Assert.True(other.IsSet);
        Assert.False(together);
    }

    [Fact]
    public void Without_a_device_there_is_a_reason() =>
        Assert.Equal(cuda.is_available(), DeviceGraph.Missing(new Device(DeviceType.CUDA, 0)) is null);
}
