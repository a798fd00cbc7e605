// The steps in libtorch's operations: what the kernels are held against, and what stands in for them elsewhere.
#include "reading_steps.h"
#include "rmt_guard.h"
#include <cstring>

using namespace rmt;

namespace {

at::ScalarType summed(at::ScalarType type) { return type == at::kDouble ? at::kDouble : at::kFloat; }

at::Tensor normalized(const at::Tensor& sum, const at::Tensor& gamma, const at::Tensor& beta, double eps, at::ScalarType type) {
    return at::layer_norm(sum, {sum.size(-1)}, gamma.to(sum.scalar_type()), beta.to(sum.scalar_type()), eps).to(type);
}

// Of each window the rows that are read, where more of it stands in memory.
bool is_first_rows(const at::Tensor& rows) { return rows.dim() == 3 && rows.stride(2) == 1 && rows.stride(1) == rows.size(2) && rows.stride(0) % rows.size(2) == 0; }

void of_one_kind(const char* what, const at::Tensor& rows, std::initializer_list<const at::Tensor*> others) {
    if (rows.dim() == 0 || rows.size(-1) == 0 || !at::isFloatingType(rows.scalar_type())) throw std::invalid_argument(std::string(what) + ": rows of one floating-point number or more");
    for (auto* other : others)
        if (other->scalar_type() != rows.scalar_type() || other->device() != rows.device() || other->dim() == 0 || other->size(-1) != rows.size(-1))
            throw std::invalid_argument(std::string(what) + ": all of it has one type, one device and rows of one length");
}

void of_whole_rows(const char* what, std::initializer_list<const at::Tensor*> vectors) {
    for (auto* vector : vectors)
        if (vector->dim() != 1 || !vector->is_contiguous()) throw std::invalid_argument(std::string(what) + ": bias, gamma, beta and type are one row each");
}

// Those of a CUDA device cannot be reached from here.
void on_host(const at::Tensor& addresses) {
    if (!addresses.is_cpu()) throw std::invalid_argument("rows at addresses of a device: of bfloat16 or float16, each run a multiple of 16 bytes");
}

}   // namespace

at::Tensor rmt::add_norm(const at::Tensor& product, const at::Tensor& bias, const at::Tensor& residual, const at::Tensor& gamma, const at::Tensor& beta, double eps) {
    if (on_device::reads(product)) return on_device::add_norm(product.contiguous(), bias, is_first_rows(residual) ? residual : residual.contiguous(), gamma, beta, eps);
    const auto type = summed(product.scalar_type());
    return normalized(product.to(type) + bias.to(type) + residual.to(type), gamma, beta, eps, product.scalar_type());
}

at::Tensor rmt::embed_norm(const at::Tensor& ids, const at::Tensor& words, const at::Tensor& positions, const at::Tensor& type, const at::Tensor& memory, int64_t first,
                           const at::Tensor& gamma, const at::Tensor& beta, double eps) {
    if (on_device::reads(words)) return on_device::embed_norm(ids.contiguous(), words, positions, type, memory.contiguous(), first, gamma, beta, eps);
    const auto wide = summed(words.scalar_type());
    auto rows = words.index_select(0, ids.flatten()).to(wide).view({ids.size(0), ids.size(1), words.size(1)});
    rows.narrow(1, first, memory.size(1)).copy_(memory);
    return normalized(rows + (type.defined() ? positions.to(wide) + type.to(wide) : positions.to(wide)), gamma, beta, eps, words.scalar_type());
}

at::Tensor rmt::bias_gelu(at::Tensor x, const at::Tensor& bias) {
    if (on_device::reads(x)) return on_device::bias_gelu(x, bias);
    const auto type = summed(x.scalar_type());
    return at::gelu(x.to(type) + bias.to(type)).to(x.scalar_type());
}

at::Tensor rmt::rows_at(const at::Tensor& addresses, at::IntArrayRef shape, at::ScalarType type) {
    auto sizes = shape.vec();
    sizes.insert(sizes.begin(), addresses.size(0));
    auto rows = at::empty(sizes, addresses.options().dtype(type));
    if (on_device::reads(rows)) on_device::rows_at(addresses, rows);
    else {
        on_host(addresses);
        const auto bytes = rows.nbytes() / static_cast<size_t>(std::max<int64_t>(rows.size(0), 1));
        for (int64_t i = 0; i < rows.size(0); i++)
            std::memcpy(static_cast<char*>(rows.data_ptr()) + i * static_cast<int64_t>(bytes), reinterpret_cast<void*>(addresses.data_ptr<int64_t>()[i]), bytes);
    }
    return rows;
}

void rmt::put_rows_at(const at::Tensor& addresses, const at::Tensor& rows) {
    if (on_device::reads(rows)) return on_device::put_rows_at(addresses, rows);
    on_host(addresses);
    for (int64_t i = 0; i < rows.size(0); i++)
        std::memcpy(reinterpret_cast<void*>(addresses.data_ptr<int64_t>()[i]), rows[i].data_ptr(), rows[i].nbytes());
}

rmt_tensor rmt_add_norm(rmt_tensor product, rmt_tensor bias, rmt_tensor residual, rmt_tensor gamma, rmt_tensor beta, double eps) {
    return tensor([&] {
        auto &x = T(product), &b = T(bias), &r = T(residual), &g = T(gamma), &s = T(beta);
        of_one_kind("add_norm", x, {&b, &r, &g, &s});
        of_whole_rows("add_norm", {&b, &g, &s});
        if (x.sizes() != r.sizes()) throw std::invalid_argument("add_norm: product and residual have one shape");
        return add_norm(x, b, r, g, s, eps);
    });
}

rmt_tensor rmt_embed_norm(rmt_tensor ids, rmt_tensor words, rmt_tensor positions, rmt_tensor type, rmt_tensor memory, int64_t first, rmt_tensor gamma, rmt_tensor beta, double eps) {
    return tensor([&] {
        auto &i = T(ids), &w = T(words), &p = T(positions), &m = T(memory), &g = T(gamma), &s = T(beta);
        const auto t = defined_or_empty(type);
        of_one_kind("embed_norm", w, {&p, t.defined() ? &t : &g, &m, &g, &s});
        of_whole_rows("embed_norm", {t.defined() ? &t : &g, &g, &s});
        if (i.dim() != 2 || i.scalar_type() != at::kLong || i.device() != w.device()) throw std::invalid_argument("embed_norm: token ids are [A, L] int64 on the words' device");
        if (w.dim() != 2 || p.dim() != 2 || p.size(0) != i.size(1) || !w.is_contiguous() || !p.is_contiguous()) throw std::invalid_argument("embed_norm: words [V, H], and as many positions as a window has rows");
        if (m.dim() != 3 || m.size(0) != i.size(0) || first < 0 || first + m.size(1) > i.size(1)) throw std::invalid_argument("embed_norm: memory [A, m, H], with its place within the window");
        return embed_norm(i, w, p, t, m, first, g, s, eps);
    });
}

rmt_tensor rmt_linear_gelu(rmt_tensor x, rmt_tensor weight, rmt_tensor bias, int tanh) {
    return tensor([&] {
        auto &in = T(x), &w = T(weight), &b = T(bias);
        if (in.dim() < 2 || w.dim() != 2 || b.dim() != 1 || in.size(-1) != w.size(1) || b.size(0) != w.size(0) || w.size(0) == 0) throw std::invalid_argument("linear_gelu: x [.., K], weight [N, K] and bias [N], N one or more");
        of_one_kind("linear_gelu", in, {&w});
        if (b.scalar_type() != in.scalar_type() || b.device() != in.device() || !b.is_contiguous()) throw std::invalid_argument("linear_gelu: the bias has the type and the device of x, and is one row");
        if (!tanh) return bias_gelu(at::linear(in, w), b);
        // On a CPU the product's own form is the one by erf.
        if (!in.is_cuda()) return at::gelu(at::linear(in, w, b), "tanh");
        auto shape = in.sizes().vec();
        shape.back() = w.size(0);
        return at::_addmm_activation(b, in.flatten(0, -2), w.t(), 1, 1, /*use_gelu=*/true).view(shape);
    });
}

int rmt_addresses(const rmt_tensor* tensors, int n, int64_t* addresses) {
    return status([&] {
        for (int i = 0; i < n; i++) {
            if (!T(tensors[i]).is_contiguous()) throw std::invalid_argument("the address of a tensor that does not lie in one run says nothing");
            addresses[i] = reinterpret_cast<int64_t>(T(tensors[i]).data_ptr());
        }
    });
}

rmt_tensor rmt_rows_at(rmt_tensor addresses, const int64_t* shape, int n, int dtype) {
    return tensor([&] {
        auto& a = T(addresses);
        if (a.dim() != 1 || a.scalar_type() != at::kLong || !a.is_contiguous() || n < 1) throw std::invalid_argument("rows_at: addresses [A] int64, and the shape of what lies at one");
        return rows_at(a, ints(shape, n), static_cast<at::ScalarType>(dtype));
    });
}

int rmt_put_rows_at(rmt_tensor addresses, rmt_tensor rows) {
    return status([&] {
        auto &a = T(addresses), &r = T(rows);
        if (a.dim() != 1 || a.scalar_type() != at::kLong || !a.is_contiguous() || r.dim() < 2 || r.size(0) != a.size(0) || r.device() != a.device())
            throw std::invalid_argument("put_rows_at: addresses [A] int64 and as many rows, on one device");
        if (r.size(0) > 0 && !r[0].is_contiguous()) throw std::invalid_argument("put_rows_at: what goes to one address lies in one run");
        put_rows_at(a, r);
    });
}
