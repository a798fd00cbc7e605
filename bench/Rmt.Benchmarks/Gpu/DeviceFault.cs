using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Rmt.Benchmarks.Gpu;

/// <summary>A device that fails for good while a process works on it: an index that is no row ends in an assertion on the device, and CUDA answers that process with an error ever after.</summary>
internal static class DeviceFault
{
    // The file whose appearance is the signal.
    private const string Signal = "RMT_BENCH_DEVICE_FAULT";

    /// <summary>What a process has in its environment in which the device shall fail once a file is there.</summary>
    /// <param name="file">That is not there yet.</param>
    public static IReadOnlyDictionary<string, string> EnvironmentOf(string file) =>
        new Dictionary<string, string> { ["DOTNET_STARTUP_HOOKS"] = typeof(DeviceFault).Assembly.Location, [Signal] = file };

    /// <summary>In a process with that environment: waits for the file, beside whatever is done there.</summary>
    public static void WhenAsked()
    {
        if (Environment.GetEnvironmentVariable(Signal) is not { } file) return;
        new Thread(() =>
        {
            while (!File.Exists(file)) Thread.Sleep(1);
            Fail();
        })
        { IsBackground = true }.Start();
    }

    private static void Fail()
    {
        try
        {
            using var scope = NewDisposeScope();
            _ = ones(4, device: device("cuda")).index_select(0, tensor(new[] { 1L << 20 }).to(device("cuda"))).cpu();
        }
        catch (ExternalException failure)
        {
            Console.Error.WriteLine($"the device was made to fail: {failure.Message.Split('\n')[0]}");
        }
    }
}
