using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

public sealed class ErrorTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void A_shape_error_is_an_exception_and_not_an_abort()
    {
        var error = Assert.Throws<TorchException>(() => ones(2, 3).matmul(ones(2, 3)));
        Assert.Equal("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", error.Message.Split('\n')[0]);
        Assert.Throws<TorchException>(() => ones(2, 3).add(ones(3, 3)));
        Assert.Throws<TorchException>(() => ones(2, 3).mm(ones(2, 3)));
        Assert.Throws<TorchException>(() => ones(2, 3).bmm(ones(2, 3)));
        Assert.Throws<TorchException>(() => nn.functional.linear(ones(2, 3), ones(2, 2)));
        Assert.Throws<TorchException>(() => nn.functional.layer_norm(ones(2, 3), [4]));
        Assert.Throws<TorchException>(() => nn.functional.scaled_dot_product_attention(ones(1, 2, 3), ones(1, 2, 4), ones(1, 2, 3)));
        Assert.Throws<TorchException>(() => nn.functional.cross_entropy(ones(2, 3), ones(4, dtype: int64)));
        Assert.Throws<TorchException>(() => einsum("ij,jk", ones(2, 3), ones(2, 3)));
        Assert.Throws<TorchException>(() => ones(2).reshape(3));
        Assert.Throws<TorchException>(() => ones(2).expand(3));
    }

    [Fact]
    public void Wrong_types_and_values_are_exceptions_too()
    {
        Assert.Throws<TorchException>(() => ones(2, dtype: int64).mean());
        Assert.Throws<TorchException>(() => ones(2, dtype: int64).requires_grad_());
        Assert.Throws<TorchException>(() => nn.functional.cross_entropy(ones(1, 3), tensor(new long[] { 3 })));
        Assert.Throws<TorchException>(() => nn.functional.one_hot(tensor(new long[] { -1 })));
        Assert.Throws<TorchException>(() => nn.functional.dropout(ones(2), p: 1.5));
        Assert.Throws<TorchException>(() => ones(2).backward());
        Assert.Throws<TorchException>(() => zeros(2).multinomial(1));
        Assert.Throws<TorchException>(() => new Generator().set_state(zeros(3)));
    }

    [Fact]
    public void One_catch_serves_this_binding_and_the_package() =>
        Assert.IsType<ExternalException>(Assert.ThrowsAny<ExternalException>(() => ones(2).view(3)), exactMatch: false);

    [Fact]
    public void Too_little_memory_has_a_type_of_its_own()
    {
        var error = Assert.Throws<TorchOutOfMemoryException>(() => zeros(1L << 50));
        Assert.Contains("memory", error.Message.Split('\n')[0]);
        Assert.Throws<TorchException>(() => zeros(1L << 62, 1L << 62));
    }

    [Fact]
    public void A_freed_tensor_says_so()
    {
        var t = ones(1);
        t.Dispose();
        t.Dispose();
        Assert.True(t.IsInvalid);
        Assert.Equal("[freed]", t.ToString());
        Assert.Throws<ObjectDisposedException>(() => t.Handle);
        Assert.Throws<ObjectDisposedException>(() => t.shape);
        Assert.Throws<ObjectDisposedException>(() => t + 1);
        Assert.Throws<ObjectDisposedException>(() => ones(1) + t);
        Assert.Throws<ObjectDisposedException>(() => cat([ones(1), t]));
        Assert.Throws<ObjectDisposedException>(() => t[0]);
        Assert.Throws<ObjectDisposedException>(() => ones(3)[t]);
        Assert.Throws<ObjectDisposedException>(() => nn.functional.linear(ones(1), ones(1, 1), t));
    }

    // What a sparse gradient answers differs between versions of libtorch; some throw where a dense tensor just answers.
    [Fact]
    public void Facts_of_a_sparse_tensor_are_an_answer_or_an_exception_and_never_an_abort()
    {
        var table = nn.Embedding(4, 2, sparse: true);
        table.call(tensor(new long[] { 1 })).sum().backward();
        var gradient = table.weight.grad!;
        Assert.Equal([4, 2], gradient.shape);
        Action[] questions = [() => gradient.stride(), () => gradient.storage_offset(), () => gradient.is_contiguous(), () => gradient.view(8), () => gradient.is_pinned()];
        foreach (var question in questions)
            Assert.True(Record.Exception(question) is null or TorchException);
        Assert.Equal([0f, 1, 0, 0], (zeros(4, 2) + gradient).sum(1).div(2).data<float>().ToArray());
    }

    [Fact]
    public void Nothing_is_not_a_tensor() => Assert.Throws<ArgumentNullException>(() => Tensor.UnsafeCreateTensor(IntPtr.Zero));

    [Fact]
    public void Errors_of_two_threads_do_not_meet()
    {
        var wrong = new int[2];
        var threads = Enumerable.Range(0, 2).Select(i => new Thread(() =>
        {
            using var mine = NewDisposeScope();
            var (x, y) = (ones(2, 3 + i), ones(7, 7));
            for (var n = 0; n < 2000; n++)
            {
                try { _ = x.mm(y); }
                catch (TorchException e) when (e.Message.Contains($"2x{3 + i}", StringComparison.Ordinal)) { continue; }
                wrong[i]++;
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Equal([0, 0], wrong);
    }

    [Fact]
    public void A_switch_that_libtorch_lacks_is_named()
    {
        var before = backends.cuda.matmul.allow_tf32;
        backends.cuda.matmul.allow_tf32 = !before;
        Assert.Equal(!before, backends.cuda.matmul.allow_tf32);
        backends.cuda.matmul.allow_tf32 = before;
        var cudnn = backends.cudnn.allow_tf32;
        backends.cudnn.allow_tf32 = cudnn;
        set_float32_matmul_precision(Float32MatmulPrecision.highest);
        if (!__version__.StartsWith("1.", StringComparison.Ordinal)) return;
        Assert.Contains("flash_sdp", Assert.Throws<NotSupportedException>(() => backends.cuda.flash_sdp_enabled()).Message);
        Assert.Contains("flash_sdp", Assert.Throws<NotSupportedException>(() => backends.cuda.enable_flash_sdp(true)).Message);
    }
}
