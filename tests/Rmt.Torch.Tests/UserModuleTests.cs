using Rmt.Testing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Rmt.Torch.Tests;

/// <summary>What users' own modules need beside the layers.</summary>
public sealed class UserModuleTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Modules_can_be_kept_by_name()
    {
        using var heads = ModuleDict<Module<Tensor, Tensor>>(("sentiment", Linear(2, 3)), ("topic", Identity()));
        heads.Add("third", Linear(2, 1, hasBias: false));
        Assert.Equal(["sentiment.weight", "sentiment.bias", "third.weight"], heads.named_parameters().Select(entry => entry.name));
        Assert.Equal(["sentiment", "topic", "third"], heads.keys());
        Assert.Equal(heads.Values, heads.Select(entry => entry.Item2));
        Assert.Equal([1, 3], heads["sentiment"].call(ones(1, 2)).shape);
        Assert.True(heads.TryGetValue("topic", out var topic) && topic is Identity && !heads.ContainsKey("none"));
        Assert.Throws<ArgumentException>(() => heads.Add("topic", Identity()));
        Assert.Throws<KeyNotFoundException>(() => heads["none"]);
    }

    [Fact]
    public void First_weights_have_the_spread_their_authors_give()
    {
        random.manual_seed(1);
        static double Bound(Tensor t) => t.abs().max().item<float>();
        Assert.InRange(Bound(init.xavier_uniform_(empty(100, 50))), 0.98 * Math.Sqrt(6.0 / 150), Math.Sqrt(6.0 / 150));
        Assert.InRange(Bound(init.xavier_uniform_(empty(100, 50), gain: 2)), 0.98 * 2 * Math.Sqrt(6.0 / 150), 2 * Math.Sqrt(6.0 / 150));
        Assert.InRange(Bound(init.kaiming_uniform_(empty(100, 50))), 0.98 * Math.Sqrt(6.0 / 50), Math.Sqrt(6.0 / 50));
        Assert.InRange(Bound(init.kaiming_uniform_(empty(100, 50), mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.Linear)), 0.98 * Math.Sqrt(3.0 / 100), Math.Sqrt(3.0 / 100));
        Assert.Equal(5.0 / 3, init.calculate_gain(init.NonlinearityType.Tanh));
        Assert.Throws<ArgumentException>(() => init.xavier_uniform_(empty(3)));
    }

    [Fact]
    public void A_tensor_goes_through_a_stream()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        using var reader = new BinaryReader(stream);
        var (a, b) = (randn(2, 3), arange(4));
        a.T.Save(writer);
        b.Save(writer);
        stream.Position = 0;
        var (x, y) = (zeros(3, 2, requires_grad: true), zeros(4, dtype: int64));
        x.Load(reader);
        y.Load(reader);
        Assert.True(x.IsSame(a.T) && y.IsSame(b));
        stream.Position = 0;
        Assert.Throws<ArgumentException>(() => y.Load(reader));
        y.zero_().Load(reader);
        Assert.True(y.IsSame(b));
        stream.Position = 0;
        y.Load(reader, skip: true);
        Assert.Throws<ArgumentException>(() => x.Load(reader));
    }

    [Fact]
    public void A_native_tensor_can_be_handed_over_and_taken_back()
    {
        Leaks.None(() =>
        {
            var tensor = ones(3);
            var address = tensor.DecoupleFromNativeHandle();
            Assert.True(tensor.IsInvalid);
            Assert.Throws<ObjectDisposedException>(() => tensor.Handle);
            tensor.Dispose();
            using var again = Tensor.UnsafeCreateTensor(address);
            using var sum = again.sum();
            Assert.Equal(3, sum.item<float>());
        });
    }
}
