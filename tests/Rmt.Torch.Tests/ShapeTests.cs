using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>Views, parts and joins of the numbers 0, 1, 2, …</summary>
public sealed class ShapeTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    private static Tensor Count(params long[] sizes) => arange(sizes.Aggregate(1L, (a, b) => a * b)).view(sizes);

    private static void Is(Tensor t, long[] shape, params long[] values)
    {
        Assert.Equal(shape, t.shape);
        Assert.Equal(values, t.data<long>().ToArray());
    }

    [Fact]
    public void A_view_is_the_same_memory_in_another_shape()
    {
        var t = Count(2, 3);
        var v = t.view(3, 2);
        v[0, 1] = tensor(9L);
        Is(t, [2, 3], 0, 9, 2, 3, 4, 5);
        Is(t.view(-1), [6], 0, 9, 2, 3, 4, 5);
        Assert.Throws<TorchException>(() => t.t().view(6));
        Is(t.t().reshape(6), [6], 0, 3, 9, 4, 2, 5);
        Assert.Equal(1, t[0, 1].storage_offset());
    }

    [Fact]
    public void Dimensions_change_places()
    {
        Is(Count(2, 3).transpose(0, 1), [3, 2], 0, 3, 1, 4, 2, 5);
        Is(Count(1, 2, 3).permute(2, 0, 1), [3, 1, 2], 0, 3, 1, 4, 2, 5);
        Is(Count(1, 2, 3).T, [3, 2, 1], 0, 3, 1, 4, 2, 5);
        Is(Count(1, 2, 3).mT, [1, 3, 2], 0, 3, 1, 4, 2, 5);
        Is(Count(2, 3).t(), [3, 2], 0, 3, 1, 4, 2, 5);
        Is(Count(3).t(), [3], 0, 1, 2);
        Is(tensor(5L).t(), [], 5);
        Assert.Throws<ArgumentException>(() => Count(1, 2, 3).t());
        Assert.False(Count(2, 3).t().is_contiguous());
        Assert.True(Count(2, 3).t().contiguous().is_contiguous());
    }

    [Fact]
    public void Dimensions_of_one_come_and_go()
    {
        Is(Count(2).unsqueeze(0), [1, 2], 0, 1);
        Is(Count(2).unsqueeze(-1), [2, 1], 0, 1);
        Is(Count(1, 2, 1).squeeze(), [2], 0, 1);
        Is(Count(1, 2, 1).squeeze(0), [2, 1], 0, 1);
        Is(Count(1, 2).expand(2, 2), [2, 2], 0, 1, 0, 1);
        Is(Count(1, 2).expand(2, -1), [2, 2], 0, 1, 0, 1);
        Is(Count(2).expand_as(Count(2, 2)), [2, 2], 0, 1, 0, 1);
        Is(Count(2, 1, 2).flatten(), [4], 0, 1, 2, 3);
        Is(Count(2, 1, 2).flatten(1), [2, 2], 0, 1, 2, 3);
        Is(Count(4).unflatten(0, 2, 2), [2, 2], 0, 1, 2, 3);
        Is(Count(1, 4).unflatten(-1, 2, -1), [1, 2, 2], 0, 1, 2, 3);
    }

    [Fact]
    public void Narrow_select_and_slice_take_a_part()
    {
        Is(Count(2, 3).narrow(1, 1, 2), [2, 2], 1, 2, 4, 5);
        Is(Count(2, 3).select(1, -1), [2], 2, 5);
        Is(Count(2, 3).slice(1, 0, 3, 2), [2, 2], 0, 2, 3, 5);
        Is(Count(5).unfold(0, 3, 2), [2, 3], 0, 1, 2, 2, 3, 4);
    }

    [Fact]
    public void Split_cuts_into_parts_of_a_size_or_of_sizes()
    {
        Assert.Equal([2, 2, 1], Count(5).split(2).Select(part => part.numel()));
        Assert.Equal([3, 1, 1], Count(5).split([3, 1, 1]).Select(part => part.numel()));
        Is(Count(2, 3).split([1, 2], -1)[1], [2, 2], 1, 2, 4, 5);
        Is(Count(2, 3).split(2, -1)[1], [2, 1], 2, 5);
        Is(Count(5).split(9)[0], [5], 0, 1, 2, 3, 4);
        Assert.Equal([0], Assert.Single(Count(0).split(3)).shape);
        Assert.Throws<TorchException>(() => Count(5).split([3, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Count(5).split(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Count(5).split(1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor(1L).split(1));
    }

    // As torch.chunk: as many parts as fit, not as many as asked for; of an empty dimension as many as asked for.
    [Fact]
    public void Chunk_makes_at_most_so_many_parts()
    {
        Assert.Equal([2, 2, 2], Count(6).chunk(3).Select(part => part.numel()));
        Assert.Equal([2, 2, 1], Count(5).chunk(3).Select(part => part.numel()));
        Assert.Equal([2, 2, 2], Count(6).chunk(4).Select(part => part.numel()));
        Assert.Equal([1, 1], Count(2).chunk(5).Select(part => part.numel()));
        Assert.Equal([0, 0, 0], Count(0).chunk(3).Select(part => part.numel()));
        Assert.Equal([2, 1], Count(2, 3).chunk(2, -1).Select(part => part.shape[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Count(5).chunk(0));
    }

    [Fact]
    public void Unbind_gives_every_slice()
    {
        var parts = Count(2, 3).unbind(1);
        Is(parts[2], [2], 2, 5);
        Assert.Equal(3, parts.Length);
        Assert.Equal(2, Count(2, 3).unbind().Length);
        Assert.Empty(Count(0, 3).unbind());
        Assert.Throws<ArgumentOutOfRangeException>(() => Count(2).unbind(1));
    }

    [Fact]
    public void Repeat_roll_and_flip()
    {
        Is(Count(2).repeat(2, 2), [2, 4], 0, 1, 0, 1, 0, 1, 0, 1);
        Is(Count(2).repeat_interleave(2), [4], 0, 0, 1, 1);
        Is(Count(2, 2).repeat_interleave(2, dim: 1), [2, 4], 0, 0, 1, 1, 2, 2, 3, 3);
        Is(Count(3).roll(1, 0), [3], 2, 0, 1);
        Is(Count(2, 3).flip(0, 1), [2, 3], 5, 4, 3, 2, 1, 0);
    }

    [Fact]
    public void Cat_joins_along_a_dimension_and_stack_along_a_new_one()
    {
        Is(cat([Count(1, 2), Count(2, 2)]), [3, 2], 0, 1, 0, 1, 2, 3);
        Is(cat([Count(2, 1), Count(2, 2)], 1), [2, 3], 0, 0, 1, 1, 2, 3);
        Is(cat([Count(0), Count(2)]), [2], 0, 1);
        Is(stack([Count(2), Count(2)]), [2, 2], 0, 1, 0, 1);
        Is(stack([Count(2), Count(2)], -1), [2, 2], 0, 0, 1, 1);
        Assert.Throws<TorchException>(() => cat([Count(1, 2), Count(1, 3)]));
        Assert.Throws<TorchException>(() => stack([Count(1), Count(2)]));
        Assert.Throws<TorchException>(() => cat(Array.Empty<Tensor>()));
        Assert.ThrowsAny<ArgumentException>(() => cat([Count(1), null!]));
        Assert.ThrowsAny<ArgumentException>(() => stack([null!, Count(1)]));
    }

    [Fact]
    public void Padding_counts_from_the_last_dimension()
    {
        Is(nn.functional.pad(Count(2, 2), [1, 0, 0, 1], value: 7), [3, 3], 7, 0, 1, 7, 2, 3, 7, 7, 7);
        Is(nn.functional.pad(Count(1, 3).to(float64), [1, 1], PaddingModes.Reflect).to(int64), [1, 5], 1, 0, 1, 2, 1);
    }

    [Fact]
    public void Casts_and_copies()
    {
        var t = tensor(new[] { 1.7f, -1.7f });
        Is(t.to(int64), [2], 1, -1);
        Is(t.@bool().@long(), [2], 1, 1);
        Assert.Equal(int32, t.@int().dtype);
        Assert.Equal(float64, t.@double().dtype);
        Assert.Equal(float16, t.half().dtype);
        Assert.Equal(bfloat16, t.bfloat16().dtype);
        Assert.Equal(float64, t.type_as(t.@double()).dtype);
        Assert.Equal(int64, t.to(Count(1)).dtype);
        var same = t.to(float32);
        var copy = t.to(float32, copy: true);
        t.zero_();
        Assert.Equal(0, same[0].item<float>());
        Assert.Equal(1.7f, copy[0].item<float>());
        Assert.Equal(1.7f, copy.clone().copy_(copy)[0].item<float>());
        var gone = Count(2);
        Is(gone.to(int64, disposeAfter: true), [2], 0, 1);
        Assert.True(gone.IsInvalid);
    }

    [Fact]
    public void A_size_is_asked_for_by_number_from_either_end()
    {
        var t = Count(2, 3);
        Assert.Equal((2L, 3L, 3L), (t.size(0), t.size(1), t.size(-1)));
        Assert.Contains("dimension 2", Assert.Throws<ArgumentOutOfRangeException>(() => t.size(2)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => t.size(-3));
        Assert.Equal("[2x3], type = Int64, device = cpu", t.ToString());
    }
}
