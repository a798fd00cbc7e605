using System.Runtime.InteropServices;

namespace Rmt.Adapter.Tests;

/// <summary>What a device throws whose memory is used up.</summary>
internal sealed class OutOfDeviceMemoryException() : ExternalException("CUDA out of memory. Tried to allocate 2 GiB");
