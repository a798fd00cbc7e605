namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A module whose <c>call</c> runs functions of others before and after its <c>forward</c>, in the order they were registered.</summary>
        /// <typeparam name="TPreHook">Gets the module and its inputs; what it returns takes their place, null leaves them.</typeparam>
        /// <typeparam name="TPostHook">Gets the module, its inputs and its result; what it returns takes the result's place, null leaves it.</typeparam>
        public abstract class HookableModule<TPreHook, TPostHook> : Module where TPreHook : Delegate where TPostHook : Delegate
        {
            private List<HookRemover>? hooks;

            private protected HookableModule(string name) : base(name) { }

            /// <summary>Runs a function after every <c>call</c>, not after a <c>forward</c>.</summary>
            public HookRemover register_forward_hook(TPostHook hook) => new(this, hook);

            /// <summary>Runs a function before every <c>call</c>, not before a <c>forward</c>.</summary>
            public HookRemover register_forward_pre_hook(TPreHook hook) => new(this, hook);

            // A copy, since a hook may remove itself; null while there is none, so that a call without hooks costs nothing.
            private protected Hooks? Registered() => hooks is null ? null : new(Select<TPreHook>(hooks), Select<TPostHook>(hooks));

            private static T[] Select<T>(List<HookRemover> hooks) => [.. hooks.Select(entry => entry.Hook).OfType<T>()];

            private protected sealed record Hooks(TPreHook[] Before, TPostHook[] After);

            /// <summary>Takes a function back.</summary>
            public sealed class HookRemover
            {
                private readonly HookableModule<TPreHook, TPostHook> module;

                internal HookRemover(HookableModule<TPreHook, TPostHook> module, Delegate hook)
                {
                    ArgumentNullException.ThrowIfNull(hook);
                    (this.module, Hook) = (module, hook);
                    (module.hooks ??= []).Add(this);
                }

                internal Delegate Hook { get; }

                public void remove()
                {
                    _ = module.hooks?.Remove(this);
                    if (module.hooks is { Count: 0 }) module.hooks = null;
                }
            }
        }

        public abstract class Module<T, TResult>(string name)
            : HookableModule<Func<Module<T, TResult>, T, T?>, Func<Module<T, TResult>, T, TResult, TResult?>>(name)
        {
            public abstract TResult forward(T input);

            /// <summary><see cref="forward"/>, with hooks.</summary>
            public TResult call(T input)
            {
                if (Registered() is not { } hooks) return forward(input);
                foreach (var hook in hooks.Before) input = hook(this, input) ?? input;
                var result = forward(input);
                foreach (var hook in hooks.After) result = hook(this, input, result) ?? result;
                return result;
            }
        }

        public abstract class Module<T1, T2, TResult>(string name)
            : HookableModule<Func<Module<T1, T2, TResult>, T1, T2, (T1, T2)?>, Func<Module<T1, T2, TResult>, T1, T2, TResult, TResult?>>(name)
        {
            public abstract TResult forward(T1 input1, T2 input2);

            /// <summary><see cref="forward"/>, with hooks.</summary>
            public TResult call(T1 input1, T2 input2)
            {
                if (Registered() is not { } hooks) return forward(input1, input2);
                foreach (var hook in hooks.Before) (input1, input2) = hook(this, input1, input2) ?? (input1, input2);
                var result = forward(input1, input2);
                foreach (var hook in hooks.After) result = hook(this, input1, input2, result) ?? result;
                return result;
            }
        }

        public abstract class Module<T1, T2, T3, TResult>(string name)
            : HookableModule<Func<Module<T1, T2, T3, TResult>, T1, T2, T3, (T1, T2, T3)?>, Func<Module<T1, T2, T3, TResult>, T1, T2, T3, TResult, TResult?>>(name)
        {
            public abstract TResult forward(T1 input1, T2 input2, T3 input3);

            /// <summary><see cref="forward"/>, with hooks.</summary>
            public TResult call(T1 input1, T2 input2, T3 input3)
            {
                if (Registered() is not { } hooks) return forward(input1, input2, input3);
                foreach (var hook in hooks.Before) (input1, input2, input3) = hook(this, input1, input2, input3) ?? (input1, input2, input3);
                var result = forward(input1, input2, input3);
                foreach (var hook in hooks.After) result = hook(this, input1, input2, input3, result) ?? result;
                return result;
            }
        }

        public abstract class Module<T1, T2, T3, T4, TResult>(string name)
            : HookableModule<Func<Module<T1, T2, T3, T4, TResult>, T1, T2, T3, T4, (T1, T2, T3, T4)?>, Func<Module<T1, T2, T3, T4, TResult>, T1, T2, T3, T4, TResult, TResult?>>(name)
        {
            public abstract TResult forward(T1 input1, T2 input2, T3 input3, T4 input4);

            /// <summary><see cref="forward"/>, with hooks.</summary>
            public TResult call(T1 input1, T2 input2, T3 input3, T4 input4)
            {
                if (Registered() is not { } hooks) return forward(input1, input2, input3, input4);
                foreach (var hook in hooks.Before) (input1, input2, input3, input4) = hook(this, input1, input2, input3, input4) ?? (input1, input2, input3, input4);
                var result = forward(input1, input2, input3, input4);
                foreach (var hook in hooks.After) result = hook(this, input1, input2, input3, input4, result) ?? result;
                return result;
            }
        }

        public abstract class Module<T1, T2, T3, T4, T5, TResult>(string name)
            : HookableModule<Func<Module<T1, T2, T3, T4, T5, TResult>, T1, T2, T3, T4, T5, (T1, T2, T3, T4, T5)?>, Func<Module<T1, T2, T3, T4, T5, TResult>, T1, T2, T3, T4, T5, TResult, TResult?>>(name)
        {
            public abstract TResult forward(T1 input1, T2 input2, T3 input3, T4 input4, T5 input5);

            /// <summary><see cref="forward"/>, with hooks.</summary>
            public TResult call(T1 input1, T2 input2, T3 input3, T4 input4, T5 input5)
            {
                if (Registered() is not { } hooks) return forward(input1, input2, input3, input4, input5);
                foreach (var hook in hooks.Before) (input1, input2, input3, input4, input5) = hook(this, input1, input2, input3, input4, input5) ?? (input1, input2, input3, input4, input5);
                var result = forward(input1, input2, input3, input4, input5);
                foreach (var hook in hooks.After) result = hook(this, input1, input2, input3, input4, input5, result) ?? result;
                return result;
            }
        }

        public abstract class Module<T1, T2, T3, T4, T5, T6, TResult>(string name)
            : HookableModule<Func<Module<T1, T2, T3, T4, T5, T6, TResult>, T1, T2, T3, T4, T5, T6, (T1, T2, T3, T4, T5, T6)?>, Func<Module<T1, T2, T3, T4, T5, T6, TResult>, T1, T2, T3, T4, T5, T6, TResult, TResult?>>(name)
        {
            public abstract TResult forward(T1 input1, T2 input2, T3 input3, T4 input4, T5 input5, T6 input6);

            /// <summary><see cref="forward"/>, with hooks.</summary>
            public TResult call(T1 input1, T2 input2, T3 input3, T4 input4, T5 input5, T6 input6)
            {
                if (Registered() is not { } hooks) return forward(input1, input2, input3, input4, input5, input6);
                foreach (var hook in hooks.Before) (input1, input2, input3, input4, input5, input6) = hook(this, input1, input2, input3, input4, input5, input6) ?? (input1, input2, input3, input4, input5, input6);
                var result = forward(input1, input2, input3, input4, input5, input6);
                foreach (var hook in hooks.After) result = hook(this, input1, input2, input3, input4, input5, input6, result) ?? result;
                return result;
            }
        }
    }
}
