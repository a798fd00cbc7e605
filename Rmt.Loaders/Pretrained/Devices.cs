using System.Globalization;
using TorchSharp;

namespace Rmt.Loaders;

/// <summary>Devices by the names that options and settings have for them.</summary>
public static class Devices
{
    /// <summary>The device of a name, if it is there.</summary>
    /// <param name="name"><c>cpu</c>, <c>cuda</c> (the first) or <c>cuda:N</c>.</param>
    /// <exception cref="ArgumentException">It is none of these names.</exception>
    /// <exception cref="LoadException">libtorch sees no such device.</exception>
    public static torch.Device Named(string name)
    {
        if (name == "cpu")
            return torch.CPU;
        var index = name == "cuda" ? 0
            : name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan("cuda:".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new ArgumentException($"there is no device '{name}'; there are cpu, cuda and cuda:N", nameof(name));
        var devices = torch.cuda.device_count();
        return index < devices
            ? new torch.Device(DeviceType.CUDA, index)
            : throw new LoadException($"device {name}", $"libtorch sees {devices} CUDA devices here; a CUDA build of libtorch and a driver are needed, or the device cpu.");
    }
}
