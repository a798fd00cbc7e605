using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Rmt.Torch.Tests;

/// <summary>The fused steps of a layer that reads are the steps they stand for, nearer to float64 than those in the same type, on every device.</summary>
public sealed class FusedReadingTests : IDisposable
{
    private const double Eps = 1e-5;

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable mode = no_grad();

    public void Dispose()
    {
        mode.Dispose();
        scope.Dispose();
    }

    public static TheoryData<int, int, ScalarType, string> Shapes => new(
        from shape in new[] { (1, 8), (7, 40), (37, 768), (33, 1000), (5, 1024), (3, 2048), (2500, 256) }
        from type in new[] { float32, bfloat16, float16 }
        from device in DeviceKinds.All
        where device == "cuda" || type != float16           // libtorch 1.13 has no products in it on a CPU
        select (shape.Item1, shape.Item2, type, device));

    public static TheoryData<string> EveryDevice => new(DeviceKinds.All);

    private static Tensor Drawn(Device device, ScalarType type, double scale, double mean, params long[] shape) => (randn(shape) * scale + mean).to(type).to(device);

    // What is written is rounded once: half a step of its type away.
    private static double Rounded(ScalarType type, double largest) => largest * (type == float32 ? 1e-5 : type == bfloat16 ? 1.0 / 256 : 1.0 / 2048);

    [Theory, MemberData(nameof(Shapes))]
    public void Bias_residual_and_norm_are_those_of_float64_rounded_once(int rows, int width, ScalarType type, string name)
    {
        var device = new Device(name);
        _ = manual_seed(3);
        var (product, residual) = (Drawn(device, type, 1, 0, 2, rows, width), Drawn(device, type, 1, 0, 2, rows + 3, width));
        var (bias, gamma, beta) = (Drawn(device, type, 0.3, 0, width), Drawn(device, type, 0.2, 1, width), Drawn(device, type, 0.2, 0, width));
        foreach (var beside in new[] { residual[.., ..rows], residual[.., ..rows].contiguous() })
        {
            var expected = F.layer_norm(product.to(float64) + bias.to(float64) + beside.to(float64), [width], gamma.to(float64), beta.to(float64), Eps);
            Near.Equal(expected, FusedReading.AddNorm(product, bias, beside, gamma, beta, Eps), Rounded(type, 6), "norm");
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Memory_stands_in_its_place_among_words_positions_are_added_and_the_norm_taken(int rows, int width, ScalarType type, string name)
    {
        var device = new Device(name);
        _ = manual_seed(4);
        var length = Math.Min(rows, 50) + 5;
        var ids = randint(0, 31, [2, length], int64).to(device);
        var (words, positions, kind, memory) = (Drawn(device, type, 1, 0, 31, width), Drawn(device, type, 0.5, 0, length, width), Drawn(device, type, 0.5, 0, width), Drawn(device, type, 1, 0, 2, 3, width));
        var (gamma, beta) = (Drawn(device, type, 0.2, 1, width), Drawn(device, type, 0.2, 0, width));
        var source = words.index_select(0, ids.flatten()).reshape(2, length, width).to(float64);
        source = cat([source[.., ..1], memory.to(float64), source[.., 4..]], 1);
        var expected = F.layer_norm(source + positions.to(float64) + kind.to(float64), [width], gamma.to(float64), beta.to(float64), Eps);
        Near.Equal(expected, FusedReading.EmbedNorm(ids, words, positions, kind, memory, 1, gamma, beta, Eps), Rounded(type, 6), "embedding");
    }

    // On a device nobody can be told at the time: what is read is no number, instead of what lies behind the table.
    [Theory, MemberData(nameof(EveryDevice))]
    public void An_id_that_is_no_row_is_refused_or_no_number(string name)
    {
        var device = new Device(name);
        var type = name == "cuda" ? bfloat16 : float32;
        var row = ones(8, type).to(device);
        Tensor Read(long id) => FusedReading.EmbedNorm(tensor(new[] { 3, 0, id }, [1, 3]).to(device), ones([4, 8], type).to(device), ones([3, 8], type).to(device), null, ones([1, 1, 8], type).to(device), 1, row, row, Eps);
        Assert.True(Read(3).isfinite().all().item<bool>());
        foreach (var id in new[] { 4L, -1, long.MaxValue / 8 })
        {
            if (name == "cuda") Assert.Equal([true, true, false], Read(id).to(float32).isfinite().all(-1).flatten().cpu().data<bool>().ToArray());
            else _ = Assert.ThrowsAny<System.Runtime.InteropServices.ExternalException>(() => Read(id));
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void A_product_and_its_gelu_are_those_of_float64_but_for_rounding(int rows, int width, ScalarType type, string name)
    {
        var device = new Device(name);
        _ = manual_seed(5);
        var (x, weight, bias) = (Drawn(device, type, 1, 0, 2, rows, width), Drawn(device, type, 1 / Math.Sqrt(width), 0, 4 * width, width), Drawn(device, type, 0.3, 0, 4 * width));
        var product = F.linear(x.to(float64), weight.to(float64), bias.to(float64));
        Near.Equal(F.gelu(product), FusedReading.LinearGelu(x, weight, bias), Rounded(type, 12), "erf");
        var tanh = product * 0.5 * ((product + product.pow(3) * 0.044715).mul(Math.Sqrt(2 / Math.PI)).tanh() + 1);
        Near.Equal(tanh, FusedReading.LinearGelu(x, weight, bias, tanh: true), Rounded(type, 12), "tanh");
    }

    [Theory, MemberData(nameof(EveryDevice))]
    public void Rows_are_read_where_they_lie_and_written_back_there(string name)
    {
        var device = new Device(name);
        _ = manual_seed(6);
        var lying = Enumerable.Range(0, 5).Select(_ => Drawn(device, bfloat16, 1, 0, 4, 16)).ToArray();
        var addresses = tensor(RowsInPlace.Addresses(lying)).to(device);
        var read = RowsInPlace.Read(addresses, [4, 16], bfloat16);
        Near.Equal(stack(lying), read, 0, "read");
        var hidden = Drawn(device, bfloat16, 1, 0, 5, 9, 16);
        RowsInPlace.Write(addresses, hidden[.., 1..5]);
        for (var i = 0; i < lying.Length; i++) Near.Equal(hidden[i, 1..5], lying[i], 0, $"written {i}");
        var error = Assert.Throws<TorchException>(() => RowsInPlace.Addresses([lying[0].transpose(0, 1)]));
        Assert.Contains("one run", error.Message, StringComparison.Ordinal);
    }

    // Kernels are started by the number of rows and of columns, and dividing by none of them ended the process.
    [Theory, MemberData(nameof(EveryDevice))]
    public void Of_no_rows_there_are_none_and_rows_of_no_numbers_are_refused_and_named(string name)
    {
        var device = new Device(name);
        foreach (var type in new[] { float32, bfloat16 })
        {
            Tensor Zeros(params long[] shape) => zeros(shape, type, device);
            var row = Zeros(8);
            Assert.Equal([2, 0, 8], FusedReading.AddNorm(Zeros(2, 0, 8), row, Zeros(2, 0, 8), row, row, Eps).shape);
            Assert.Equal([0, 3, 8], FusedReading.EmbedNorm(zeros([0, 3], int64, device), Zeros(4, 8), Zeros(3, 8), row, Zeros(0, 1, 8), 1, row, row, Eps).shape);
            foreach (var tanh in new[] { false, true }) Assert.Equal([2, 0, 16], FusedReading.LinearGelu(Zeros(2, 0, 8), Zeros(16, 8), Zeros(16), tanh).shape);
            var none = Zeros(0);
            foreach (var (what, refused) in new (string, Action)[]
                     {
                         ("add_norm", () => FusedReading.AddNorm(Zeros(2, 0), none, Zeros(2, 0), none, none, Eps)),
                         ("embed_norm", () => FusedReading.EmbedNorm(zeros([2, 3], int64, device), Zeros(4, 0), Zeros(3, 0), none, Zeros(2, 1, 0), 1, none, none, Eps)),
                         ("linear_gelu", () => FusedReading.LinearGelu(Zeros(2, 0), Zeros(16, 0), Zeros(16))),
                         ("linear_gelu", () => FusedReading.LinearGelu(Zeros(2, 8), Zeros(0, 8), none)),
                     })
                Assert.StartsWith(what, Assert.Throws<TorchException>(refused).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_does_not_go_together_is_refused_and_named()
    {
        var row = ones(8);
        Assert.Contains("add_norm", Assert.Throws<TorchException>(() => FusedReading.AddNorm(ones(2, 8), row, ones(3, 8), row, row, Eps)).Message, StringComparison.Ordinal);
        Assert.Contains("place within the window", Assert.Throws<TorchException>(() =>
            FusedReading.EmbedNorm(zeros([1, 3], int64), ones(4, 8), ones(3, 8), row, ones(1, 3, 8), 1, row, row, Eps)).Message, StringComparison.Ordinal);
        Assert.Contains("linear_gelu", Assert.Throws<TorchException>(() => FusedReading.LinearGelu(ones(2, 8), ones(4, 7), ones(4))).Message, StringComparison.Ordinal);
        // A kernel would have read the numbers of another type, or those between two of the bias.
        foreach (var bias in new[] { ones(4, dtype: float64), ones(4, 2)[.., 0] })
            Assert.Contains("is one row", Assert.Throws<TorchException>(() => FusedReading.LinearGelu(ones(2, 8), ones(4, 8), bias)).Message, StringComparison.Ordinal);
    }
}
