namespace Rmt.Host.Evaluation;

/// <summary>Things that other threads make while somebody works with those before, handed over in their order. Belongs to one thread.</summary>
/// <param name="makings">How each is made; asked for as they are begun, on the thread that takes.</param>
/// <param name="threads">Most that are being made at once.</param>
/// <param name="most">Most that are made or being made and not taken.</param>
internal sealed class MadeAhead<T>(IEnumerable<Func<T>> makings, int threads, int most) : IDisposable
{
    private readonly TaskFactory<T> _factory = new(new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, threads).ConcurrentScheduler);
    private readonly CancellationTokenSource _givenUp = new();
    private readonly IEnumerator<Func<T>> _makings = makings.GetEnumerator();
    private readonly Queue<Task<T>> _begun = [];
    private bool _more = true;

    /// <summary>The next one, waited for; false behind the last.</summary>
    /// <exception cref="OperationCanceledException">Cancelled while it waited.</exception>
    /// <remarks>What making throws, this throws.</remarks>
    public bool TryTake(out T thing, CancellationToken cancellation)
    {
        Begin();
        thing = default!;
        if (!_begun.TryPeek(out var first))
            return false;
        thing = first.WaitAsync(cancellation).GetAwaiter().GetResult();     // a thread of its own waits here: nothing else could run on it
        _ = _begun.Dequeue();
        Begin();
        return true;
    }

    private void Begin()
    {
        while (_begun.Count < most && _more && (_more = _makings.MoveNext()))
            _begun.Enqueue(_factory.StartNew(_makings.Current, _givenUp.Token));
    }

    /// <summary>What is not begun is not made; what is being made ends by itself and is dropped.</summary>
    public void Dispose()
    {
        _givenUp.Cancel();
        _givenUp.Dispose();
        _makings.Dispose();
    }
}
