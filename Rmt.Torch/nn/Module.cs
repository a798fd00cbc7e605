using System.Reflection;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Holds parameters, buffers and other modules under the names of its fields.</summary>
        public abstract partial class Module : IDisposable
        {
            private readonly string name;
            private readonly OrderedDictionary<string, Parameter> parametersOfMine = [];
            private readonly OrderedDictionary<string, (Tensor Value, bool Persistent)> buffersOfMine = [];
            private readonly OrderedDictionary<string, Module> modulesOfMine = [];

            protected Module(string name) => this.name = name;

            public virtual bool training { get; protected set; } = true;

            public virtual string GetName() => name;

            /// <summary>Registers every field that holds a parameter, a tensor (a buffer) or a module, under the field's name or its
            /// <see cref="ComponentNameAttribute"/>. Call it last in the constructor.</summary>
            protected virtual void RegisterComponents()
            {
                foreach (var (key, value) in Components())
                {
                    if (Registered(key) is { } known)
                    {
                        // Registered already by the constructor of a base class. Another object of that name would be left out without a word.
                        if (value is Module or Tensor && !ReferenceEquals(known, value)) throw new ArgumentException($"{name} has two components named '{key}'");
                        continue;
                    }
                    switch (value)
                    {
                        case Module module: register_module(key, module); break;
                        case Parameter parameter: register_parameter(key, parameter); break;
                        case Tensor buffer: register_buffer(key, buffer); break;
                    }
                }
            }

            private IEnumerable<(string Name, object? Value)> Components()
            {
                var lineage = new List<Type>();
                for (var type = GetType(); type is not null && type != typeof(Module); type = type.BaseType) lineage.Add(type);
                lineage.Reverse();
                foreach (var type in lineage)
                {
                    foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                    {
                        var own = OwnName(field.Name);
                        var declared = own == field.Name ? (MemberInfo)field
                            : type.GetProperty(own, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly) ?? (MemberInfo)field;
                        var given = field.GetCustomAttribute<ComponentNameAttribute>() ?? declared.GetCustomAttribute<ComponentNameAttribute>();
                        yield return (given?.Name ?? own, field.GetValue(this));
                    }
                }
            }

            // The field behind an automatic property is called <Name>k__BackingField.
            private static string OwnName(string field) =>
                field[0] == '<' && field.IndexOf('>') is var end and > 1 ? field[1..end] : field;

            public virtual void register_module(string name, Module submodule)
            {
                CheckNew(name);
                modulesOfMine.Add(name, submodule);
            }

            public void add_module(string name, Module module) => register_module(name, module);

            public virtual void register_parameter(string name, Parameter param)
            {
                CheckNew(name);
                param.DetachFromDisposeScope();
                parametersOfMine.Add(name, param);
            }

            // For the layers whose parameters can be set: the name stays, and its place in the order.
            private protected Parameter? Replace(string name, Parameter? parameter)
            {
                _ = parameter?.DetachFromDisposeScope();
                if (parameter is not null) parametersOfMine[name] = parameter;
                else _ = parametersOfMine.Remove(name);
                return parameter;
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                CheckNew(name);
                tensor.DetachFromDisposeScope();
                buffersOfMine.Add(name, (tensor, persistent));
            }

            private object? Registered(string key) =>
                parametersOfMine.TryGetValue(key, out var parameter) ? parameter
                : buffersOfMine.TryGetValue(key, out var buffer) ? buffer.Value
                : modulesOfMine.GetValueOrDefault(key);

            private void CheckNew(string key)
            {
                if (string.IsNullOrEmpty(key) || key.Contains('.', StringComparison.Ordinal))
                    throw new ArgumentException($"'{key}' is no name for a component of {name}: it must not be empty nor hold a dot", nameof(key));
                if (Registered(key) is not null)
                    throw new ArgumentException($"{name} has a component '{key}' already", nameof(key));
            }

            public virtual IEnumerable<(string name, Module module)> named_children() => modulesOfMine.Select(entry => (entry.Key, entry.Value)).ToList();

            /// <summary>Every module below this one once, under the first of its names, parents before their children.</summary>
            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                var seen = new HashSet<Module>(ReferenceEqualityComparer.Instance);
                return Below("").Where(entry => seen.Add(entry.Item2)).ToList();
            }

            private IEnumerable<(string, Module)> Below(string prefix) => modulesOfMine.SelectMany(entry => entry.Value.Below($"{prefix}{entry.Key}.").Prepend((prefix + entry.Key, entry.Value)));

            public virtual IEnumerable<Module> children() => modulesOfMine.Values.ToList();

            public virtual IEnumerable<Module> modules() => named_modules().Select(entry => entry.module);

            /// <summary>Every parameter object once, under the first of its names, however many fields hold it.</summary>
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<Parameter>(ReferenceEqualityComparer.Instance);
                return Walk("", recurse, module => module.parametersOfMine.Select(entry => (entry.Key, entry.Value)))
                    .Where(entry => seen.Add(entry.Item2)).ToList();
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(entry => entry.parameter);

            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true) =>
                Walk("", recurse, module => module.buffersOfMine.Where(entry => include_nonpersistent || entry.Value.Persistent)
                    .Select(entry => (entry.Key, entry.Value.Value))).ToList();

            public virtual IEnumerable<Tensor> buffers(bool recurse = true) => named_buffers(recurse).Select(entry => entry.buffer);

            private IEnumerable<(string, T)> Walk<T>(string prefix, bool recurse, Func<Module, IEnumerable<(string, T)>> own)
            {
                foreach (var (key, value) in own(this)) yield return (prefix + key, value);
                if (!recurse) yield break;
                foreach (var (child, module) in modulesOfMine)
                    foreach (var entry in module.Walk($"{prefix}{child}.", recurse, own)) yield return entry;
            }

            public virtual bool has_parameter(string target) => named_parameters().Any(entry => entry.name == target);
            public virtual Parameter? get_parameter(string target) => named_parameters().FirstOrDefault(entry => entry.name == target).parameter;
            public virtual bool has_buffer(string target) => named_buffers().Any(entry => entry.name == target);
            public virtual Tensor? get_buffer(string target) => named_buffers().FirstOrDefault(entry => entry.name == target).buffer;

            /// <summary>Parameters and persistent buffers by name; the tensors themselves, not copies.</summary>
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                var result = destination ?? [];
                var start = string.IsNullOrEmpty(prefix) ? "" : prefix + ".";
                foreach (var (key, parameter) in named_parameters()) result[start + key] = parameter;
                foreach (var (key, buffer) in named_buffers(include_nonpersistent: false)) result[start + key] = buffer;
                return result;
            }

            /// <summary>Copies values in by name. Shapes must agree: nothing is broadcast, and where one does not fit, nothing is copied.</summary>
            /// <returns>The names that were not given, and the given names that are not here.</returns>
            /// <exception cref="ArgumentException">A shape differs; or, if strict, a name is missing or unexpected.</exception>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                var own = state_dict().Where(entry => skip?.Contains(entry.Key) != true).ToDictionary();
                var missing = own.Keys.Where(key => !source.ContainsKey(key)).ToList();
                var unexpected = source.Keys.Where(key => !own.ContainsKey(key) && skip?.Contains(key) != true).ToList();
                var wrong = own.Where(entry => source.TryGetValue(entry.Key, out var given) && !given.shape.SequenceEqual(entry.Value.shape))
                    .Select(entry => $"{entry.Key} is [{string.Join(", ", source[entry.Key].shape)}], expected [{string.Join(", ", entry.Value.shape)}]").ToList();
                if (wrong.Count > 0) throw new ArgumentException($"{name}: {string.Join("; ", wrong)}", nameof(source));
                if (strict && missing.Count + unexpected.Count > 0)
                    throw new ArgumentException($"{name}: missing {List(missing)}; unexpected {List(unexpected)}", nameof(source));
                using var scope = NewDisposeScope();
                using var mode = no_grad();
                foreach (var (key, target) in own)
                    if (source.TryGetValue(key, out var given)) target.copy_(given);
                return (missing, unexpected);
            }

            private static string List(List<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);

            public virtual void train(bool train = true)
            {
                training = train;
                foreach (var module in modulesOfMine.Values) module.train(train);
            }

            public virtual void eval() => train(false);

            public virtual Module apply(Action<Module> fn)
            {
                foreach (var module in modulesOfMine.Values) module.apply(fn);
                fn(this);
                return this;
            }

            public virtual void zero_grad(bool set_to_none = true)
            {
                using var scope = NewDisposeScope();
                foreach (var parameter in parameters())
                {
                    if (set_to_none) parameter.grad = null;
                    else parameter.grad?.zero_();
                }
            }

            // In place: optimizers and tied weights keep their parameter.
            internal void Move(ScalarType? type, Device? device, bool non_blocking)
            {
                if (type is { } asked && !Tensor.IsFloating(asked)) throw new ArgumentException($"a module moves to a floating type; {asked} is none", nameof(type));
                using var scope = NewDisposeScope();
                using var mode = no_grad();
                foreach (var tensor in parameters().Concat(buffers()))
                {
                    tensor.Replace(type, device, non_blocking);
                    if (tensor.grad is not { } gradient) continue;
                    tensor.grad = null;
                    gradient.Replace(type, device, non_blocking);
                    tensor.grad = gradient;
                }
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing) return;
                foreach (var parameter in parametersOfMine.Values) parameter.Dispose();
                foreach (var (buffer, _) in buffersOfMine.Values) buffer.Dispose();
                foreach (var module in modulesOfMine.Values) module.Dispose();
            }
        }
    }

    public partial class Tensor
    {
        internal static bool IsFloating(ScalarType type) => type is ScalarType.Float16 or ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16;

        internal void Replace(ScalarType? type, Device? device, bool non_blocking)
        {
            var target = IsFloating(dtype) ? type ?? dtype : dtype;      // whole numbers stay whole
            if (target == dtype && (device is null || device == this.device)) return;
            using var moved = detach().to(target, device ?? this.device, non_blocking: non_blocking);
            Interop.ErrorSlot.Check(Interop.NativeMethods.rmt_set_data(NativeHandle, moved.NativeHandle));
        }
    }
}

/// <summary>Moves of modules, in place; they return the module they were given.</summary>
public static class ModuleExtensionMethods
{
    public static T to<T>(this T module, torch.Device device, bool non_blocking = false) where T : torch.nn.Module => Move(module, null, device, non_blocking);
    public static T to<T>(this T module, DeviceType type, int deviceIndex = -1, bool non_blocking = false) where T : torch.nn.Module =>
        Move(module, null, new torch.Device(type, deviceIndex), non_blocking);
    public static T to<T>(this T module, string device, bool non_blocking = false) where T : torch.nn.Module => Move(module, null, new torch.Device(device), non_blocking);
    public static T to<T>(this T module, torch.ScalarType type, bool non_blocking = false) where T : torch.nn.Module => Move(module, type, null, non_blocking);
    public static T to<T>(this T module, torch.Device device, torch.ScalarType type, bool non_blocking = false) where T : torch.nn.Module => Move(module, type, device, non_blocking);
    public static T to<T>(this T module, torch.Tensor other, bool non_blocking = false) where T : torch.nn.Module => Move(module, other.dtype, other.device, non_blocking);
    public static T cpu<T>(this T module) where T : torch.nn.Module => Move(module, null, torch.CPU, false);
    public static T cuda<T>(this T module, int deviceIndex = -1) where T : torch.nn.Module => Move(module, null, new torch.Device(DeviceType.CUDA, deviceIndex), false);
    public static T half<T>(this T module) where T : torch.nn.Module => Move(module, torch.float16, null, false);
    public static T bfloat16<T>(this T module) where T : torch.nn.Module => Move(module, torch.bfloat16, null, false);
    public static T @float<T>(this T module) where T : torch.nn.Module => Move(module, torch.float32, null, false);

    private static T Move<T>(T module, torch.ScalarType? type, torch.Device? device, bool non_blocking) where T : torch.nn.Module
    {
        module.Move(type, device, non_blocking);
        return module;
    }
}
