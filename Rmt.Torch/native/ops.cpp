// Arithmetic, reductions, selection, and the functions of neural networks.
#include "rmt_guard.h"
#include <c10/core/GradMode.h>

using namespace rmt;

#define ENUM(prefix, all) enum { all(prefix) };
namespace {
#define NAME(x) unary_##x,
ENUM(NAME, RMT_UNARY)
#undef NAME
#define NAME(x) binary_##x,
ENUM(NAME, RMT_BINARY)
#undef NAME
#define NAME(x) reduce_##x,
ENUM(NAME, RMT_REDUCE)
#undef NAME
#define NAME(x) product_##x,
ENUM(NAME, RMT_PRODUCT)
#undef NAME

[[noreturn]] void unknown(const char* kind, int op) { throw std::invalid_argument(std::string("no ") + kind + " operation " + std::to_string(op)); }

template <class B> at::Tensor binary(int op, const at::Tensor& a, const B& b) {
    switch (op) {
        case binary_add: return at::add(a, b);
        case binary_sub: return at::sub(a, b);
        case binary_mul: return at::mul(a, b);
        case binary_div: return at::div(a, b);
        case binary_remainder: return at::remainder(a, b);
        case binary_pow: return at::pow(a, b);
        case binary_eq: return at::eq(a, b);
        case binary_ne: return at::ne(a, b);
        case binary_lt: return at::lt(a, b);
        case binary_le: return at::le(a, b);
        case binary_gt: return at::gt(a, b);
        case binary_ge: return at::ge(a, b);
        case binary_bitwise_and: return at::bitwise_and(a, b);
        case binary_bitwise_or: return at::bitwise_or(a, b);
        case binary_bitwise_xor: return at::bitwise_xor(a, b);
        default: unknown("binary", op);
    }
}

template <class B> void binary_in_place(int op, at::Tensor& a, const B& b) {
    switch (op) {
        case binary_add: a.add_(b); return;
        case binary_sub: a.sub_(b); return;
        case binary_mul: a.mul_(b); return;
        case binary_div: a.div_(b); return;
        case binary_remainder: a.remainder_(b); return;
        case binary_pow: a.pow_(b); return;
        default: unknown("binary in-place", op);
    }
}

void put(const std::tuple<at::Tensor, at::Tensor>& pair, rmt_tensor* first, rmt_tensor* second) {
    auto a = std::make_unique<at::Tensor>(std::get<0>(pair));
    *second = new at::Tensor(std::get<1>(pair));
    *first = a.release();
}
}   // namespace

rmt_tensor rmt_unary(int op, rmt_tensor t) {
    return tensor([&] {
        switch (op) {
#define CASE(x) case unary_##x: return at::x(T(t));
            RMT_UNARY(CASE)
#undef CASE
            default: unknown("unary", op);
        }
    });
}

int rmt_unary_(int op, rmt_tensor t) {
    return status([&] {
        auto& a = T(t);
        switch (op) {
#define IN_PLACE(X) X(abs) X(neg) X(exp) X(log) X(sqrt) X(rsqrt) X(sin) X(cos) X(tanh) X(erf) X(sigmoid) X(relu) X(floor) X(ceil) \
    X(round) X(sign) X(reciprocal) X(square) X(logical_not) X(bitwise_not) X(erfinv) X(conj_physical)
#define CASE(x) case unary_##x: a.x##_(); return;
            IN_PLACE(CASE)
#undef CASE
            case unary_silu: at::silu_(a); return;
            default: unknown("unary in-place", op);
        }
    });
}

rmt_tensor rmt_binary(int op, rmt_tensor a, rmt_tensor b) {
    return tensor([&] {
        switch (op) {
            case binary_maximum: return at::maximum(T(a), T(b));
            case binary_minimum: return at::minimum(T(a), T(b));
            case binary_logical_and: return at::logical_and(T(a), T(b));
            case binary_logical_or: return at::logical_or(T(a), T(b));
            case binary_logical_xor: return at::logical_xor(T(a), T(b));
            default: return binary(op, T(a), T(b));
        }
    });
}
int rmt_binary_(int op, rmt_tensor a, rmt_tensor b) { return status([&] { binary_in_place(op, T(a), T(b)); }); }
rmt_tensor rmt_binary_scalar(int op, rmt_tensor a, rmt_scalar b) { return tensor([&] { return binary(op, T(a), scalar(b)); }); }
int rmt_binary_scalar_(int op, rmt_tensor a, rmt_scalar b) { return status([&] { binary_in_place(op, T(a), scalar(b)); }); }

rmt_tensor rmt_product(int op, rmt_tensor a, rmt_tensor b) {
    return tensor([&] {
        switch (op) {
#define CASE(x) case product_##x: return at::x(T(a), T(b));
            RMT_PRODUCT(CASE)
#undef CASE
            default: unknown("product", op);
        }
    });
}

rmt_tensor rmt_add_scaled(rmt_tensor a, rmt_tensor b, rmt_scalar alpha) { return tensor([&] { return at::add(T(a), T(b), scalar(alpha)); }); }
int rmt_add_scaled_(rmt_tensor a, rmt_tensor b, rmt_scalar alpha) { return status([&] { T(a).add_(T(b), scalar(alpha)); }); }
int rmt_addcmul_(rmt_tensor t, rmt_tensor a, rmt_tensor b, rmt_scalar v) { return status([&] { T(t).addcmul_(T(a), T(b), scalar(v)); }); }
int rmt_addcdiv_(rmt_tensor t, rmt_tensor a, rmt_tensor b, rmt_scalar v) { return status([&] { T(t).addcdiv_(T(a), T(b), scalar(v)); }); }
rmt_tensor rmt_addmm(rmt_tensor t, rmt_tensor a, rmt_tensor b, double beta, double alpha) {
    return tensor([&] { return at::addmm(T(t), T(a), T(b), beta, alpha); });
}
rmt_tensor rmt_baddbmm(rmt_tensor t, rmt_tensor a, rmt_tensor b, double beta, double alpha) {
    return tensor([&] { return at::baddbmm(T(t), T(a), T(b), beta, alpha); });
}
rmt_tensor rmt_einsum(const char* equation, const rmt_tensor* all, int n) { return tensor([&] { return at::einsum(equation, list(all, n)); }); }
rmt_tensor rmt_clamp(rmt_tensor t, rmt_scalar min, rmt_scalar max) {
    return tensor([&] { return at::clamp(T(t), maybe_scalar(min), maybe_scalar(max)); });
}

// Over all dimensions where n is 0.
rmt_tensor rmt_reduce(int op, rmt_tensor t, const int64_t* d, int n, int keepdim, int dtype) {
    return tensor([&] {
        auto& a = T(t);
        std::vector<int64_t> dims(d, d + n);
        if (n == 0) for (int64_t i = 0; i < a.dim(); i++) dims.push_back(i);
        bool keep = keepdim != 0;
        switch (op) {
            case reduce_sum: return at::sum(a, dims, keep, maybe_type(dtype));
            case reduce_mean: return at::mean(a, dims, keep, maybe_type(dtype));
            case reduce_amax: return at::amax(a, dims, keep);
            case reduce_amin: return at::amin(a, dims, keep);
            case reduce_std: return at::std(a, dims, true, keep);
            case reduce_var: return at::var(a, dims, true, keep);
            case reduce_std_biased: return at::std(a, dims, false, keep);
            case reduce_var_biased: return at::var(a, dims, false, keep);
            case reduce_logsumexp: return at::logsumexp(a, dims, keep);
            case reduce_all: return n == 0 ? at::all(a) : at::all(a, d[0], keep);
            case reduce_any: return n == 0 ? at::any(a) : at::any(a, d[0], keep);
            default: unknown("reducing", op);
        }
    });
}

int rmt_max(rmt_tensor t, int64_t dim, int keepdim, int smallest, rmt_tensor* values, rmt_tensor* indexes) {
    return status([&] { put(smallest ? at::min(T(t), dim, keepdim != 0) : at::max(T(t), dim, keepdim != 0), values, indexes); });
}
int rmt_topk(rmt_tensor t, int64_t k, int64_t dim, int largest, int sorted, rmt_tensor* values, rmt_tensor* indexes) {
    return status([&] { put(at::topk(T(t), k, dim, largest != 0, sorted != 0), values, indexes); });
}
int rmt_sort(rmt_tensor t, int64_t dim, int descending, int stable, rmt_tensor* values, rmt_tensor* indexes) {
    return status([&] { put(at::sort(T(t), stable != 0, dim, descending != 0), values, indexes); });
}
rmt_tensor rmt_arg(rmt_tensor t, int smallest, int64_t dim, int has_dim, int keepdim) {
    return tensor([&] {
        auto d = has_dim ? c10::optional<int64_t>(dim) : c10::nullopt;
        return smallest ? at::argmin(T(t), d, keepdim != 0) : at::argmax(T(t), d, keepdim != 0);
    });
}
rmt_tensor rmt_cumsum(rmt_tensor t, int64_t dim, int dtype) { return tensor([&] { return at::cumsum(T(t), dim, maybe_type(dtype)); }); }
rmt_tensor rmt_norm(rmt_tensor t, double p) { return tensor([&] { return at::norm(T(t), p); }); }
rmt_tensor rmt_softmax(rmt_tensor t, int64_t dim, int dtype, int log) {
    return tensor([&] { return log ? at::log_softmax(T(t), dim, maybe_type(dtype)) : at::softmax(T(t), dim, maybe_type(dtype)); });
}
rmt_tensor rmt_tri(rmt_tensor t, int64_t diagonal, int upper) {
    return tensor([&] { return upper ? at::triu(T(t), diagonal) : at::tril(T(t), diagonal); });
}
rmt_tensor rmt_where(rmt_tensor c, rmt_tensor a, rmt_tensor b) { return tensor([&] { return at::where(T(c), T(a), T(b)); }); }
rmt_tensor rmt_masked_fill(rmt_tensor t, rmt_tensor mask, rmt_scalar v) { return tensor([&] { return T(t).masked_fill(T(mask), scalar(v)); }); }
int rmt_masked_fill_(rmt_tensor t, rmt_tensor mask, rmt_scalar v) { return status([&] { T(t).masked_fill_(T(mask), scalar(v)); }); }
rmt_tensor rmt_masked_select(rmt_tensor t, rmt_tensor mask) { return tensor([&] { return T(t).masked_select(T(mask)); }); }
rmt_tensor rmt_gather(rmt_tensor t, int64_t dim, rmt_tensor index) { return tensor([&] { return T(t).gather(dim, T(index)); }); }
rmt_tensor rmt_scatter(rmt_tensor t, int64_t dim, rmt_tensor index, rmt_tensor source, int add) {
    return tensor([&] { return add ? T(t).scatter_add(dim, T(index), T(source)) : T(t).scatter(dim, T(index), T(source)); });
}
rmt_tensor rmt_index_select(rmt_tensor t, int64_t dim, rmt_tensor index) { return tensor([&] { return T(t).index_select(dim, T(index)); }); }
rmt_tensor rmt_index_copy(rmt_tensor t, int64_t dim, rmt_tensor index, rmt_tensor source) {
    return tensor([&] { return T(t).index_copy(dim, T(index), T(source)); });
}
rmt_tensor rmt_index_add(rmt_tensor t, int64_t dim, rmt_tensor index, rmt_tensor source, rmt_scalar alpha) {
    return tensor([&] { return T(t).index_add(dim, T(index), T(source), scalar(alpha)); });
}
rmt_tensor rmt_nonzero(rmt_tensor t) { return tensor([&] { return T(t).nonzero(); }); }
rmt_tensor rmt_multinomial(rmt_tensor t, int64_t samples, int replacement, rmt_generator g) {
    return tensor([&] { return T(t).multinomial(samples, replacement != 0, maybe_generator(g)); });
}
int rmt_allclose(rmt_tensor a, rmt_tensor b, double rtol, double atol, int equal_nan, int* answer) {
    return status([&] { *answer = at::allclose(T(a), T(b), rtol, atol, equal_nan != 0); });
}
int rmt_normal_(rmt_tensor t, double mean, double std, rmt_generator g) { return status([&] { T(t).normal_(mean, std, maybe_generator(g)); }); }
int rmt_uniform_(rmt_tensor t, double low, double high, rmt_generator g) { return status([&] { T(t).uniform_(low, high, maybe_generator(g)); }); }

rmt_tensor rmt_linear(rmt_tensor x, rmt_tensor weight, rmt_tensor bias) { return tensor([&] { return at::linear(T(x), T(weight), maybe(bias)); }); }
rmt_tensor rmt_embedding(rmt_tensor weight, rmt_tensor ids, int64_t padding_idx, int scale_grad_by_freq, int sparse) {
    return tensor([&] { return at::embedding(T(weight), T(ids), padding_idx, scale_grad_by_freq != 0, sparse != 0); });
}
int rmt_embedding_renorm_(rmt_tensor weight, rmt_tensor ids, double max_norm, double p) {
    return status([&] {
        at::NoGradGuard none;
        auto rows = T(weight).detach();
        at::embedding_renorm_(rows, T(ids), max_norm, p);
    });
}
rmt_tensor rmt_layer_norm(rmt_tensor x, const int64_t* shape, int n, rmt_tensor weight, rmt_tensor bias, double eps) {
    return tensor([&] { return at::layer_norm(T(x), ints(shape, n), maybe(weight), maybe(bias), eps); });
}
rmt_tensor rmt_dropout(rmt_tensor x, double p, int training) { return tensor([&] { return at::dropout(T(x), p, training != 0); }); }
int rmt_dropout_(rmt_tensor x, double p, int training) { return status([&] { at::dropout_(T(x), p, training != 0); }); }
rmt_tensor rmt_gelu(rmt_tensor x, int tanh) { return tensor([&] { return at::gelu(T(x), tanh ? "tanh" : "none"); }); }

rmt_tensor rmt_cross_entropy(rmt_tensor x, rmt_tensor target, rmt_tensor weight, int reduction, int64_t ignore, double smoothing) {
    return tensor([&] { return at::cross_entropy_loss(T(x), T(target), maybe(weight), reduction, ignore, smoothing); });
}
rmt_tensor rmt_nll_loss(rmt_tensor x, rmt_tensor target, rmt_tensor weight, int reduction, int64_t ignore) {
    return tensor([&] { return at::nll_loss_nd(T(x), T(target), maybe(weight), reduction, ignore); });
}
rmt_tensor rmt_mse_loss(rmt_tensor x, rmt_tensor target, int reduction) { return tensor([&] { return at::mse_loss(T(x), T(target), reduction); }); }
rmt_tensor rmt_bce_with_logits(rmt_tensor x, rmt_tensor target, rmt_tensor weight, rmt_tensor positive, int reduction) {
    return tensor([&] { return at::binary_cross_entropy_with_logits(T(x), T(target), maybe(weight), maybe(positive), reduction); });
}
rmt_tensor rmt_one_hot(rmt_tensor ids, int64_t classes) { return tensor([&] { return at::one_hot(T(ids), classes); }); }
