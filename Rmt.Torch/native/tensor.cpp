// Creation, facts, views and copies.
#include "rmt_guard.h"
#include <ATen/TensorIndexing.h>
#include <torch/csrc/api/include/torch/cuda.h>

using namespace rmt;

namespace {
enum Fill {
#define NAME(x) fill_##x,
    RMT_FILL(NAME)
#undef NAME
};
enum Index {
#define NAME(x) index_##x,
    RMT_INDEX(NAME)
#undef NAME
};
enum Tag {
#define NAME(x) tag_##x,
    RMT_SCALAR(NAME)
#undef NAME
};

std::vector<at::indexing::TensorIndex> indexes(const rmt_index* all, int n) {
    namespace ix = at::indexing;
    constexpr int64_t open = INT64_MIN;
    auto bound = [](int64_t value) { return value == open ? c10::optional<int64_t>() : c10::optional<int64_t>(value); };
    std::vector<ix::TensorIndex> result;
    result.reserve(static_cast<size_t>(n));
    for (int i = 0; i < n; i++) {
        const auto& index = all[i];
        switch (index.kind) {
            case index_single: result.emplace_back(index.start); break;
            case index_slice: result.emplace_back(ix::Slice(bound(index.start), bound(index.stop), bound(index.step))); break;
            case index_ellipsis: result.emplace_back(ix::Ellipsis); break;
            case index_none: result.emplace_back(ix::None); break;
            case index_boolean: result.emplace_back(index.start != 0); break;
            default: result.emplace_back(T(index.tensor));
        }
    }
    return result;
}

// For facts that a sparse tensor does not have: libtorch throws where a dense one just answers.
template <class F> int64_t answer(F body) noexcept {
    try { return static_cast<int64_t>(body()); } catch (...) { record_failure(); return -1; }
}

int put(const std::vector<at::Tensor>& from, rmt_tensor* to) {
    size_t made = 0;
    try {
        for (; made < from.size(); made++) to[made] = new at::Tensor(from[made]);
    } catch (...) {
        while (made > 0) rmt_tensor_free(to[--made]);
        throw;
    }
    return 0;
}
}   // namespace

rmt_tensor rmt_create(int fill, const int64_t* sizes, int n, rmt_options o, rmt_generator g) {
    return tensor([&] {
        switch (fill) {
            case fill_zeros: return at::zeros(ints(sizes, n), options(o));
            case fill_ones: return at::ones(ints(sizes, n), options(o));
            case fill_rand: return at::rand(ints(sizes, n), maybe_generator(g), options(o));
            case fill_randn: return at::randn(ints(sizes, n), maybe_generator(g), options(o));
            default: return at::empty(ints(sizes, n), options(o));
        }
    });
}

rmt_tensor rmt_full(const int64_t* sizes, int n, rmt_scalar value, rmt_options o) {
    return tensor([&] { return at::full(ints(sizes, n), scalar(value), options(o)); });
}
rmt_tensor rmt_arange(rmt_scalar start, rmt_scalar stop, rmt_scalar step, rmt_options o) {
    return tensor([&] { return at::arange(scalar(start), scalar(stop), scalar(step), options(o)); });
}
rmt_tensor rmt_randint(int64_t low, int64_t high, const int64_t* sizes, int n, rmt_options o, rmt_generator g) {
    return tensor([&] { return at::randint(low, high, ints(sizes, n), maybe_generator(g), options(o)); });
}
rmt_tensor rmt_randperm(int64_t n, rmt_options o, rmt_generator g) {
    return tensor([&] { return at::randperm(n, maybe_generator(g), options(o)); });
}
rmt_tensor rmt_from_memory(void* data, const int64_t* sizes, int n, int dtype, void (*release)(void*), void* owner) {
    return tensor([&] {
        auto type = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
        return at::from_blob(data, ints(sizes, n), [release, owner](void*) { if (release) release(owner); }, type);
    });
}

void rmt_tensor_free(rmt_tensor t) { delete static_cast<at::Tensor*>(t); }
int rmt_dim(rmt_tensor t) { return static_cast<int>(T(t).dim()); }
int rmt_sizes(rmt_tensor t, int64_t* sizes, int capacity) {
    auto all = T(t).sizes();
    for (int i = 0; i < capacity && i < static_cast<int>(all.size()); i++) sizes[i] = all[i];
    return static_cast<int>(all.size());
}
int rmt_strides(rmt_tensor t, int64_t* strides, int capacity) {
    return static_cast<int>(answer([&] {
        auto all = T(t).strides();
        for (int i = 0; i < capacity && i < static_cast<int>(all.size()); i++) strides[i] = all[i];
        return all.size();
    }));
}
int64_t rmt_numel(rmt_tensor t) { return T(t).numel(); }
rmt_options rmt_tensor_options(rmt_tensor t) {
    auto d = T(t).device();
    return {static_cast<int32_t>(T(t).scalar_type()), static_cast<int32_t>(d.type()), d.index()};
}
int64_t rmt_element_size(rmt_tensor t) { return static_cast<int64_t>(T(t).element_size()); }
int64_t rmt_storage_offset(rmt_tensor t) { return answer([&] { return T(t).storage_offset(); }); }
int rmt_is_contiguous(rmt_tensor t) { return static_cast<int>(answer([&] { return T(t).is_contiguous(); })); }
int rmt_is_pinned(rmt_tensor t) {
    return static_cast<int>(answer([&] { return T(t).device().is_cpu() && torch::cuda::is_available() && T(t).is_pinned(); }));
}
void* rmt_data(rmt_tensor t) {
    try { return T(t).data_ptr(); } catch (...) { record_failure(); return nullptr; }
}
int rmt_item(rmt_tensor t, rmt_scalar* value) {
    return status([&] {
        auto item = T(t).item();
        if (item.isBoolean()) { value->tag = tag_boolean; value->whole = item.toBool(); }
        else if (item.isIntegral(false)) { value->tag = tag_whole; value->whole = item.toLong(); }
        else { value->tag = tag_real; value->real = item.toDouble(); }
    });
}
int rmt_storage(rmt_tensor t, void** data, int64_t* bytes) {
    return status([&] {
        auto storage = T(t).storage();
        *data = const_cast<void*>(static_cast<const void*>(storage.data()));
        *bytes = static_cast<int64_t>(storage.nbytes());
    });
}

rmt_tensor rmt_view(rmt_tensor t, const int64_t* s, int n) { return tensor([&] { return T(t).view(ints(s, n)); }); }
rmt_tensor rmt_reshape(rmt_tensor t, const int64_t* s, int n) { return tensor([&] { return T(t).reshape(ints(s, n)); }); }
rmt_tensor rmt_expand(rmt_tensor t, const int64_t* s, int n) { return tensor([&] { return T(t).expand(ints(s, n)); }); }
rmt_tensor rmt_permute(rmt_tensor t, const int64_t* d, int n) { return tensor([&] { return T(t).permute(ints(d, n)); }); }
rmt_tensor rmt_transpose(rmt_tensor t, int64_t a, int64_t b) { return tensor([&] { return T(t).transpose(a, b); }); }
rmt_tensor rmt_unsqueeze(rmt_tensor t, int64_t dim) { return tensor([&] { return T(t).unsqueeze(dim); }); }
rmt_tensor rmt_squeeze(rmt_tensor t) { return tensor([&] { return T(t).squeeze(); }); }
rmt_tensor rmt_squeeze_dim(rmt_tensor t, int64_t dim) { return tensor([&] { return T(t).squeeze(dim); }); }
rmt_tensor rmt_flatten(rmt_tensor t, int64_t a, int64_t b) { return tensor([&] { return T(t).flatten(a, b); }); }
rmt_tensor rmt_narrow(rmt_tensor t, int64_t dim, int64_t start, int64_t length) {
    return tensor([&] { return T(t).narrow(dim, start, length); });
}
rmt_tensor rmt_select(rmt_tensor t, int64_t dim, int64_t index) { return tensor([&] { return T(t).select(dim, index); }); }
rmt_tensor rmt_slice(rmt_tensor t, int64_t dim, int64_t start, int64_t stop, int64_t step) {
    return tensor([&] { return T(t).slice(dim, start, stop, step); });
}
int rmt_split(rmt_tensor t, const int64_t* sizes, int n, int64_t dim, rmt_tensor* parts) {
    return status([&] { put(T(t).split_with_sizes(ints(sizes, n), dim), parts); });
}
int rmt_unbind(rmt_tensor t, int64_t dim, rmt_tensor* parts, int n) {
    return status([&] {
        auto all = T(t).unbind(dim);
        if (static_cast<int>(all.size()) != n) throw std::invalid_argument("unbind: the number of parts is another");
        put(all, parts);
    });
}
rmt_tensor rmt_unfold(rmt_tensor t, int64_t dim, int64_t size, int64_t step) { return tensor([&] { return T(t).unfold(dim, size, step); }); }
rmt_tensor rmt_repeat(rmt_tensor t, const int64_t* r, int n) { return tensor([&] { return T(t).repeat(ints(r, n)); }); }
rmt_tensor rmt_repeat_interleave(rmt_tensor t, int64_t repeats, int64_t dim, int has_dim) {
    return tensor([&] { return T(t).repeat_interleave(repeats, has_dim ? c10::optional<int64_t>(dim) : c10::nullopt); });
}
rmt_tensor rmt_roll(rmt_tensor t, const int64_t* shifts, int n, const int64_t* dims, int m) {
    return tensor([&] { return T(t).roll(ints(shifts, n), ints(dims, m)); });
}
rmt_tensor rmt_flip(rmt_tensor t, const int64_t* dims, int n) { return tensor([&] { return T(t).flip(ints(dims, n)); }); }
rmt_tensor rmt_contiguous(rmt_tensor t) { return tensor([&] { return T(t).contiguous(); }); }
rmt_tensor rmt_alias(rmt_tensor t) { return tensor([&] { return T(t).alias(); }); }
rmt_tensor rmt_clone(rmt_tensor t) { return tensor([&] { return T(t).clone(); }); }
rmt_tensor rmt_to(rmt_tensor t, rmt_options o, int non_blocking, int copy) {
    return tensor([&] {
        auto target = T(t).options();
        if (o.dtype >= 0) target = target.dtype(static_cast<at::ScalarType>(o.dtype));
        if (o.device >= 0) target = target.device(device(o.device, o.device_index));
        return T(t).to(target, non_blocking != 0, copy != 0);
    });
}
rmt_tensor rmt_pin_memory(rmt_tensor t) {
    return tensor([&] {
        if (!torch::cuda::is_available()) throw std::invalid_argument("pin_memory: pages are pinned for CUDA, and this machine has no CUDA device");
        return T(t).pin_memory();
    });
}
int rmt_copy_(rmt_tensor t, rmt_tensor source, int non_blocking) { return status([&] { T(t).copy_(T(source), non_blocking != 0); }); }
int rmt_fill_(rmt_tensor t, rmt_scalar value) { return status([&] { T(t).fill_(scalar(value)); }); }
rmt_tensor rmt_index_get(rmt_tensor t, const rmt_index* all, int n) { return tensor([&] { return T(t).index(indexes(all, n)); }); }
int rmt_index_put_(rmt_tensor t, const rmt_index* all, int n, rmt_tensor value) {
    return status([&] {
        // A number becomes a tensor of its own type on its way here; libtorch writes it through a mask only in the type of the target.
        auto v = T(value).dim() == 0 ? T(value).to(T(t).scalar_type()) : T(value);
        T(t).index_put_(indexes(all, n), v);
    });
}
rmt_tensor rmt_cat(const rmt_tensor* all, int n, int64_t dim) { return tensor([&] { return at::cat(list(all, n), dim); }); }
rmt_tensor rmt_stack(const rmt_tensor* all, int n, int64_t dim) { return tensor([&] { return at::stack(list(all, n), dim); }); }
rmt_tensor rmt_pad(rmt_tensor t, const int64_t* pad, int n, const char* mode, double value) {
    return tensor([&] { return at::pad(T(t), ints(pad, n), mode, value); });
}
