using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>libtorch refused or failed. The first line of the message is libtorch's own.</summary>
/// <remarks>Derives from the type the TorchSharp package throws, so that one <see langword="catch"/> works with both.</remarks>
public class TorchException : ExternalException
{
    internal TorchException(string message) : base(message) { }
}

/// <summary>The memory of the device or of the machine is used up.</summary>
public sealed class TorchOutOfMemoryException : TorchException
{
    internal TorchOutOfMemoryException(string message) : base(message) { }
}

/// <summary>The device itself failed. CUDA errors of this kind stick: nothing more will work in this process.</summary>
public sealed class TorchDeviceException : TorchException
{
    internal TorchDeviceException(string message) : base(message) { }
}
