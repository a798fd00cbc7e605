namespace Rmt.Loaders.Tests;

/// <summary>Gives its bytes in pieces of random sizes, as a pipe may.</summary>
internal sealed class DrippingStream(byte[] bytes, Random random) : MemoryStream(bytes)
{
    public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 1 + random.Next(7))]);
}
