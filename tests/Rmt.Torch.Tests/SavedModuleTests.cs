using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Rmt.Torch.Tests;

/// <summary>State of modules in files.</summary>
public sealed class SavedModuleTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    private static Several Net() => new();

    private sealed class Several : Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Linear head = Linear(3, 2);
        private readonly TorchSharp.Modules.LayerNorm norm = LayerNorm(3, dtype: bfloat16);

        internal Several() : base("net")
        {
            RegisterComponents();
            register_buffer("counts", arange(4));
            register_buffer("turned", arange(6).view(2, 3).t());
            register_buffer("nothing", zeros(0, 2));
            register_buffer("scalar", tensor(true));
        }

        public override Tensor forward(Tensor input) => head.call(norm.call(input));
    }

    [Fact]
    public void What_is_saved_is_loaded()
    {
        using var from = Net();
        using var to = Net();
        Assert.Same(from, from.save(folder["a"]));
        var loaded = new Dictionary<string, bool>();
        Assert.Same(to, to.load(folder["a"], loadedParameters: loaded));
        foreach (var (key, tensor) in from.state_dict())
        {
            Assert.True(Same.IsSame(tensor, to.state_dict()[key]), key);
            Assert.True(loaded[key]);
        }
        using var stream = new MemoryStream();
        _ = from.save(stream);
        Assert.Equal(File.ReadAllBytes(folder["a"]), stream.ToArray());
        stream.Position = 0;
        _ = to.load(stream);
    }

    [Fact]
    public void A_shorter_file_replaces_a_longer_one()
    {
        using var net = Net();
        File.WriteAllBytes(folder["a"], new byte[100_000]);
        _ = net.save(folder["a"]);
        Assert.InRange(new FileInfo(folder["a"]).Length, 1, 1000);
        _ = net.load(folder["a"]);
    }

    [Fact]
    public void Every_cut_is_noticed_and_changes_nothing()
    {
        using var from = Net();
        using var to = Net();
        using var stream = new MemoryStream();
        _ = from.save(stream);
        var before = to.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        for (var length = 0; length < stream.Length; length++)
            Assert.Throws<InvalidDataException>(() => to.load(new MemoryStream(stream.ToArray(), 0, length)));
        foreach (var (key, tensor) in before) Assert.True(Same.IsSame(tensor, to.state_dict()[key]), key);
    }

    [Fact]
    public void What_is_no_state_is_refused()
    {
        using var net = Net();
        var dice = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            var noise = new byte[dice.Next(1, 200)];
            dice.NextBytes(noise);
            var error = Record.Exception(() => net.load(new MemoryStream(noise)));
            Assert.True(error is InvalidDataException or ArgumentException, $"file {i}: {error}");
        }
    }

    [Fact]
    public void Names_and_shapes_are_those_of_the_module()
    {
        using var linear = Linear(3, 2);
        _ = linear.save(folder["a"]);
        Assert.Throws<ArgumentException>(() => Linear(3, 2, hasBias: false).load(folder["a"]));
        Assert.Throws<ArgumentException>(() => Linear(2, 3).load(folder["a"]));
        var loaded = new Dictionary<string, bool>();
        using var other = Linear(3, 2, hasBias: false);
        _ = other.load(folder["a"], strict: false, loadedParameters: loaded);
        Assert.True(Same.IsSame(linear.weight, other.weight));
        using var skipping = Linear(3, 2);
        _ = skipping.load(folder["a"], skip: ["bias"], loadedParameters: loaded);
        Assert.Equal((true, false), (loaded["weight"], loaded["bias"]));
        Assert.False(Same.IsSame(linear.bias!, skipping.bias!));
    }

    [Fact]
    public void Saving_and_loading_leave_nothing_behind()
    {
        using var net = Net();
        Leaks.None(() => net.load(net.save(folder["a"]) is null ? "" : folder["a"]));
    }
}
