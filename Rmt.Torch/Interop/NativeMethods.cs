using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp.Interop;

/// <summary>native/rmt_torch.h in C#, in its order. Arguments are kept alive through every call by their handles.</summary>
internal static unsafe partial class NativeMethods
{
    static NativeMethods() => NativeLibrary.SetDllImportResolver(typeof(NativeMethods).Assembly, TorchLibrary.Resolve);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_error_message();
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_error_code();

    [LibraryImport(TorchLibrary.Name)]
    internal static partial long rmt_error_exception();
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_version();
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_get_num_threads();
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_set_num_threads(int threads);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_cuda_device_count();
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_cuda_is_cudnn_available();
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_cuda_synchronize(int device_index);
    [LibraryImport(TorchLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rmt_set_float32_matmul_precision(string precision);
    [LibraryImport(TorchLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rmt_get_switch(string name);
    [LibraryImport(TorchLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rmt_set_switch(string name, int value);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial long rmt_cpu_memory_kept();
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_cpu_memory_limit(long bytes);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_manual_seed(ulong seed);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_generator_default(int device, int device_index);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_generator_new(ulong seed, int device, int device_index);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial void rmt_generator_free(IntPtr generator);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_generator_manual_seed(GeneratorHandle generator, ulong seed);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_generator_initial_seed(GeneratorHandle generator, out ulong seed);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_generator_get_state(GeneratorHandle generator);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_generator_set_state(GeneratorHandle generator, TensorHandle state);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_create(int fill, ReadOnlySpan<long> sizes, int n, NativeOptions options, GeneratorHandle generator);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_full(ReadOnlySpan<long> sizes, int n, NativeScalar value, NativeOptions options);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_arange(NativeScalar start, NativeScalar stop, NativeScalar step, NativeOptions options);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_randint(long low, long high, ReadOnlySpan<long> sizes, int n, NativeOptions options, GeneratorHandle generator);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_randperm(long n, NativeOptions options, GeneratorHandle generator);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_from_memory(IntPtr data, ReadOnlySpan<long> sizes, int n, int dtype, delegate* unmanaged<IntPtr, void> release, IntPtr owner);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial void rmt_tensor_free(IntPtr t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_dim(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_sizes(TensorHandle t, Span<long> sizes, int capacity);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_strides(TensorHandle t, Span<long> strides, int capacity);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial long rmt_numel(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial NativeOptions rmt_tensor_options(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial long rmt_element_size(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial long rmt_storage_offset(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_is_contiguous(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_is_pinned(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_data(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_item(TensorHandle t, out NativeScalar value);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_storage(TensorHandle t, out IntPtr data, out long bytes);
    [LibraryImport(TorchLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rmt_save(TensorHandle t, string path);
    [LibraryImport(TorchLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial IntPtr rmt_load(string path);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_view(TensorHandle t, ReadOnlySpan<long> sizes, int n);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_reshape(TensorHandle t, ReadOnlySpan<long> sizes, int n);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_expand(TensorHandle t, ReadOnlySpan<long> sizes, int n);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_permute(TensorHandle t, ReadOnlySpan<long> dims, int n);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_transpose(TensorHandle t, long a, long b);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_unsqueeze(TensorHandle t, long dim);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_squeeze(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_squeeze_dim(TensorHandle t, long dim);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_flatten(TensorHandle t, long start, long end);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_narrow(TensorHandle t, long dim, long start, long length);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_select(TensorHandle t, long dim, long index);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_slice(TensorHandle t, long dim, long start, long stop, long step);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_split(TensorHandle t, ReadOnlySpan<long> sizes, int n, long dim, Span<IntPtr> parts);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_unbind(TensorHandle t, long dim, Span<IntPtr> parts, int n);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_unfold(TensorHandle t, long dim, long size, long step);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_repeat(TensorHandle t, ReadOnlySpan<long> repeats, int n);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_repeat_interleave(TensorHandle t, long repeats, long dim, int has_dim);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_roll(TensorHandle t, ReadOnlySpan<long> shifts, int n, ReadOnlySpan<long> dims, int m);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_flip(TensorHandle t, ReadOnlySpan<long> dims, int n);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_contiguous(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_alias(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_clone(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_to(TensorHandle t, NativeOptions options, int non_blocking, int copy);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_pin_memory(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_copy_(TensorHandle t, TensorHandle source, int non_blocking);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_fill_(TensorHandle t, NativeScalar value);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_index_get(TensorHandle t, ReadOnlySpan<NativeIndex> indices, int n);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_index_put_(TensorHandle t, ReadOnlySpan<NativeIndex> indices, int n, TensorHandle value);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_cat(ReadOnlySpan<IntPtr> tensors, int n, long dim);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_stack(ReadOnlySpan<IntPtr> tensors, int n, long dim);
    [LibraryImport(TorchLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial IntPtr rmt_pad(TensorHandle t, ReadOnlySpan<long> pad, int n, string mode, double value);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_unary(int op, TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_unary_(int op, TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_binary(int op, TensorHandle a, TensorHandle b);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_binary_(int op, TensorHandle a, TensorHandle b);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_binary_scalar(int op, TensorHandle a, NativeScalar b);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_binary_scalar_(int op, TensorHandle a, NativeScalar b);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_product(int op, TensorHandle a, TensorHandle b);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_add_scaled(TensorHandle a, TensorHandle b, NativeScalar alpha);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_add_scaled_(TensorHandle a, TensorHandle b, NativeScalar alpha);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_addcmul_(TensorHandle t, TensorHandle a, TensorHandle b, NativeScalar value);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_addcdiv_(TensorHandle t, TensorHandle a, TensorHandle b, NativeScalar value);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_addmm(TensorHandle t, TensorHandle a, TensorHandle b, double beta, double alpha);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_baddbmm(TensorHandle t, TensorHandle a, TensorHandle b, double beta, double alpha);
    [LibraryImport(TorchLibrary.Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial IntPtr rmt_einsum(string equation, ReadOnlySpan<IntPtr> tensors, int n);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_clamp(TensorHandle t, NativeScalar min, NativeScalar max);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_reduce(int op, TensorHandle t, ReadOnlySpan<long> dims, int n, int keepdim, int dtype);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_max(TensorHandle t, long dim, int keepdim, int smallest, out IntPtr values, out IntPtr indexes);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_topk(TensorHandle t, long k, long dim, int largest, int sorted, out IntPtr values, out IntPtr indexes);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_sort(TensorHandle t, long dim, int descending, int stable, out IntPtr values, out IntPtr indexes);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_arg(TensorHandle t, int smallest, long dim, int has_dim, int keepdim);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_cumsum(TensorHandle t, long dim, int dtype);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_norm(TensorHandle t, double p);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_softmax(TensorHandle t, long dim, int dtype, int log);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_tri(TensorHandle t, long diagonal, int upper);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_where(TensorHandle condition, TensorHandle a, TensorHandle b);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_masked_fill(TensorHandle t, TensorHandle mask, NativeScalar value);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_masked_fill_(TensorHandle t, TensorHandle mask, NativeScalar value);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_masked_select(TensorHandle t, TensorHandle mask);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_gather(TensorHandle t, long dim, TensorHandle index);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_scatter(TensorHandle t, long dim, TensorHandle index, TensorHandle source, int add);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_index_select(TensorHandle t, long dim, TensorHandle index);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_index_copy(TensorHandle t, long dim, TensorHandle index, TensorHandle source);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_index_add(TensorHandle t, long dim, TensorHandle index, TensorHandle source, NativeScalar alpha);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_nonzero(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_multinomial(TensorHandle t, long samples, int replacement, GeneratorHandle generator);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_allclose(TensorHandle a, TensorHandle b, double rtol, double atol, int equal_nan, out int answer);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_normal_(TensorHandle t, double mean, double std, GeneratorHandle generator);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_uniform_(TensorHandle t, double low, double high, GeneratorHandle generator);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_linear(TensorHandle x, TensorHandle weight, TensorHandle bias);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_embedding(TensorHandle weight, TensorHandle ids, long padding_idx, int scale_grad_by_freq, int sparse);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_embedding_renorm_(TensorHandle weight, TensorHandle ids, double max_norm, double p);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_layer_norm(TensorHandle x, ReadOnlySpan<long> shape, int n, TensorHandle weight, TensorHandle bias, double eps);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_dropout(TensorHandle x, double p, int training);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_dropout_(TensorHandle x, double p, int training);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_gelu(TensorHandle x, int tanh);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_attention(TensorHandle q, TensorHandle k, TensorHandle v, TensorHandle mask, double p, int causal);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_cross_entropy(TensorHandle x, TensorHandle target, TensorHandle weight, int reduction, long ignore, double smoothing);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_nll_loss(TensorHandle x, TensorHandle target, TensorHandle weight, int reduction, long ignore);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_mse_loss(TensorHandle x, TensorHandle target, int reduction);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_bce_with_logits(TensorHandle x, TensorHandle target, TensorHandle weight, TensorHandle positive, int reduction);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_one_hot(TensorHandle ids, long classes);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_requires_grad(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_set_requires_grad(TensorHandle t, int value);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_is_leaf(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_retain_grad(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_grad(TensorHandle t, out IntPtr grad);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_set_grad(TensorHandle t, TensorHandle grad);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_set_data(TensorHandle t, TensorHandle data);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_detach(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_detach_(TensorHandle t);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_backward(ReadOnlySpan<IntPtr> roots, ReadOnlySpan<IntPtr> grads, int n, int retain, int create, ReadOnlySpan<IntPtr> inputs, int m);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_autograd_grad(ReadOnlySpan<IntPtr> roots, ReadOnlySpan<IntPtr> grads, int n, ReadOnlySpan<IntPtr> inputs, int m, int retain, int create, int allow_unused, Span<IntPtr> results);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_is_grad_enabled();
    [LibraryImport(TorchLibrary.Name)]
    internal static partial void rmt_set_grad_enabled(int enabled);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_is_inference_mode();
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_inference_mode_enter(int enabled);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial void rmt_inference_mode_leave(IntPtr guard);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_function_apply(NativeCallbacks callbacks, IntPtr owner, ReadOnlySpan<IntPtr> inputs, int n);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_function_return(IntPtr results, TensorHandle t);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_function_share(IntPtr t);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_function_save(IntPtr f, ReadOnlySpan<IntPtr> tensors, int n);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_function_saved(IntPtr f, Span<IntPtr> tensors, int n);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_function_mark(IntPtr f, ReadOnlySpan<IntPtr> tensors, int n, int dirty);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial void rmt_function_materialize(IntPtr f, int value);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_dropout_add_norm(TensorHandle product, TensorHandle bias, TensorHandle residual, TensorHandle gamma, TensorHandle beta, double p, double eps, out IntPtr wide, out IntPtr narrow);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_bias_gelu(TensorHandle x, TensorHandle bias, int tanh);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_joined(ReadOnlySpan<IntPtr> parts, int n, TensorHandle like);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_projections(TensorHandle x, TensorHandle weight, TensorHandle bias, long heads, Span<IntPtr> parts, int n);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_add_norm(TensorHandle product, TensorHandle bias, TensorHandle residual, TensorHandle gamma, TensorHandle beta, double eps);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_embed_norm(TensorHandle ids, TensorHandle words, TensorHandle positions, TensorHandle type, TensorHandle memory, long first, TensorHandle gamma, TensorHandle beta, double eps);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_linear_gelu(TensorHandle x, TensorHandle weight, TensorHandle bias, int tanh);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_addresses(ReadOnlySpan<IntPtr> tensors, int n, Span<long> addresses);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_rows_at(TensorHandle addresses, ReadOnlySpan<long> shape, int n, int dtype);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_put_rows_at(TensorHandle addresses, TensorHandle rows);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_graphs_missing();
    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_graph_enter(int index);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_graph_begin(IntPtr graph);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_graph_end(IntPtr graph);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_graph_leave(IntPtr graph);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_graph_replay(IntPtr graph);
    [LibraryImport(TorchLibrary.Name)]
    internal static partial void rmt_graph_free(IntPtr graph);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_adamw_step(Span<NativeAdamW> parameters, int n);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_sgd_step(Span<NativeSGD> parameters, int n);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_zero_grads(ReadOnlySpan<IntPtr> parameters, int n);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_clip_grad_norm_(ReadOnlySpan<IntPtr> parameters, int n, double max_norm, double p, out double total);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_clip_grad_value_(ReadOnlySpan<IntPtr> parameters, int n, double value);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_cuda_memory(int device_index, out NativeMemoryStatistics memory);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_cuda_reset_peak(int device_index);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_cuda_empty_cache();

    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_autocast_enter(int device, int dtype, int enabled);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial void rmt_autocast_leave(IntPtr guard);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_autocast_now(int device, out int dtype);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_side_by_side(ReadOnlySpan<IntPtr> tensors, int n);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_whole(ReadOnlySpan<IntPtr> tensors, int n, out IntPtr whole);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_pack_linear(TensorHandle weight, out IntPtr packed);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_packed_linear(TensorHandle packed, TensorHandle x, TensorHandle bias, TensorHandle residual, int gelu);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial int rmt_tensor_version(TensorHandle t, out long version);

    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_kernels_missing();

    [LibraryImport(TorchLibrary.Name)]
    internal static partial IntPtr rmt_kernel_cache();
}
