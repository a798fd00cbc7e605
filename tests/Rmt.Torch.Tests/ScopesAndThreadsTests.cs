using System.Collections.Concurrent;
using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>What scopes count, and what other threads may do to them.</summary>
public sealed class ScopesAndThreadsTests
{
    [Fact]
    public void Statistics_count_what_happened()
    {
        var s = DisposeScopeManager.Statistics;
        var before = (s.CreatedInScopeCount, s.CreatedOutsideScopeCount, s.DisposedInScopeCount, s.DetachedFromScopeCount, s.AttachedToScopeCount);
        using var outside = ones(1);
        Tensor taken;
        using (var scope = NewDisposeScope())
        {
            (_, taken) = (ones(1), ones(1).DetachFromDisposeScope());
            _ = scope.Attach(taken).DetachFromDisposeScope();
        }
        taken.Dispose();
        Assert.Equal((before.Item1 + 2, before.Item2 + 1, before.Item3 + 1, before.Item4 + 2, before.Item5 + 1),
            (s.CreatedInScopeCount, s.CreatedOutsideScopeCount, s.DisposedInScopeCount, s.DetachedFromScopeCount, s.AttachedToScopeCount));
    }

    [Fact]
    public void A_scope_frees_everything_but_some() => Leaks.None(() =>
    {
        using var scope = NewDisposeScope();
        var t = Enumerable.Range(0, 5).Select(i => ones(i)).ToArray();
        scope.DisposeEverythingBut(t[3], t[0]);
        Assert.Equal([false, true, true, false, true], t.Select(tensor => tensor.IsInvalid));
        scope.DisposeEverything();
        Assert.True(t[3].IsInvalid);
        _ = ones(1);
        Assert.Equal(1, scope.DisposablesCount);        // still open
    });

    [Fact]
    public void A_wrapped_function_keeps_its_result_alone() => Leaks.None(() =>
    {
        using var outer = NewDisposeScope();
        Assert.Equal([4f, 4f], WrappedTensorDisposeScope(() => (ones(2) + 1) * 2).data<float>().ToArray());
        Assert.Equal(1, outer.DisposablesCount);
    });

    // After an await that went on elsewhere, say. The thread that opened the scope must be able to go on.
    [Fact]
    public void A_scope_that_ended_on_another_thread_is_closed_here_too() => Leaks.None(() =>
    {
        var scope = NewDisposeScope();
        var t = ones(1);
        OnAnotherThread(scope.Dispose);
        Assert.True(t.IsInvalid);
        Assert.Null(CurrentDisposeScope);
        using var next = ones(1);
        Assert.Equal(1, next.item<float>());
    });

    [Fact]
    public void A_tensor_freed_or_taken_out_on_another_thread_is_gone_from_its_scope() => Leaks.None(() =>
    {
        using var scope = NewDisposeScope();
        var t = Enumerable.Range(0, 6).Select(_ => ones(1)).ToArray();
        OnAnotherThread(() =>
        {
            t[0].Dispose();
            _ = t[1].DetachFromDisposeScope();
        });
        t[5].Dispose();
        t[2].Dispose();
        scope.Dispose();
        Assert.Equal([true, false, true, true, true, true], t.Select(tensor => tensor.IsInvalid));
        t[1].Dispose();
    });

    [Fact]
    public void Threads_that_take_tensors_from_a_scope_do_not_disturb_it() => Leaks.None(() =>
    {
        using var scope = NewDisposeScope();
        using var made = new BlockingCollection<Tensor>();
        var free = new Thread(() => { foreach (var t in made.GetConsumingEnumerable()) t.DetachFromDisposeScope().Dispose(); });
        free.Start();
        for (var i = 0; i < 20_000; i++)
        {
            made.Add(ones(1));
            if (i % 3 == 0) ones(1).Dispose();
        }
        made.CompleteAdding();
        free.Join();
        Assert.Equal(0, scope.DisposablesCount);
    });

    private static void OnAnotherThread(Action action)
    {
        var task = Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        task.GetAwaiter().GetResult();
    }
}
