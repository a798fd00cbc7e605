using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>Tensors through files, streams and arrays.</summary>
public sealed class TensorFileTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly string file = Path.GetTempFileName();

    public void Dispose()
    {
        scope.Dispose();
        File.Delete(file);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(1024)]
    public void Bytes_go_to_a_stream_and_come_back_whatever_the_buffer(int bufferSize)
    {
        var t = randn(3, 7);
        using var stream = new MemoryStream();
        t.WriteBytesToStream(stream, bufferSize);
        Assert.Equal(t.bytes.ToArray(), stream.ToArray());
        stream.Position = 0;
        using Parameter back = nn.Parameter(zeros(3, 7));
        back.ReadBytesFromStream(stream, bufferSize);
        Assert.True(t.IsSame(back));
    }

    [Fact]
    public void A_stream_that_ends_early_and_memory_that_is_no_row_are_refused()
    {
        using var stream = new MemoryStream(new byte[11]);
        Assert.Throws<EndOfStreamException>(() => zeros(3).ReadBytesFromStream(stream));
        Assert.Throws<InvalidOperationException>(() => zeros(2, 3).t().WriteBytesToStream(stream));
        Assert.Throws<ArgumentOutOfRangeException>(() => zeros(3).WriteBytesToStream(stream, 0));
        zeros(0).ReadBytesFromStream(new MemoryStream());
    }

    [Theory]
    [InlineData(float32)]
    [InlineData(bfloat16)]
    [InlineData(int64)]
    public void One_tensor_is_a_file(ScalarType type)
    {
        var t = arange(6).to(type).view(2, 3);
        save(t, file);
        var back = load(file);
        Assert.Equal((type, "2,3"), (back.dtype, string.Join(',', back.shape)));
        Assert.True(t.to(float32).IsSame(back.to(float32)));
        File.WriteAllBytes(file, new byte[10]);
        Assert.Throws<TorchException>(() => load(file));
        Assert.Throws<TorchException>(() => Tensor.load(file + ".none"));
    }

    [Fact]
    public void A_saved_tensor_can_be_read_as_a_new_one()
    {
        using var stream = new MemoryStream();
        arange(3).Save(new BinaryWriter(stream));
        stream.Position = 0;
        Assert.Equal([0L, 1, 2], TensorExtensionMethods.Load(new BinaryReader(stream)).data<long>());
    }

    [Fact]
    public void Frombuffer_shares_a_part_of_an_array_and_converts_only_a_copy()
    {
        float[] numbers = [1, 2, 3, 4, 5];
        var part = frombuffer(numbers, float32, count: 2, offset: 1);
        numbers[1] = 9;
        Assert.Equal([9f, 3], part.data<float>());
        Assert.Equal([9f, 3, 4, 5], frombuffer(numbers, float32, offset: 1).data<float>());
        var whole = frombuffer(numbers, int64);
        numbers[0] = 7;
        Assert.Equal([1L, 9, 3, 4, 5], whole.data<long>());
        Assert.True(frombuffer(numbers, float32, requires_grad: true).requires_grad);
        Assert.Throws<ArgumentOutOfRangeException>(() => frombuffer(numbers, float32, offset: 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => frombuffer(numbers, float32, offset: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => frombuffer(numbers, float32, count: 5, offset: 1));
    }

    [Fact]
    public void Accessors_copy_from_a_place_to_a_place()
    {
        var t = arange(5);
        long[] target = new long[4];
        t.data<long>().CopyTo(target, 1, 2);
        Assert.Equal([0, 2, 3, 4], target);
        t.data<long>().CopyFrom([7, 8, 9], 1, 3);
        Assert.Equal([0L, 1, 2, 8, 9], t.data<long>());
        Assert.Equal(8, MemoryMarshal.Cast<byte, long>(t.bytes)[3]);
    }
}
