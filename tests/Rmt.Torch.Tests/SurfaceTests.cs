using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace Rmt.Torch.Tests;

/// <summary>Forms of TorchSharp's API that this project's sources use, each written once: without an overload this file does not compile,
/// and where another overload than the intended one is chosen, the shape tells.</summary>
public sealed class SurfaceTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly long[] sizes = [2, 3];
    private readonly Tensor a = torch.arange(6).to(float32).view(2, 3);

    public void Dispose() => scope.Dispose();

    private static void Shapes(long[] expected, params Tensor[] tensors) => Assert.All(tensors, tensor => Assert.Equal(expected, tensor.shape));

    [Fact]
    public void Creation_takes_arrays_spans_lists_and_numbers()
    {
        ReadOnlySpan<long> span = [2, 3];
        var (rows, columns) = (2L, 3);
        Shapes([2, 3], torch.zeros(sizes), torch.zeros(span), torch.zeros([2, 3]), torch.zeros(2, 3), torch.zeros(rows, columns), torch.zeros([2, 3], dtype: float32));
        Shapes([2, 3], torch.ones(sizes, float32, CPU), torch.ones([2, 3], bfloat16), torch.ones(2, 3, dtype: int64, device: CPU));
        Shapes([2, 3], torch.empty(2, 3, dtype: bfloat16), torch.empty([2, 3]), torch.rand(sizes), torch.randn(2, 3, dtype: float64, requires_grad: true));
        Shapes([2, 3], torch.full(sizes, 0.5f), torch.full([2, 3], 1, dtype: int64), torch.zeros_like(a), a.new_zeros(sizes), a.new_zeros(2, 3));
        Shapes([2], torch.zeros(2), torch.zeros(2L), torch.ones([2]), torch.randn(2));
        Shapes([1, 2, 3], torch.zeros(1, 2, 3), torch.zeros(1L, 2L, 3L));
        Shapes([1, 1, 2, 3], torch.zeros(1, 1, 2, 3), torch.rand(1, 1, 2, 3));
        Shapes([2, 3], torch.full(2, 3, 1f), torch.full(2L, 3L, 1));
        Shapes([2], torch.full(2, 0.5), torch.full(2L, 1));
        Shapes([5], torch.arange(5), torch.arange(0, 5, dtype: int64), torch.arange(0, 10, 2), torch.arange(0.0, 5.0, 1.0, dtype: float64), torch.randperm(5));
    }

    [Fact]
    public void Data_comes_as_arrays_with_and_without_a_shape()
    {
        Shapes([6], torch.tensor(new long[] { 1, 2, 3, 4, 5, 6 }), torch.tensor(new[] { 1f, 2, 3, 4, 5, 6 }, dtype: float64));
        Shapes([2, 3], torch.tensor(new long[] { 1, 2, 3, 4, 5, 6 }, sizes), torch.tensor(new long[] { 1, 2, 3, 4, 5, 6 }, [2, 3]), torch.tensor(new bool[6], [2, 3], device: CPU));
        Shapes([], torch.tensor(1f), torch.tensor(1L, dtype: int32), torch.tensor(true), torch.tensor(1.0, requires_grad: true));
        Shapes([2], torch.tensor(new List<long> { 1, 2 }), torch.as_tensor(new[] { 1.0, 2.0 }), torch.from_array(new[] { 1, 2 }));
        Shapes([2, 1], torch.tensor(new float[] { 1, 2 }.AsMemory(), [2, 1]));
    }

    [Fact]
    public void Shapes_change_by_numbers_arrays_and_lists()
    {
        Shapes([3, 2], a.view(3, 2), a.view([3, 2]), a.reshape(3, -1), a.reshape([3, 2]), a.permute(1, 0), a.permute([1, 0]), a.transpose(0, 1), a.transpose(-1, -2), a.t(), a.T, a.mT);
        ReadOnlySpan<long> span = [4, 2, 3];
        Shapes([4, 2, 3], a.expand(span), a.expand(span, true), a.expand(new Size(span.ToArray())), a.expand((4, 2, 3)),
            a.expand([4, 2, 3]), a.expand(4, -1, -1), a.unsqueeze(0).expand(4, 2, 3), a.repeat(4, 1, 1));
        Shapes([2, 3], a.view(sizes), a.expand(-1, -1), a.flip(0), a.flip([0, 1]), a.contiguous(), a.clone(), a.alias(), a.detach(), a.roll(1, 0), a.roll(1), a.roll((1, 1), (0, 1)), a.H.H);
        Shapes([6], a.flatten(), a.reshape(6), a.view(-1), a.flatten(0, -1));
        Shapes([2, 3, 1], a.unflatten(1, 3, 1), a.unsqueeze(-1), a[TensorIndex.Ellipsis, TensorIndex.None]);
        Shapes([1, 3], a.split(1)[0], a.split([1, 1], 0)[1], a.chunk(2)[0], a.split(1, dim: 0)[1], a[0..1], a.narrow(0, 1, 1), a.slice(0, 0, 1, 1));
        Shapes([3], a[0], a[^1], a.select(0, 1), a.unbind()[0], a.unbind(0)[1], a.squeeze()[0]);
        Shapes([4, 3], torch.cat([a, a], 0), torch.cat(new[] { a, a }), torch.cat(new List<Tensor> { a, a }, dim: 0));
        Shapes([2, 2, 3], torch.stack([a, a]), torch.stack(new[] { a, a }, dim: 0), torch.stack(new List<Tensor> { a, a }.Select(t => t)));
        Shapes([2, 5], F.pad(a, [1, 1]), F.pad(a, [2, 0], value: 1), F.pad(a, (0, 2)), F.pad(a, (1, 1, 0, 0)));
        Shapes([4, 5], F.pad(a, 1));
    }

    [Fact]
    public void Reductions_take_one_dimension_or_several()
    {
        Shapes([3], a.sum([0]), a.sum(0), torch.sum(a, 0), a.mean([0]), a.std([0]), a.var([0]), a.amax(0), a.amax([0]), a.amin(0), a.max(0).values, a.argmax(0), a.logsumexp(0));
        Shapes([3], a.std(0), a.var(0), a.std(0, unbiased: false, keepdim: false, type: float64), torch.where(a > 2)[0]);
        Shapes([1, 3], a.sum([0], keepdim: true), a.sum(0, keepdim: true), a.mean([0], true), a.std([0], unbiased: false, keepdim: true), a.amax([0], keepdim: true), a.max(0, keepdim: true).indexes);
        Shapes([], a.sum(), a.mean(), a.mean([0, 1]), a.max(), a.min(), a.norm(), a.argmax(), a.std(), torch.sum(a), torch.mean(a), a.amax(), a.sum(float64));
        var (values, indexes) = a.topk(1);
        Shapes([2, 1], values, indexes, a.topk(1, dim: 1, largest: false).values);
        Shapes([2, 3], a.softmax(-1), a.softmax(1, float64), torch.softmax(a, 1), F.softmax(a, -1), a.log_softmax(1), F.log_softmax(a, 1), a.cumsum(0));
    }

    [Fact]
    public void Operators_take_tensors_and_numbers()
    {
        Shapes([2, 3], a + a, a - 1, 1 - a, 2L * a, a * 0.5, 0.5f * a, a / 2, 1.0 / (a + 1e-6), -a, a % 2, a.pow(2), a.add(1), a.sub(a), a.mul(2.0), a.div(3f), a.add(a, 2));
        Shapes([2, 3], a == a.T.T, a != 1, a > 0, a >= 0.5, a < a.T.T, a <= 2L, a.eq(0), a.ne(a), a.gt(1), a.lt(1f), ~(a > 0), (a > 0) & (a < 2), (a > 0) | (a < 2), (a > 0).logical_and(a < 2), (a > 0).logical_not());
        Shapes([2, 3], a.clamp(min: 0), a.clamp(0, 1), a.clamp(max: 2.5), a.masked_fill(a > 0, float.NegativeInfinity), a.masked_fill(a > 0, 0), torch.where(a > 0, a, -a), a.abs().sqrt(), a.exp().log(), a.tanh(), a.erf(), a.gelu(), F.gelu(a));
        Shapes([2, 2], a.matmul(a.t()), a.mm(a.t()), torch.matmul(a, a.T), torch.einsum("ij,kj->ik", a, a));
        Tensor implicitly = 2.5f;
        Shapes([], implicitly, a[0, 1], a[^1, ^1], a[1].sum());
        Shapes([3], (Tensor)new[] { 1f, 2f, 3f });
        Tensor[] small = [(byte)1, (sbyte)1, (short)1, new byte[] { 1 }, new sbyte[] { 1 }, new short[] { 1 }, new[] { true }];
        Assert.Equal([uint8, int8, int16, uint8, int8, int16, @bool], small.Select(t => t.dtype));
    }

    [Fact]
    public void Indexes_mix_and_can_be_assigned()
    {
        Shapes([2], a[.., 1], a[TensorIndex.Colon, 0], a[.., ^1], a[TensorIndex.Ellipsis, 1]);
        Shapes([2, 2], a[.., 1..], a[.., ..^1], a[.., 0..2], a[TensorIndex.Slice(), TensorIndex.Slice(0, 2)], a[TensorIndex.Slice(0, null), TensorIndex.Slice(null, null, 2)]);
        Shapes([1, 3], a[0..1, ..], a[a[.., 1] > 2], a[torch.tensor(new long[] { 1 })]);
        a[0] = torch.ones(3);
        a[.., 0] = 2.0f;
        a[1, 2] = torch.tensor(5f);
        a[1, 0..2] = torch.zeros(2);
        Assert.Equal([2f, 1, 1, 0, 0, 5], a.data<float>().ToArray());
    }

    [Fact]
    public void Conversions_name_types_and_devices_in_several_ways()
    {
        Assert.All([a.to(float64), a.to(float64, CPU), a.@double(), a.to_type(float64)], t => Assert.Equal(float64, t.dtype));
        Assert.All([a.to(CPU), a.to("cpu"), a.to(DeviceType.CPU), a.cpu(), a.to(a), a.to(float32, copy: true), a.to(CPU, non_blocking: true)], t => Assert.Equal(float32, t.dtype));
        Assert.True(a is { is_cuda: false, requires_grad: false, device_type: DeviceType.CPU, device_index: -1, name: null });
        Assert.NotEqual(IntPtr.Zero, a.Handle);
        Assert.Equal((2L, 6L, 2L), (a.ndim, a.numel(), a.dim()));
        Assert.Equal([2, 3], a.size());
        Tensor nothing = null!;
        Assert.True(nothing is null);
    }

    [Fact]
    public void Layers_are_made_by_functions_of_their_names()
    {
        Parameter weight = Parameter(torch.ones(2, 3));
        Linear linear = Linear(weight), other = Linear(3, 2, hasBias: false, device: CPU, dtype: float32);
        Embedding table = Embedding(4, 3, padding_idx: 0), given = Embedding_from_pretrained(torch.ones(4, 3), freeze: true);
        LayerNorm norm = LayerNorm(3), exact = LayerNorm([3], 1e-12), plain = LayerNorm(3, eps: 1e-5, elementwise_affine: false);
        Dropout dropout = Dropout(0.1);
        Sequential named = Sequential(("a", linear), ("b", Tanh())), numbered = Sequential(other, GELU(), Identity(), ReLU());
        ModuleList<Module<Tensor, Tensor>> list = ModuleList<Module<Tensor, Tensor>>(Linear(1, 1), dropout);
        Shapes([2, 2], linear.call(a), other.forward(a), named.call(a), numbered.call(a), F.linear(a, weight, null), F.linear(a, weight));
        Shapes([2, 3], norm.call(a), exact.call(a), plain.call(a), dropout.call(a), F.dropout(a, 0.5, training: false), F.layer_norm(a, [3], norm.weight, norm.bias, 1e-12));
        Shapes([1, 3], table.call(torch.tensor(new long[] { 1 })), given.call(torch.tensor(new[] { 1 })));
        Shapes([1, 2, 3, 4], F.scaled_dot_product_attention(torch.ones(1, 2, 3, 4), torch.ones(1, 2, 5, 4), torch.ones(1, 2, 5, 4), attn_mask: null, p: 0.0, is_casual: false));
        Shapes([], F.cross_entropy(a, torch.tensor(new long[] { 0, 2 })), F.nll_loss(a, torch.tensor(new long[] { 0, 2 })), F.mse_loss(a, a), F.binary_cross_entropy_with_logits(a, a), CrossEntropyLoss(ignore_index: -1).call(a, torch.tensor(new long[] { 0, 2 })));
        Assert.Equal(2, list.Count);
    }
}
