using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Loaders.Tests.Weights;

public sealed class TensorWriterTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    public static TheoryData<ScalarType, Dtype> Types => new()
    {
        { ScalarType.Float64, Dtype.F64 }, { ScalarType.Float32, Dtype.F32 }, { ScalarType.Float16, Dtype.F16 }, { ScalarType.BFloat16, Dtype.BF16 },
        { ScalarType.Int64, Dtype.I64 }, { ScalarType.Int32, Dtype.I32 }, { ScalarType.Int16, Dtype.I16 }, { ScalarType.Int8, Dtype.I8 },
        { ScalarType.Byte, Dtype.U8 }, { ScalarType.Bool, Dtype.BOOL },
    };

    [Theory, MemberData(nameof(Types))]
    public void Every_type_of_the_format_comes_back_as_it_was_written(ScalarType type, Dtype dtype)
    {
        var written = arange(6).view(2, 3).to(type);
        TensorWriter.Write(folder["x"], [("w", written)]);
        using var file = Checkpoint.Open(folder["x"]);
        Assert.Equal(dtype, Assert.Single(file.Entries).Dtype);
        var read = file.Read("w");
        Assert.Equal(type, read.dtype);
        Assert.Equal([2L, 3], read.shape);
        Assert.Equal(written.bytes.ToArray(), read.bytes.ToArray());
    }

    [Fact]
    public void Items_stand_row_by_row_however_the_tensor_lies_in_memory()
    {
        var rows = arange(6).view(2, 3).to(float32);
        TensorWriter.Write(folder["x"], [("transposed", rows.t()), ("part", rows.narrow(1, 1, 1)), ("scalar", tensor(7f)), ("none", zeros([0, 3]))]);
        using var file = Checkpoint.Open(folder["x"]);
        Assert.Equal([0f, 3, 1, 4, 2, 5], file.Read("transposed").data<float>().ToArray());
        Assert.Equal([1f, 4], file.Read("part").data<float>().ToArray());
        Assert.Equal([], file.Read("scalar").shape);
        Assert.Equal([0L, 3], file.Read("none").shape);
    }

    [Fact]
    public void The_file_says_that_it_is_from_torch_unless_told_otherwise()
    {
        TensorWriter.Write(folder["x"], []);
        TensorWriter.Write(folder["y"], [], new Dictionary<string, string> { ["of"] = "a trace" });
        using var x = SafetensorsFile.Open(folder["x"]);
        using var y = SafetensorsFile.Open(folder["y"]);
        Assert.Equal([new("format", "pt")], x.Header.Metadata);
        Assert.Equal([new("of", "a trace")], y.Header.Metadata);
    }

    [Fact]
    public void A_type_that_the_format_lacks_is_refused_and_leaves_no_file()
    {
        _ = Assert.Throws<NotSupportedException>(() => TensorWriter.Write(folder["x"], [("w", zeros([1], ScalarType.ComplexFloat32))]));
        Assert.False(File.Exists(folder["x"]));
    }
}
