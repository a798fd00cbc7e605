using System.Text;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>An optimizer whose settings and state can be saved and put back, so that training goes on as if it had never stopped.</summary>
public abstract class OptimizerHelper : optim.Optimizer
{
    private protected OptimizerHelper() { }

    /// <summary>Settings of every group and state of every parameter, in their order; the objects themselves, not copies.</summary>
    public virtual StateDictionary state_dict()
    {
        var result = new StateDictionary();
        foreach (var group in Groups)
        {
            result.Options.Add(group.Options);
            result.StateIndexRef.Add([]);
            foreach (var parameter in group.Parameters)
            {
                result.StateIndexRef[^1].Add(result.State.Count);
                result.State.Add(StateOf(parameter));
            }
        }
        return result;
    }

    /// <summary>Copies settings and state from another optimizer over the same parameters.</summary>
    /// <exception cref="ArgumentException">Another number of groups or parameters, other shapes or another kind of optimizer. Nothing is changed then.</exception>
    public virtual void load_state_dict(StateDictionary state_dict)
    {
        var own = this.state_dict();
        if (state_dict.Options.Count != own.Options.Count)
            throw new ArgumentException($"{Kind}: the state has {state_dict.Options.Count} groups of parameters, expected {own.Options.Count}", nameof(state_dict));
        if (state_dict.State.Count != own.State.Count)
            throw new ArgumentException($"{Kind}: the state has {state_dict.State.Count} parameters, expected {own.State.Count}", nameof(state_dict));
        var fresh = own.State.Select(_ => (OptimizerState?)null).ToArray();
        try
        {
            for (var i = 0; i < fresh.Length; i++)
            {
                if (ReferenceEquals(state_dict.State[i], own.State[i])) continue;
                fresh[i] = NewState(i);
                fresh[i]!.LoadStateDict(state_dict.State[i]);
            }
            Exchange(fresh, state_dict.Options);
        }
        finally
        {
            foreach (var left in fresh) (left as IDisposable)?.Dispose();
        }
    }

    /// <summary>Writes settings and state to a file.</summary>
    public void save_state_dict(string location)
    {
        using var stream = File.Create(location);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        save_state_dict(writer);
    }

    // The file, as in TorchSharp: name of the optimizer, number of groups and of states, the groups' settings, the states.
    public void save_state_dict(BinaryWriter writer)
    {
        var state = state_dict();
        writer.Write(Kind);
        writer.Write7BitEncodedInt64(state.Options.Count);
        writer.Write7BitEncodedInt64(state.State.Count);
        foreach (var options in state.Options) options.SaveStateDict(writer);
        foreach (var entry in state.State) entry.SaveStateDict(writer);
        writer.Flush();
    }

    /// <summary>Reads what <see cref="save_state_dict(string)"/> wrote. Where something does not fit, nothing is changed.</summary>
    /// <exception cref="InvalidDataException">This is no such file, one of another optimizer, or a part of one.</exception>
    /// <exception cref="ArgumentException">Another number of groups or parameters, or other shapes.</exception>
    public void load_state_dict(string location)
    {
        using var stream = File.OpenRead(location);
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        load_state_dict(reader);
    }

    public void load_state_dict(BinaryReader reader)
    {
        var read = new StateDictionary();
        try
        {
            if (reader.ReadString() is var kind && kind != Kind) throw new InvalidDataException($"expected the state of {Kind}, found that of '{kind}'");
            var own = state_dict();
            Expect("groups of parameters", own.Options.Count, reader.Read7BitEncodedInt64());
            Expect("parameters", own.State.Count, reader.Read7BitEncodedInt64());
            foreach (var _ in own.Options)
            {
                read.Options.Add(NewOptions());
                read.Options[^1].LoadStateDict(reader);
            }
            for (var i = 0; i < own.State.Count; i++)
            {
                read.State.Add(NewState(i));
                read.State[i].LoadStateDict(reader);
            }
            load_state_dict(read);
        }
        catch (Exception cause) when (cause is EndOfStreamException or FormatException or OverflowException)
        {
            throw new InvalidDataException($"{Kind}: this is no saved state of an optimizer, or a part of one: {cause.Message}", cause);
        }
        finally
        {
            foreach (var state in read.State) (state as IDisposable)?.Dispose();
        }
    }

    /// <summary>Moves the state, as the parameters were moved.</summary>
    public void to(Device device)
    {
        foreach (var state in state_dict().State) state.to(device);
    }

    private string Kind => GetType().Name;

    private void Expect(string what, long expected, long found)
    {
        if (found != expected) throw new ArgumentException($"{Kind}: the saved state has {found} {what}, expected {expected}");
    }

    private protected abstract IEnumerable<ParamGroup> Groups { get; }

    private protected abstract OptimizerState StateOf(Parameter parameter);

    // Of the i-th parameter of state_dict(), and belonging to nothing yet.
    private protected abstract OptimizerState NewState(int i);

    private protected abstract OptimizerOptions NewOptions();

    // Makes the states that are there those of the parameters, leaves the old ones in their places, and copies the settings. Throws before it changes anything.
    private protected abstract void Exchange(OptimizerState?[] fresh, IReadOnlyList<OptimizerOptions> options);
}
