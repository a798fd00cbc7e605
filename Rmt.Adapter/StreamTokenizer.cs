namespace Rmt.Adapter;

/// <summary>Tokenizes documents that come as streams, on several threads, with the ids of one. Neither the text nor its ids are ever held whole.</summary>
/// <remarks>A document is cut where its tokenizer allows it (<see cref="ITokenizer.LastCut"/>); a stretch without such a place is read by one
/// thread after another. Short documents are read by the caller's thread alone: others would come too late.</remarks>
public sealed class StreamTokenizer
{
    private const int First = 1 << 14;

    private readonly ITokenizer tokenizer;
    private readonly int threads;
    private readonly int part = 1 << 17;

    /// <param name="tokenizer">Whose ids.</param>
    /// <param name="threads">Most threads that tokenize at once, 1 or more; beside them the caller's reads.</param>
    public StreamTokenizer(ITokenizer tokenizer, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        (this.tokenizer, this.threads) = (tokenizer, threads);
    }

    /// <summary>UTF-16 units that a thread takes at a time, 1 or more; 131,072 by default. Documents of up to two parts are read by one thread.
    /// Two parts for each thread are held, and their ids.</summary>
    public int Part
    {
        get => part;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            part = value;
        }
    }

    /// <summary>The ids in order, in lists that are good until the next is asked for.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, before the text was at its end. What <paramref name="text"/> throws is passed on.</exception>
    public IEnumerable<List<int>> Tokenize(TextReader text, CancellationToken cancellation = default)
    {
        var buffer = new char[Math.Min(First, Part)];
        var ids = new List<int>();
        var tokenization = tokenizer.Begin();
        for (var read = 0L; threads == 1 || read < 2L * Part;)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = text.Read(buffer);
            if (count == 0)
            {
                tokenization.Complete(ids);
                yield return ids;
                yield break;
            }
            tokenization.Append(buffer.AsSpan(0, count), ids);
            read += count;
            yield return ids;
            ids.Clear();
        }
        foreach (var more in Divided(text, tokenization, cancellation))
            yield return more;
    }

    private IEnumerable<List<int>> Divided(TextReader text, ITokenization begun, CancellationToken cancellation)
    {
        var scheduler = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, threads).ConcurrentScheduler;
        var parts = new TextParts(text, Part, tokenizer);
        var running = new Queue<(Task Work, TextPart Part)>();
        var (open, before) = ((ITokenization?)begun, Task.CompletedTask);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            while (running.Count < 2 * threads && parts.TryRead() is { } next)
            {
                var tokenization = open ?? tokenizer.Begin();
                before = open is null ? Task.Factory.StartNew(() => next.Tokenize(tokenization), CancellationToken.None, TaskCreationOptions.None, scheduler)
                    : before.ContinueWith(_ => next.Tokenize(tokenization), CancellationToken.None, TaskContinuationOptions.None, scheduler);
                open = next.EndsAtCut ? null : tokenization;
                running.Enqueue((before, next));
            }
            if (!running.TryDequeue(out var first))
                yield break;
            first.Work.GetAwaiter().GetResult();
            yield return first.Part.Ids;
            parts.Return(first.Part);
        }
    }
}
