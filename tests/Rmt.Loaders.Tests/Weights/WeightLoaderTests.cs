using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Loaders.Tests;

public sealed class WeightLoaderTests : IDisposable
{
    private readonly TempFolder temp = new();
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        temp.Dispose();
    }

    [Theory]
    [InlineData(Dtype.F32, ScalarType.Float32), InlineData(Dtype.F16, ScalarType.Float32), InlineData(Dtype.BF16, ScalarType.Float32), InlineData(Dtype.F64, ScalarType.Float32)]
    [InlineData(Dtype.F16, ScalarType.Float64), InlineData(Dtype.F32, ScalarType.BFloat16), InlineData(Dtype.BF16, ScalarType.BFloat16)]
    public void Values_take_the_type_of_the_parameter(Dtype stored, ScalarType wanted)
    {
        float[] values = [1, -2, 0.5f, 0, 96, -0.375f];   // exact in all four
        using var source = tensor(values).reshape(2, 3).to(TensorReader.TypeOf(stored));
        using var weights = Save(new TensorSource("a.weight", stored, [2, 3], stream => stream.Write(source.bytes)));
        using var target = zeros(2, 3).to(wanted);
        var report = WeightLoader.Load(new Dictionary<string, Tensor> { ["a.weight"] = target }, weights, name => name).RequireComplete();
        Assert.Equal(["a.weight"], report.Loaded);
        Assert.Equal(wanted, target.dtype);
        Assert.Equal(values, target.to(ScalarType.Float32).data<float>().ToArray());
    }

    [Fact]
    public void A_module_is_filled_without_a_trace_in_autograd()
    {
        using var module = nn.Linear(2, 1);
        using var weights = Save(Floats("m.weight", [1, 2], 3, 4), Floats("m.bias", [1], 5));
        _ = WeightLoader.Load(module, weights, WeightMap.For(["m.weight", "m.bias"], "m.")).RequireComplete();
        Assert.Equal([3, 4], module.weight!.data<float>().ToArray());
        Assert.Equal([5], module.bias!.data<float>().ToArray());
        Assert.True(module.weight.requires_grad);
        Assert.True(module.weight.is_leaf);
    }

    [Fact]
    public void One_exception_names_all_that_does_not_fit_and_nothing_was_copied_there()
    {
        using var module = nn.Linear(2, 1);
        var bias = module.bias!.data<float>().ToArray();
        using var weights = Save(Floats("weight", [2, 1], 3, 4), Floats("stray", [1], 5));
        var report = WeightLoader.Load(module, weights, WeightMap.For([], "m."));
        Assert.Equal((0, 1, 1, 1), (report.Loaded.Count, report.Missing.Count, report.Unexpected.Count, report.MisShaped.Count));
        Assert.Equal($"{weights.Path}: does not fit the model that config.json describes. tensor 'weight' is [2, 1], the configuration needs [1, 2]. 1 parameters are missing: 'bias'. 1 tensors belong to no parameter: 'stray'.",
            Assert.Throws<LoadException>(() => report.RequireComplete()).Message);
        Assert.Equal(bias, module.bias.data<float>().ToArray());
    }

    [Fact]
    public void Of_many_problems_the_first_ten_are_named_and_all_counted()
    {
        var report = new LoadReport("f", [], [.. Enumerable.Range(0, 25).Select(i => $"p{i}")], [.. Enumerable.Range(0, 12).Select(i => $"u{i}")],
            [.. Enumerable.Range(0, 11).Select(i => new Misfit($"p{i}", $"f{i}", $"s{i}"))]);
        var message = Assert.Throws<LoadException>(() => report.RequireComplete()).Message;
        Assert.Contains("s8; s9; and 1 more. 25 parameters are missing: 'p0', 'p1'", message);
        Assert.Contains("'p9' and 15 more. 12 tensors belong to no parameter: 'u0'", message);
        Assert.EndsWith("'u9' and 2 more.", message);
    }

    [Fact]
    public void What_may_be_missing_may_be_missing()
    {
        var report = new LoadReport("f", [], ["pooler.dense.weight", "pooler.dense.bias", "memory"], [], []);
        Assert.Same(report, report.RequireComplete("pooler.", "memory"));
        Assert.Contains("1 parameters are missing: 'memory'", Assert.Throws<LoadException>(() => report.RequireComplete("pooler.", "mem")).Message);
    }

    [Fact]
    public void Whole_numbers_do_not_become_weights()
    {
        using var target = zeros(1);
        using var weights = Save(new TensorSource("a", Dtype.I32, [1], stream => stream.Write(new byte[4])));
        Assert.Contains("tensor 'a' holds I32, needed are real numbers", Assert.Throws<LoadException>(() => Load(weights, target, name => name)).Message);
    }

    [Fact]
    public void Two_tensors_for_one_parameter_are_refused()
    {
        using var target = zeros(1);
        using var weights = Save(Floats("bert.a", [1], 1), Floats("a", [1], 2));
        Assert.Contains("are both meant for a", Assert.Throws<LoadException>(() => Load(weights, target, WeightMap.For(["bert.a", "a"], "bert.").Parameter)).Message);
    }

    [Fact]
    public void A_load_that_fails_halfway_leaves_no_live_tensor()
    {
        using var weights = Save(Floats("a", [1], 1), new TensorSource("b", Dtype.F16, [50_000], stream => stream.Write(new byte[100_000])));
        using var a = zeros(1);
        using var b = zeros(50_000);
        using (var cut = new FileStream(weights.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            cut.SetLength(1000);
        var live = Leaks.Baseline();
        Assert.Throws<LoadException>(() => WeightLoader.Load(new Dictionary<string, Tensor> { ["a"] = a, ["b"] = b }, weights, name => name));
        Assert.Throws<LoadException>(() => weights.Read("b"));
        Leaks.Same(live);
    }

    [Fact]
    public void Every_type_and_shape_is_read_as_it_was_written()
    {
        foreach (var dtype in Enum.GetValues<Dtype>())
        {
            var bytes = Enumerable.Range(0, 6 * dtype.ItemSize()).Select(i => (byte)(i % 2)).ToArray();
            using var weights = Save(new TensorSource("t", dtype, [3, 1, 2], stream => stream.Write(bytes)), new("none", dtype, [2, 0], _ => { }), new("one", dtype, [], stream => stream.Write(bytes.AsSpan(0, dtype.ItemSize()))));
            using var read = weights.Read("t");
            Assert.Equal(TensorReader.TypeOf(dtype), read.dtype);
            Assert.Equal([3, 1, 2], read.shape);
            Assert.Equal(bytes, read.bytes.ToArray());
            Assert.Equal([2, 0], weights.Read("none").shape);
            Assert.Empty(weights.Read("one").shape);
        }
    }

    private Checkpoint Save(params TensorSource[] tensors)
    {
        SafetensorsWriter.Write(temp["model.safetensors"], tensors);
        return Checkpoint.Open(temp["model.safetensors"]);
    }

    private static void Load(Checkpoint weights, Tensor target, Func<string, string?> nameOf)
        => WeightLoader.Load(new Dictionary<string, Tensor> { ["a"] = target }, weights, nameOf).RequireComplete();

    private static TensorSource Floats(string name, IReadOnlyList<long> shape, params float[] values)
        => new(name, Dtype.F32, shape, stream => stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan())));
}
