// Functions whose forward and backward are written on the other side of the ABI.
#include "rmt_guard.h"
#include <torch/csrc/autograd/custom_function.h>

using namespace rmt;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {
// Lives as long as the node of the graph that may call it back.
struct Owner : torch::CustomClassHolder {
    Owner(rmt_callbacks callbacks, void* owner) : callbacks(callbacks), owner(owner) {}
    ~Owner() override { callbacks.release(owner); }
    rmt_callbacks callbacks;
    void* owner;
};

const char* owner_key = "rmt_owner";

void check(int64_t filed) {
    if (filed != 0) throw managed_failure(filed);
}

AutogradContext& C(rmt_function f) { return *static_cast<AutogradContext*>(f); }
variable_list& L(void* list) { return *static_cast<variable_list*>(list); }

struct Bridge : torch::autograd::Function<Bridge> {
    static variable_list forward(AutogradContext* context, c10::intrusive_ptr<Owner> owner, at::TensorList) {
        context->saved_data[owner_key] = at::IValue::make_capsule(owner);
        variable_list outputs;
        check(owner->callbacks.forward(owner->owner, context, &outputs));
        return outputs;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        auto owner = c10::static_intrusive_pointer_cast<Owner>(context->saved_data[owner_key].toCapsule());
        std::vector<rmt_tensor> handles;
        handles.reserve(gradients.size());
        for (auto& g : gradients) handles.push_back(g.defined() ? &g : nullptr);
        variable_list results(1);       // the first argument of forward is the owner, which has no gradient
        check(owner->callbacks.backward(owner->owner, context, handles.data(), static_cast<int>(handles.size()), &results));
        return results;
    }
};
}   // namespace

int rmt_function_apply(rmt_callbacks callbacks, void* owner, const rmt_tensor* inputs, int n) {
    return status([&] {
        auto held = c10::make_intrusive<Owner>(callbacks, owner);
        auto all = list(inputs, n);
        for (auto& output : Bridge::apply(held, at::TensorList(all))) {
            auto made = std::make_unique<at::Tensor>(output);
            callbacks.receive(owner, made.release());
        }
    });
}
int rmt_function_return(void* results, rmt_tensor t) { return status([&] { L(results).push_back(defined_or_empty(t)); }); }
rmt_tensor rmt_function_share(rmt_tensor t) { return tensor([&] { return T(t); }); }
int rmt_function_save(rmt_function f, const rmt_tensor* tensors, int n) { return status([&] { C(f).save_for_backward(list(tensors, n)); }); }
int rmt_function_saved(rmt_function f, rmt_tensor* tensors, int n) {
    return status([&] {
        auto all = C(f).get_saved_variables();
        if (static_cast<int>(all.size()) != n) throw std::invalid_argument("saved tensors: the number is another");
        for (int i = 0; i < n; i++) tensors[i] = all[static_cast<size_t>(i)].defined() ? new at::Tensor(all[static_cast<size_t>(i)]) : nullptr;
    });
}
int rmt_function_mark(rmt_function f, const rmt_tensor* tensors, int n, int dirty) {
    return status([&] { dirty ? C(f).mark_dirty(list(tensors, n)) : C(f).mark_non_differentiable(list(tensors, n)); });
}
void rmt_function_materialize(rmt_function f, int value) { C(f).set_materialize_grads(value != 0); }
