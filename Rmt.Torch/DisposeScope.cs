namespace TorchSharp;

/// <summary>Frees, when it is disposed, every tensor that was made on its thread while it was the innermost scope and has not been moved out.</summary>
/// <remarks>Scopes belong to their thread: never <see langword="await"/> inside one.</remarks>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic] private static DisposeScope? innermost;
    [ThreadStatic] private static DisposeScopeStatistics? statistics;

    private readonly List<torch.Tensor?> owned = [];
    private bool disposed;

    internal DisposeScope()
    {
        OuterScope = innermost;
        innermost = this;
    }

    /// <summary>The scope that was innermost when this one was opened.</summary>
    public DisposeScope? OuterScope { get; private set; }

    /// <summary>Number of tensors that would be freed now.</summary>
    public int DisposablesCount => owned.Count;

    // Scopes may be closed out of order; what leaves this one then goes to the next that is open.
    internal DisposeScope? OpenOuter
    {
        get
        {
            var outer = OuterScope;
            while (outer is { disposed: true }) outer = outer.OuterScope;
            return outer;
        }
    }

    internal static DisposeScope? Innermost => innermost;

    internal static DisposeScopeStatistics Statistics => statistics ??= new();

    /// <summary>Frees what is still owned here.</summary>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        DisposeEverything();
        if (innermost == this)
        {
            innermost = OpenOuter;
        }
    }

    /// <summary>Frees what is owned here; the scope stays open.</summary>
    public void DisposeEverything()
    {
        for (var i = owned.Count - 1; i >= 0; i--)
        {
            var tensor = owned[i]!;
            tensor.Scope = null;
            tensor.Dispose();
            Statistics.DisposedInScopeCount++;
        }
        owned.Clear();
    }

    /// <summary>Frees what is owned here but for these.</summary>
    public void DisposeEverythingBut(params torch.Tensor[] keep)
    {
        var kept = new HashSet<torch.Tensor>(keep, ReferenceEqualityComparer.Instance);
        foreach (var tensor in owned.ToArray())
            if (!kept.Contains(tensor!)) tensor!.Dispose();
    }

    /// <summary>Hands a tensor to the scope around this one; without one, to the caller.</summary>
    public torch.Tensor MoveToOuter(torch.Tensor tensor)
    {
        tensor.MoveTo(OpenOuter);
        return tensor;
    }

    /// <summary>Hands tensors to the scope around this one; without one, to the caller.</summary>
    public void MoveToOuter(params torch.Tensor[] tensors)
    {
        foreach (var tensor in tensors) tensor.MoveTo(OpenOuter);
    }

    /// <summary>Hands tensors to the caller.</summary>
    public void Detach(params torch.Tensor[] tensors)
    {
        foreach (var tensor in tensors) tensor.MoveTo(null);
    }

    /// <summary>Takes a tensor over.</summary>
    public torch.Tensor Attach(torch.Tensor tensor)
    {
        tensor.MoveTo(this);
        return tensor;
    }

    internal void CheckOpen() => ObjectDisposedException.ThrowIf(disposed, this);

    internal void Add(torch.Tensor tensor)
    {
        CheckOpen();
        tensor.Scope = this;
        tensor.ScopeIndex = owned.Count;
        owned.Add(tensor);
    }

    // The last takes the place of the one that leaves.
    internal void Remove(torch.Tensor tensor)
    {
        var last = owned[^1]!;
        owned[tensor.ScopeIndex] = last;
        last.ScopeIndex = tensor.ScopeIndex;
        owned.RemoveAt(owned.Count - 1);
        tensor.Scope = null;
    }
}

/// <summary>What the scopes of this thread have done so far: what leak tests read.</summary>
public sealed class DisposeScopeStatistics
{
    public long CreatedInScopeCount { get; internal set; }
    public long CreatedOutsideScopeCount { get; internal set; }
    public long DisposedInScopeCount { get; internal set; }
    public long DetachedFromScopeCount { get; internal set; }
    public long AttachedToScopeCount { get; internal set; }
}

/// <summary>Access to the statistics of the scopes of this thread.</summary>
public static class DisposeScopeManager
{
    public static DisposeScopeStatistics Statistics => DisposeScope.Statistics;
}

public static partial class torch
{
    /// <summary>Opens a scope; see <see cref="DisposeScope"/>.</summary>
    public static DisposeScope NewDisposeScope() => new();

    /// <summary>The innermost scope of this thread.</summary>
    public static DisposeScope? CurrentDisposeScope => DisposeScope.Innermost;

    /// <summary>Runs a function in a scope of its own and moves its result out.</summary>
    public static Tensor WrappedTensorDisposeScope(Func<Tensor> function)
    {
        using var scope = NewDisposeScope();
        return function().MoveToOuterDisposeScope();
    }
}
