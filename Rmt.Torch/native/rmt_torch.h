// The whole C ABI between C# and libtorch.
//
// Ownership: an rmt_tensor is an at::Tensor* on the heap; whoever receives one ends it with rmt_tensor_free.
// Failure:   a function that returns a tensor returns null, every other one a status that is not 0; the reason stands in the
//            error slot of the calling thread until its next failure.
//            Where the answer is a number that cannot be negative, a negative one is failure.
// Shapes:    (const int64_t* sizes, int n). Absent tensors are null, absent types -1.
#pragma once
#include <stdint.h>

#define RMT_API extern "C" __attribute__((visibility("default")))

typedef void* rmt_tensor;
typedef void* rmt_generator;
typedef struct { int64_t tag; union { double real; int64_t whole; }; } rmt_scalar;   // tag: see RMT_SCALAR
typedef struct { int64_t kind; int64_t start, stop, step; rmt_tensor tensor; } rmt_index;   // kind: see RMT_INDEX
typedef struct { int32_t dtype, device, device_index; } rmt_options;                  // dtype and device as c10 numbers them

// Callbacks answer 0, or a number under which their side keeps the exception it caught; the call that led to them then fails with it.
// rmt_function stands for a function during a callback, results for the list that is filled with rmt_function_return.
typedef void* rmt_function;
typedef struct {
    int64_t (*forward)(void* owner, rmt_function f, void* results);
    int64_t (*backward)(void* owner, rmt_function f, const rmt_tensor* grads, int n, void* results);
    void (*receive)(void* owner, rmt_tensor output);                                  // one call an output; the tensor is handed over
    void (*release)(void* owner);                                                     // exactly once, from any thread
} rmt_callbacks;

// One parameter of a step. State that is null is made by the first step that needs it and handed over.
typedef struct { rmt_tensor parameter, mean, square, largest; int64_t steps; double rate, beta1, beta2, eps, decay; int32_t amsgrad, maximize; } rmt_adamw;
typedef struct { rmt_tensor parameter, velocity; double rate, momentum, dampening, decay; int32_t nesterov, maximize; } rmt_sgd;

typedef struct { int64_t allocated, allocated_peak, reserved, reserved_peak; } rmt_memory;   // bytes of a device

// The numbers of these lists are their order; the enums of Interop/Codes.cs have the same names in the same order (a test).
#define RMT_SCALAR(X) X(absent) X(real) X(whole) X(boolean)
#define RMT_INDEX(X)  X(single) X(slice) X(ellipsis) X(none) X(boolean) X(tensor)
#define RMT_UNARY(X)  X(abs) X(neg) X(exp) X(log) X(sqrt) X(rsqrt) X(sin) X(cos) X(tanh) X(erf) X(sigmoid) X(relu) X(silu) X(floor) \
                      X(ceil) X(round) X(sign) X(reciprocal) X(square) X(logical_not) X(bitwise_not) X(isnan) X(isinf) X(isfinite) X(erfinv) X(conj_physical)
#define RMT_BINARY(X) X(add) X(sub) X(mul) X(div) X(remainder) X(pow) X(maximum) X(minimum) X(eq) X(ne) X(lt) X(le) X(gt) X(ge) \
                      X(logical_and) X(logical_or) X(logical_xor) X(bitwise_and) X(bitwise_or) X(bitwise_xor)
#define RMT_REDUCE(X) X(sum) X(mean) X(amax) X(amin) X(std) X(var) X(std_biased) X(var_biased) X(logsumexp) X(all) X(any)
#define RMT_PRODUCT(X) X(matmul) X(mm) X(bmm)
#define RMT_FILL(X)   X(zeros) X(ones) X(rand) X(randn) X(empty)
#define RMT_ERROR(X)  X(other) X(argument) X(index) X(out_of_memory) X(device) X(managed)

// Runtime
RMT_API const char* rmt_error_message(void);
RMT_API int rmt_error_code(void);
RMT_API int64_t rmt_error_exception(void);                 // the number a callback gave to the exception it filed
RMT_API const char* rmt_version(void);                     // of the libtorch this was compiled against
RMT_API int rmt_get_num_threads(void);
RMT_API int rmt_set_num_threads(int threads);
RMT_API int rmt_cuda_device_count(void);
RMT_API int rmt_cuda_is_cudnn_available(void);
RMT_API int rmt_cuda_synchronize(int device_index);
RMT_API int rmt_set_float32_matmul_precision(const char* precision);
RMT_API int rmt_get_switch(const char* name);              // 0 or 1; -1: unknown
RMT_API int rmt_set_switch(const char* name, int value);

// Memory of tensors on the CPU: bytes of freed blocks that are kept for the next tensors, and how many may be (1 GiB where nobody says).
RMT_API int64_t rmt_cpu_memory_kept(void);
RMT_API int rmt_cpu_memory_limit(int64_t bytes);

// Random numbers
RMT_API int rmt_manual_seed(uint64_t seed);
RMT_API rmt_generator rmt_generator_default(int device, int device_index);
RMT_API rmt_generator rmt_generator_new(uint64_t seed, int device, int device_index);
RMT_API void rmt_generator_free(rmt_generator generator);
RMT_API int rmt_generator_manual_seed(rmt_generator generator, uint64_t seed);
RMT_API int rmt_generator_initial_seed(rmt_generator generator, uint64_t* seed);
RMT_API rmt_tensor rmt_generator_get_state(rmt_generator generator);
RMT_API int rmt_generator_set_state(rmt_generator generator, rmt_tensor state);

// Creation
RMT_API rmt_tensor rmt_create(int fill, const int64_t* sizes, int n, rmt_options options, rmt_generator generator);
RMT_API rmt_tensor rmt_full(const int64_t* sizes, int n, rmt_scalar value, rmt_options options);
RMT_API rmt_tensor rmt_arange(rmt_scalar start, rmt_scalar stop, rmt_scalar step, rmt_options options);
RMT_API rmt_tensor rmt_randint(int64_t low, int64_t high, const int64_t* sizes, int n, rmt_options options, rmt_generator generator);
RMT_API rmt_tensor rmt_randperm(int64_t n, rmt_options options, rmt_generator generator);
RMT_API rmt_tensor rmt_from_memory(void* data, const int64_t* sizes, int n, int dtype, void (*release)(void*), void* owner);

// Facts about a tensor
RMT_API void rmt_tensor_free(rmt_tensor t);
RMT_API int rmt_dim(rmt_tensor t);
RMT_API int rmt_sizes(rmt_tensor t, int64_t* sizes, int capacity);
RMT_API int rmt_strides(rmt_tensor t, int64_t* strides, int capacity);
RMT_API int64_t rmt_numel(rmt_tensor t);
RMT_API rmt_options rmt_tensor_options(rmt_tensor t);
RMT_API int64_t rmt_element_size(rmt_tensor t);
RMT_API int64_t rmt_storage_offset(rmt_tensor t);
RMT_API int rmt_is_contiguous(rmt_tensor t);
RMT_API int rmt_is_pinned(rmt_tensor t);                   // asks the CUDA driver: slower than everything around it
RMT_API void* rmt_data(rmt_tensor t);                      // of the first element; null: no memory of its own
RMT_API int rmt_item(rmt_tensor t, rmt_scalar* value);
RMT_API int rmt_storage(rmt_tensor t, void** data, int64_t* bytes);   // all the memory it is a view of

// Files: libtorch's archive of one tensor
RMT_API int rmt_save(rmt_tensor t, const char* path);
RMT_API rmt_tensor rmt_load(const char* path);

// Views and copies
RMT_API rmt_tensor rmt_view(rmt_tensor t, const int64_t* sizes, int n);
RMT_API rmt_tensor rmt_reshape(rmt_tensor t, const int64_t* sizes, int n);
RMT_API rmt_tensor rmt_expand(rmt_tensor t, const int64_t* sizes, int n);
RMT_API rmt_tensor rmt_permute(rmt_tensor t, const int64_t* dims, int n);
RMT_API rmt_tensor rmt_transpose(rmt_tensor t, int64_t a, int64_t b);
RMT_API rmt_tensor rmt_unsqueeze(rmt_tensor t, int64_t dim);
RMT_API rmt_tensor rmt_squeeze(rmt_tensor t);
RMT_API rmt_tensor rmt_squeeze_dim(rmt_tensor t, int64_t dim);
RMT_API rmt_tensor rmt_flatten(rmt_tensor t, int64_t start, int64_t end);
RMT_API rmt_tensor rmt_narrow(rmt_tensor t, int64_t dim, int64_t start, int64_t length);
RMT_API rmt_tensor rmt_select(rmt_tensor t, int64_t dim, int64_t index);
RMT_API rmt_tensor rmt_slice(rmt_tensor t, int64_t dim, int64_t start, int64_t stop, int64_t step);
RMT_API int rmt_split(rmt_tensor t, const int64_t* sizes, int n, int64_t dim, rmt_tensor* parts);
RMT_API int rmt_unbind(rmt_tensor t, int64_t dim, rmt_tensor* parts, int n);
RMT_API rmt_tensor rmt_unfold(rmt_tensor t, int64_t dim, int64_t size, int64_t step);
RMT_API rmt_tensor rmt_repeat(rmt_tensor t, const int64_t* repeats, int n);
RMT_API rmt_tensor rmt_repeat_interleave(rmt_tensor t, int64_t repeats, int64_t dim, int has_dim);
RMT_API rmt_tensor rmt_roll(rmt_tensor t, const int64_t* shifts, int n, const int64_t* dims, int m);
RMT_API rmt_tensor rmt_flip(rmt_tensor t, const int64_t* dims, int n);
RMT_API rmt_tensor rmt_contiguous(rmt_tensor t);
RMT_API rmt_tensor rmt_alias(rmt_tensor t);
RMT_API rmt_tensor rmt_clone(rmt_tensor t);
RMT_API rmt_tensor rmt_to(rmt_tensor t, rmt_options options, int non_blocking, int copy);
RMT_API rmt_tensor rmt_pin_memory(rmt_tensor t);
RMT_API int rmt_copy_(rmt_tensor t, rmt_tensor source, int non_blocking);
RMT_API int rmt_fill_(rmt_tensor t, rmt_scalar value);
RMT_API rmt_tensor rmt_index_get(rmt_tensor t, const rmt_index* indices, int n);
RMT_API int rmt_index_put_(rmt_tensor t, const rmt_index* indices, int n, rmt_tensor value);
RMT_API rmt_tensor rmt_cat(const rmt_tensor* tensors, int n, int64_t dim);
RMT_API rmt_tensor rmt_stack(const rmt_tensor* tensors, int n, int64_t dim);
RMT_API rmt_tensor rmt_pad(rmt_tensor t, const int64_t* pad, int n, const char* mode, double value);

// Arithmetic
RMT_API rmt_tensor rmt_unary(int op, rmt_tensor t);
RMT_API int rmt_unary_(int op, rmt_tensor t);
RMT_API rmt_tensor rmt_binary(int op, rmt_tensor a, rmt_tensor b);
RMT_API int rmt_binary_(int op, rmt_tensor a, rmt_tensor b);
RMT_API rmt_tensor rmt_binary_scalar(int op, rmt_tensor a, rmt_scalar b);
RMT_API int rmt_binary_scalar_(int op, rmt_tensor a, rmt_scalar b);
RMT_API rmt_tensor rmt_product(int op, rmt_tensor a, rmt_tensor b);
RMT_API rmt_tensor rmt_add_scaled(rmt_tensor a, rmt_tensor b, rmt_scalar alpha);
RMT_API int rmt_add_scaled_(rmt_tensor a, rmt_tensor b, rmt_scalar alpha);
RMT_API int rmt_addcmul_(rmt_tensor t, rmt_tensor a, rmt_tensor b, rmt_scalar value);
RMT_API int rmt_addcdiv_(rmt_tensor t, rmt_tensor a, rmt_tensor b, rmt_scalar value);
RMT_API rmt_tensor rmt_addmm(rmt_tensor t, rmt_tensor a, rmt_tensor b, double beta, double alpha);
RMT_API rmt_tensor rmt_baddbmm(rmt_tensor t, rmt_tensor a, rmt_tensor b, double beta, double alpha);
RMT_API rmt_tensor rmt_einsum(const char* equation, const rmt_tensor* tensors, int n);
RMT_API rmt_tensor rmt_clamp(rmt_tensor t, rmt_scalar min, rmt_scalar max);
RMT_API rmt_tensor rmt_reduce(int op, rmt_tensor t, const int64_t* dims, int n, int keepdim, int dtype);
RMT_API int rmt_max(rmt_tensor t, int64_t dim, int keepdim, int smallest, rmt_tensor* values, rmt_tensor* indexes);
RMT_API int rmt_topk(rmt_tensor t, int64_t k, int64_t dim, int largest, int sorted, rmt_tensor* values, rmt_tensor* indexes);
RMT_API int rmt_sort(rmt_tensor t, int64_t dim, int descending, int stable, rmt_tensor* values, rmt_tensor* indexes);
RMT_API rmt_tensor rmt_arg(rmt_tensor t, int smallest, int64_t dim, int has_dim, int keepdim);
RMT_API rmt_tensor rmt_cumsum(rmt_tensor t, int64_t dim, int dtype);
RMT_API rmt_tensor rmt_norm(rmt_tensor t, double p);
RMT_API rmt_tensor rmt_softmax(rmt_tensor t, int64_t dim, int dtype, int log);
RMT_API rmt_tensor rmt_tri(rmt_tensor t, int64_t diagonal, int upper);
RMT_API rmt_tensor rmt_where(rmt_tensor condition, rmt_tensor a, rmt_tensor b);
RMT_API rmt_tensor rmt_masked_fill(rmt_tensor t, rmt_tensor mask, rmt_scalar value);
RMT_API int rmt_masked_fill_(rmt_tensor t, rmt_tensor mask, rmt_scalar value);
RMT_API rmt_tensor rmt_masked_select(rmt_tensor t, rmt_tensor mask);
RMT_API rmt_tensor rmt_gather(rmt_tensor t, int64_t dim, rmt_tensor index);
RMT_API rmt_tensor rmt_scatter(rmt_tensor t, int64_t dim, rmt_tensor index, rmt_tensor source, int add);
RMT_API rmt_tensor rmt_index_select(rmt_tensor t, int64_t dim, rmt_tensor index);
RMT_API rmt_tensor rmt_index_copy(rmt_tensor t, int64_t dim, rmt_tensor index, rmt_tensor source);
RMT_API rmt_tensor rmt_index_add(rmt_tensor t, int64_t dim, rmt_tensor index, rmt_tensor source, rmt_scalar alpha);
RMT_API rmt_tensor rmt_nonzero(rmt_tensor t);
RMT_API rmt_tensor rmt_multinomial(rmt_tensor t, int64_t samples, int replacement, rmt_generator generator);
RMT_API int rmt_allclose(rmt_tensor a, rmt_tensor b, double rtol, double atol, int equal_nan, int* answer);
RMT_API int rmt_normal_(rmt_tensor t, double mean, double std, rmt_generator generator);
RMT_API int rmt_uniform_(rmt_tensor t, double low, double high, rmt_generator generator);

// Neural networks
RMT_API rmt_tensor rmt_linear(rmt_tensor x, rmt_tensor weight, rmt_tensor bias);
RMT_API rmt_tensor rmt_embedding(rmt_tensor weight, rmt_tensor ids, int64_t padding_idx, int scale_grad_by_freq, int sparse);
RMT_API int rmt_embedding_renorm_(rmt_tensor weight, rmt_tensor ids, double max_norm, double p);   // of the rows that are asked for
RMT_API rmt_tensor rmt_layer_norm(rmt_tensor x, const int64_t* shape, int n, rmt_tensor weight, rmt_tensor bias, double eps);
RMT_API rmt_tensor rmt_dropout(rmt_tensor x, double p, int training);
RMT_API int rmt_dropout_(rmt_tensor x, double p, int training);
RMT_API rmt_tensor rmt_gelu(rmt_tensor x, int tanh);
RMT_API rmt_tensor rmt_attention(rmt_tensor q, rmt_tensor k, rmt_tensor v, rmt_tensor mask, double p, int causal);
RMT_API rmt_tensor rmt_cross_entropy(rmt_tensor x, rmt_tensor target, rmt_tensor weight, int reduction, int64_t ignore, double smoothing);
RMT_API rmt_tensor rmt_nll_loss(rmt_tensor x, rmt_tensor target, rmt_tensor weight, int reduction, int64_t ignore);
RMT_API rmt_tensor rmt_mse_loss(rmt_tensor x, rmt_tensor target, int reduction);
RMT_API rmt_tensor rmt_bce_with_logits(rmt_tensor x, rmt_tensor target, rmt_tensor weight, rmt_tensor positive, int reduction);
RMT_API rmt_tensor rmt_one_hot(rmt_tensor ids, int64_t classes);

// Gradients
RMT_API int rmt_requires_grad(rmt_tensor t);
RMT_API int rmt_set_requires_grad(rmt_tensor t, int value);
RMT_API int rmt_is_leaf(rmt_tensor t);
RMT_API int rmt_retain_grad(rmt_tensor t);
RMT_API int rmt_grad(rmt_tensor t, rmt_tensor* grad);      // null where there is none
RMT_API int rmt_set_grad(rmt_tensor t, rmt_tensor grad);
RMT_API int rmt_set_data(rmt_tensor t, rmt_tensor data);
RMT_API rmt_tensor rmt_detach(rmt_tensor t);
RMT_API int rmt_detach_(rmt_tensor t);
RMT_API int rmt_backward(const rmt_tensor* roots, const rmt_tensor* grads, int n, int retain, int create, const rmt_tensor* inputs, int m);
RMT_API int rmt_autograd_grad(const rmt_tensor* roots, const rmt_tensor* grads, int n, const rmt_tensor* inputs, int m,
                              int retain, int create, int allow_unused, rmt_tensor* out);
RMT_API int rmt_is_grad_enabled(void);
RMT_API void rmt_set_grad_enabled(int enabled);
RMT_API int rmt_is_inference_mode(void);
RMT_API void* rmt_inference_mode_enter(int enabled);
RMT_API void rmt_inference_mode_leave(void* guard);

// Functions with a backward of the caller's own
RMT_API int rmt_function_apply(rmt_callbacks callbacks, void* owner, const rmt_tensor* inputs, int n);
RMT_API int rmt_function_return(void* results, rmt_tensor t);
RMT_API rmt_tensor rmt_function_share(rmt_tensor t);       // the same tensor, owned once more
RMT_API int rmt_function_save(rmt_function f, const rmt_tensor* tensors, int n);
RMT_API int rmt_function_saved(rmt_function f, rmt_tensor* tensors, int n);
RMT_API int rmt_function_mark(rmt_function f, const rmt_tensor* tensors, int n, int dirty);
RMT_API void rmt_function_materialize(rmt_function f, int value);

// Parts of a layer that learns, each with a backward of its own. On a CUDA device they are kernels of ours, elsewhere operations of libtorch, with the
// same dropout: a function of a seed that the CPU's default generator gives for every device, and of an element's place.
RMT_API int rmt_dropout_add_norm(rmt_tensor product, rmt_tensor bias, rmt_tensor residual, rmt_tensor gamma, rmt_tensor beta, double p, double eps,
                                 rmt_tensor* wide, rmt_tensor* narrow);     // in the residual's type, and in the product's; null where that is the same
RMT_API rmt_tensor rmt_bias_gelu(rmt_tensor x, rmt_tensor bias, int tanh);
RMT_API rmt_tensor rmt_joined(const rmt_tensor* parts, int n, rmt_tensor like);     // rows under rows in like's type; within autocast's outermost scope the same again
RMT_API int rmt_projections(rmt_tensor x, rmt_tensor weight, rmt_tensor bias, int64_t heads, rmt_tensor* parts, int n);     // [B, L, K] → n × [B, heads, L, d]

// Reading in fused steps; types, shapes and what runs where: reading_steps.h
RMT_API rmt_tensor rmt_add_norm(rmt_tensor product, rmt_tensor bias, rmt_tensor residual, rmt_tensor gamma, rmt_tensor beta, double eps);
RMT_API rmt_tensor rmt_embed_norm(rmt_tensor ids, rmt_tensor words, rmt_tensor positions, rmt_tensor type, rmt_tensor memory, int64_t first, rmt_tensor gamma,
                                  rmt_tensor beta, double eps);     // type may be null
RMT_API rmt_tensor rmt_linear_gelu(rmt_tensor x, rmt_tensor weight, rmt_tensor bias, int tanh);       // tanh: on a CUDA device in the product itself
RMT_API int rmt_addresses(const rmt_tensor* tensors, int n, int64_t* addresses);
RMT_API rmt_tensor rmt_rows_at(rmt_tensor addresses, const int64_t* shape, int n, int dtype);          // [A] int64 → [A, shape..]
RMT_API int rmt_put_rows_at(rmt_tensor addresses, rmt_tensor rows);

// Recordings of a CUDA device's work; one thread enters, begins, ends and leaves
RMT_API const char* rmt_graphs_missing(void);              // why there can be none here; empty: there can
RMT_API void* rmt_graph_enter(int device_index);           // its thread computes on another stream until it leaves
RMT_API int rmt_graph_begin(void* graph);                  // from here on nothing is run but recorded
RMT_API int rmt_graph_end(void* graph);
RMT_API int rmt_graph_leave(void* graph);                  // a recording that was not ended is given up
RMT_API int rmt_graph_replay(void* graph);
RMT_API void rmt_graph_free(void* graph);

// Optimizers
RMT_API int rmt_adamw_step(rmt_adamw* parameters, int n);
RMT_API int rmt_sgd_step(rmt_sgd* parameters, int n);
RMT_API int rmt_zero_grads(const rmt_tensor* parameters, int n);
RMT_API int rmt_clip_grad_norm_(const rmt_tensor* parameters, int n, double max_norm, double p, double* total);
RMT_API int rmt_clip_grad_value_(const rmt_tensor* parameters, int n, double value);

// What TorchSharp lacks
RMT_API int rmt_cuda_memory(int device_index, rmt_memory* memory);
RMT_API int rmt_cuda_reset_peak(int device_index);
RMT_API int rmt_cuda_empty_cache(void);
RMT_API void* rmt_autocast_enter(int device, int dtype, int enabled);       // on this thread, until it is left there
RMT_API void rmt_autocast_leave(void* guard);
RMT_API int rmt_autocast_now(int device, int* dtype);      // what products are cast to there on this thread; -1: they are not
RMT_API int rmt_side_by_side(const rmt_tensor* tensors, int n);            // moves their numbers into one memory, row after row
RMT_API int rmt_whole(const rmt_tensor* tensors, int n, rmt_tensor* whole);   // that memory as one tensor; null where it is not one
RMT_API int rmt_pack_linear(rmt_tensor weight, rmt_tensor* packed);       // [N, K] for rmt_packed_linear; null where there is nothing faster
RMT_API rmt_tensor rmt_packed_linear(rmt_tensor packed, rmt_tensor x, rmt_tensor bias, rmt_tensor residual, int gelu);    // x Wᵀ + bias, then + residual or gelu
RMT_API int rmt_tensor_version(rmt_tensor t, int64_t* version);            // counts changes in place
RMT_API const char* rmt_kernels_missing(void);             // why kernels of our own cannot be had on this machine's devices; empty: they can
RMT_API const char* rmt_kernel_cache(void);                // the folder in which they are kept; empty: none
