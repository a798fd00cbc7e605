// Matrices of one input as one matrix in the type of that input, so that their products are one product while they learn, too.
#include "rmt_guard.h"
#include "joined.h"
#include <c10/core/GradMode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <map>
#include <torch/csrc/autograd/custom_function.h>
#include <tuple>

using namespace rmt;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

struct Joined : torch::autograd::Function<Joined> {
    static at::Tensor forward(AutogradContext* context, at::TensorList parts, int64_t type) {
        c10::impl::ExcludeDispatchKeyGuard uncast(c10::autocast_dispatch_keyset);
        std::vector<int64_t> rows, types;
        auto shape = parts[0].sizes().vec();
        shape[0] = 0;
        for (auto& part : parts) {
            if (part.dim() == 0 || part.sizes().slice(1) != parts[0].sizes().slice(1)) throw std::invalid_argument("joined: tensors that differ in more than their rows");
            shape[0] += part.size(0);
            rows.push_back(part.size(0));
            types.push_back(static_cast<int64_t>(part.scalar_type()));
        }
        auto whole = at::empty(shape, parts[0].options().dtype(static_cast<at::ScalarType>(type)));
        int64_t row = 0;
        for (auto& part : parts) {
            whole.narrow(0, row, part.size(0)).copy_(part);
            row += part.size(0);
        }
        context->saved_data["rows"] = rows;
        context->saved_data["types"] = types;
        return whole;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        auto rows = context->saved_data["rows"].toIntVector(), types = context->saved_data["types"].toIntVector();
        variable_list results;
        int64_t row = 0;
        for (size_t i = 0; i < rows.size(); i++) {
            results.push_back(gradients[0].narrow(0, row, rows[i]).to(static_cast<at::ScalarType>(types[i])));
            row += rows[i];
        }
        results.emplace_back();         // of the type
        return results;
    }
};

// As autocast keeps what it cast: while its outermost scope lasts. What was made without a graph leads no gradient back, so it is another entry.
struct Kept { std::vector<at::Tensor> parts; at::Tensor whole; };
std::map<std::tuple<const void*, at::ScalarType, bool>, Kept>& kept() {
    static thread_local std::map<std::tuple<const void*, at::ScalarType, bool>, Kept> all;
    return all;
}
thread_local bool keeps = false;

}   // namespace

void rmt::keep_joined(bool keep) {
    keeps = keep;
    kept().clear();
}

rmt_tensor rmt_joined(const rmt_tensor* tensors, int n, rmt_tensor like) {
    return tensor([&] {
        if (n < 1) throw std::invalid_argument("joined: no tensors");
        auto parts = list(tensors, n);
        const auto type = T(like).scalar_type();
        if (!keeps) return Joined::apply(at::TensorList(parts), static_cast<int64_t>(type));
        auto& entry = kept()[{parts[0].unsafeGetTensorImpl(), type, c10::GradMode::is_enabled()}];
        const bool same = entry.parts.size() == parts.size() &&
            std::equal(parts.begin(), parts.end(), entry.parts.begin(), [](const at::Tensor& a, const at::Tensor& b) { return a.is_same(b); });
        if (!same) entry = {parts, Joined::apply(at::TensorList(parts), static_cast<int64_t>(type))};
        return entry.whole;
    });
}
