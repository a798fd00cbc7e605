using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

public sealed class DisposeScopeTests
{
    [Fact]
    public void A_scope_frees_what_was_made_in_it() => Leaks.None(() =>
    {
        Tensor kept;
        using (var scope = NewDisposeScope())
        {
            kept = ones(2) + 1;
            Assert.Equal(2, scope.DisposablesCount);
            Assert.Same(scope, CurrentDisposeScope);
        }
        Assert.True(kept.IsInvalid);
        Assert.Null(CurrentDisposeScope);
    });

    [Fact]
    public void Outside_scopes_the_caller_frees() => Leaks.None(() =>
    {
        var before = DisposeScopeManager.Statistics.CreatedOutsideScopeCount;
        var t = ones(2);
        using (NewDisposeScope()) { }
        Assert.False(t.IsInvalid);
        Assert.Equal(1, DisposeScopeManager.Statistics.CreatedOutsideScopeCount - before);
        t.Dispose();
    });

    [Fact]
    public void Nested_scopes_free_their_own() => Leaks.None(() =>
    {
        using var outer = NewDisposeScope();
        var first = ones(1);
        using (var inner = NewDisposeScope())
        {
            Assert.Same(outer, inner.OuterScope);
            var second = ones(1);
            inner.Dispose();
            inner.Dispose();
            Assert.True(second.IsInvalid);
        }
        Assert.False(first.IsInvalid);
        Assert.Same(outer, CurrentDisposeScope);
    });

    [Fact]
    public void What_is_moved_out_lives_as_long_as_the_scope_around() => Leaks.None(() =>
    {
        Tensor a, b, c;
        using (var outer = NewDisposeScope())
        {
            using (var inner = NewDisposeScope())
            {
                a = ones(1).MoveToOuterDisposeScope();
                b = inner.MoveToOuter(ones(1));
                c = ones(1);
                inner.MoveToOuter([c]);
                Assert.Equal((0, 3), (inner.DisposablesCount, outer.DisposablesCount));
            }
            Assert.False(a.IsInvalid || b.IsInvalid || c.IsInvalid);
            Assert.Equal(5, WrappedTensorDisposeScope(() => (ones(1) + 1) * 2 + 1).item<float>());
        }
        Assert.True(a.IsInvalid && b.IsInvalid && c.IsInvalid);
    });

    [Fact]
    public void Moved_out_of_the_outermost_or_detached_it_is_the_callers() => Leaks.None(() =>
    {
        Tensor a, b, c;
        using (var scope = NewDisposeScope())
        {
            a = ones(1).MoveToOuterDisposeScope();
            b = ones(1).DetachFromDisposeScope();
            c = ones(1);
            scope.Detach(c);
            Assert.Equal(0, scope.DisposablesCount);
        }
        foreach (var t in new[] { a, b, c })
        {
            Assert.False(t.IsInvalid);
            Assert.Same(t, t.MoveToOuterDisposeScope());
            t.Dispose();
        }
    });

    [Fact]
    public void A_scope_takes_over_what_is_attached() => Leaks.None(() =>
    {
        var (a, b, c) = (ones(1), ones(1), ones(1));
        using (var scope = NewDisposeScope())
        {
            Assert.Same(a, scope.Attach(a));
            _ = scope.Attach(a);
            _ = b.MoveToOtherDisposeScope(scope);
            _ = c.MoveToOtherDisposeScope(a);
            Assert.Equal(3, scope.DisposablesCount);
        }
        Assert.True(a.IsInvalid && b.IsInvalid && c.IsInvalid);
    });

    [Fact]
    public void Disposing_in_any_order_frees_each_once() => Leaks.None(() =>
    {
        using var scope = NewDisposeScope();
        var all = Enumerable.Range(0, 9).Select(i => full([1], i)).ToArray();
        foreach (var i in new[] { 8, 0, 4, 4, 7 }) all[i].Dispose();
        Assert.Equal(5, scope.DisposablesCount);
        scope.DisposeEverythingBut(all[2], all[5]);
        Assert.Equal(2, scope.DisposablesCount);
        Assert.Equal((2f, 5f), (all[2].ToSingle(), all[5].ToSingle()));
        scope.DisposeEverything();
        Assert.True(all[2].IsInvalid);
        Assert.Same(scope, CurrentDisposeScope);
        Assert.Equal(1, ones(1).ToSingle());
    });

    [Fact]
    public void Scopes_closed_out_of_order_lose_nothing() => Leaks.None(() =>
    {
        var outermost = NewDisposeScope();
        var outer = NewDisposeScope();
        var a = ones(1);
        var inner = NewDisposeScope();
        var b = ones(1);
        var c = ones(1);
        outer.Dispose();
        Assert.True(a.IsInvalid);
        Assert.False(b.IsInvalid);
        Assert.Same(inner, CurrentDisposeScope);
        Assert.Throws<ObjectDisposedException>(() => outer.Attach(b));
        Assert.Equal(2, inner.DisposablesCount);            // still where it was
        _ = c.MoveToOuterDisposeScope();                    // past the scope that is closed
        inner.Dispose();
        Assert.True(b.IsInvalid);
        Assert.False(c.IsInvalid);
        Assert.Same(outermost, CurrentDisposeScope);
        outermost.Dispose();
        Assert.True(c.IsInvalid);
        Assert.Null(CurrentDisposeScope);
    });

    [Fact]
    public void An_exception_unwinds_scopes() => Leaks.None(() =>
    {
        Tensor? lost = null;
        Assert.Throws<TorchException>(() =>
        {
            using var outer = NewDisposeScope();
            using var inner = NewDisposeScope();
            lost = ones(2);
            _ = lost.view(3);
        });
        Assert.True(lost!.IsInvalid);
        Assert.Null(CurrentDisposeScope);
    });

    [Fact]
    public void A_scope_belongs_to_its_thread() => Leaks.None(() =>
    {
        Tensor? theirs = null;
        using (var scope = NewDisposeScope())
        {
            var thread = new Thread(() =>
            {
                Assert.Null(CurrentDisposeScope);
                theirs = ones(1);
            });
            thread.Start();
            thread.Join();
            Assert.Equal(0, scope.DisposablesCount);
        }
        Assert.False(theirs!.IsInvalid);
        theirs.Dispose();
    });

    [Fact]
    public void A_view_keeps_the_memory_of_what_was_freed() => Leaks.None(() =>
    {
        Tensor view;
        using (NewDisposeScope()) view = arange(6).view(2, 3)[1].MoveToOuterDisposeScope();
        Assert.Equal([3L, 4, 5], view.data<long>().ToArray());
        view.Dispose();
    });

    [Fact]
    public void A_step_of_training_leaves_no_tensor_behind()
    {
        using var layer = nn.Linear(3, 2);
        Leaks.None(() =>
        {
            for (var i = 0; i < 20; i++)
            {
                using var scope = NewDisposeScope();
                layer.call(rand(4, 3)).softmax(-1).log().sum().backward();
                using (no_grad())
                    foreach (var parameter in layer.parameters()) _ = parameter.add_(parameter.grad!, -0.1);
                layer.zero_grad();
            }
        });
    }

    // What fails has made nothing: neither a handle in the scope nor a native tensor.
    [Fact]
    public void A_failed_operation_leaves_no_tensor_behind()
    {
        using var x = ones(2, 3);
        Leaks.None(() =>
        {
            Assert.Throws<TorchException>(() => x.mm(x));
            Assert.Throws<TorchException>(() => x.topk(9));
            Assert.Throws<TorchException>(() => x.split([1, 9]));
            Assert.Throws<ArgumentNullException>(() => cat([x, null!]));
        });
    }
}
