using System.Collections;
using System.Globalization;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Modules in a list, registered as 0, 1, 2, …</summary>
public sealed class ModuleList<T> : nn.Module, IList<T> where T : nn.Module
{
    private readonly List<T> list = [];

    internal ModuleList(T[] modules) : base("ModuleList")
    {
        foreach (var module in modules) Add(module);
    }

    public T this[int index]
    {
        get => list[index];
        set => throw new NotSupportedException("a module stays in its list");
    }

    public int Count => list.Count;

    public bool IsReadOnly => false;

    public void Add(T item)
    {
        register_module(list.Count.ToString(CultureInfo.InvariantCulture), item);
        list.Add(item);
    }

    public bool Contains(T item) => list.Contains(item);
    public void CopyTo(T[] array, int arrayIndex) => list.CopyTo(array, arrayIndex);
    public int IndexOf(T item) => list.IndexOf(item);
    public IEnumerator<T> GetEnumerator() => list.GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    public void Clear() => throw new NotSupportedException("a module stays in its list");
    public void Insert(int index, T item) => throw new NotSupportedException("modules are added at the end");
    public bool Remove(T item) => throw new NotSupportedException("a module stays in its list");
    public void RemoveAt(int index) => throw new NotSupportedException("a module stays in its list");
}

/// <summary>Modules one after another.</summary>
public sealed class Sequential : nn.Module<Tensor, Tensor>
{
    private readonly List<nn.Module<Tensor, Tensor>> list = [];

    internal Sequential(IEnumerable<(string Name, nn.Module<Tensor, Tensor> Module)> modules) : base(nameof(Sequential))
    {
        foreach (var (name, module) in modules)
        {
            register_module(name, module);
            list.Add(module);
        }
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input.alias();
        foreach (var module in list) x = module.call(x);
        return x.MoveToOuterDisposeScope();
    }
}
