// Gradients, functions with a backward of the caller's own, steps of optimizers.
#include "cases.h"

namespace {
void gradients() {
    Held w = leaf({2}), squared(rmt_binary(2, w, w)), total(rmt_reduce(0, squared, nullptr, 0, 0, nothing));
    rmt_tensor roots[] = {total}, inputs[] = {w}, found[] = {nullptr}, none = nullptr;
    EXPECT(rmt_requires_grad(w) == 1 && rmt_is_leaf(w) == 1 && rmt_is_leaf(squared) == 0);
    works(rmt_retain_grad(squared));
    fails(rmt_retain_grad(F({2})));
    works(rmt_autograd_grad(roots, nullptr, 1, inputs, 1, 1, 0, 0, found));
    rmt_tensor_free(found[0]);
    works(rmt_backward(roots, nullptr, 1, 0, 0, nullptr, 0));
    fails(rmt_backward(roots, nullptr, 1, 0, 0, nullptr, 0));           // the graph is gone
    fails(rmt_autograd_grad(roots, nullptr, 1, inputs, 1, 0, 0, 0, found));
    works(rmt_grad(squared, &found[0]));
    rmt_tensor_free(found[0]);
    works(rmt_grad(F({2}), &none));
    EXPECT(none == nullptr);
    works(rmt_set_grad(w, F({2})));
    fails(rmt_set_grad(w, F({3})));
    works(rmt_set_grad(w, nullptr));
    works(rmt_set_data(w, F({5})));
    works(rmt_detach(w));
    works(rmt_detach_(squared));
    fails(rmt_set_requires_grad(I({1}), 1));
}

// y = 2 x, and a count of what was released.
struct Function {
    int64_t answer = 0;
    int released = 0;
    rmt_tensor output = nullptr;
};
int64_t forward(void* owner, rmt_function f, void* results) {
    auto& self = *static_cast<Function*>(owner);
    if (self.answer != 0) return self.answer;
    Held x = leaf({2}), y(rmt_binary_scalar(2, x, real(2))), flag = B({2});
    rmt_tensor saved[] = {x}, plain[] = {flag};
    works(rmt_function_save(f, saved, 1));
    works(rmt_function_mark(f, plain, 1, 0));
    works(rmt_function_mark(f, plain, 0, 1));
    rmt_function_materialize(f, 1);
    works(rmt_function_return(results, y));
    return 0;
}
int64_t backward(void*, rmt_function f, const rmt_tensor* grads, int n, void* results) {
    rmt_tensor saved[] = {nullptr};
    EXPECT(n == 1);
    works(rmt_function_saved(f, saved, 1));
    rmt_tensor_free(saved[0]);
    fails(rmt_function_saved(f, saved, 3));
    Held shared(rmt_function_share(grads[0])), g(rmt_binary_scalar(2, shared, real(2)));
    works(rmt_function_return(results, g));
    return 0;
}
const rmt_callbacks callbacks = {
    forward, backward, [](void* owner, rmt_tensor output) { static_cast<Function*>(owner)->output = output; },
    [](void* owner) { static_cast<Function*>(owner)->released++; }};

void functions() {
    Function f;
    Held x = leaf({2});
    rmt_tensor inputs[] = {x};
    works(rmt_function_apply(callbacks, &f, inputs, 1));
    {
        Held y(f.output), total(rmt_reduce(0, y, nullptr, 0, 0, nothing));
        rmt_tensor roots[] = {total};
        works(rmt_backward(roots, nullptr, 1, 0, 0, nullptr, 0));
    }
    EXPECT(f.released == 1);
    Function thrown;
    thrown.answer = 42;
    fails(rmt_function_apply(callbacks, &thrown, inputs, 1));
    EXPECT(rmt_error_code() == 5 && rmt_error_exception() == 42 && thrown.released == 1);
}

void dropout_add_norm() {
    Held product = leaf({2, 8}), residual = leaf({2, 8}), narrow = F({2, 8}, bfloat16);
    rmt_tensor wide = nullptr, other = nullptr;
    works(rmt_dropout_add_norm(product, F({8}), residual, F({8}), F({8}), 0.5, 1e-5, &wide, &other));
    EXPECT(wide && !other);
    {
        Held y(wide), total(rmt_reduce(0, y, nullptr, 0, 0, nothing));
        rmt_tensor roots[] = {total};
        works(rmt_backward(roots, nullptr, 1, 0, 0, nullptr, 0));
    }
    works(rmt_dropout_add_norm(narrow, F({8}), residual, F({8}), F({8}), 0, 1e-5, &wide, &other));
    EXPECT(wide && other);
    rmt_tensor_free(wide), rmt_tensor_free(other);
    fails(rmt_dropout_add_norm(product, F({7}), residual, F({8}), F({8}), 0, 1e-5, &wide, &other));
    fails(rmt_dropout_add_norm(product, F({8}), F({3, 8}), F({8}), F({8}), 0, 1e-5, &wide, &other));
    fails(rmt_dropout_add_norm(product, F({8}), residual, F({8}), F({8}), 1, 1e-5, &wide, &other));
    EXPECT(!wide && !other);
}

void joined() {
    Held a = leaf({2, 3}), b = leaf({1, 3}), narrow = F({1}, bfloat16), other = F({1, 4});
    rmt_tensor parts[] = {a, b}, unlike[] = {a, other};
    works(rmt_joined(parts, 2, narrow));
    void* guard = rmt_autocast_enter(0, bfloat16, 1);
    for (int i = 0; i < 2; i++) works(rmt_joined(parts, 2, narrow));
    rmt_autocast_leave(guard);
    fails(rmt_joined(unlike, 2, narrow));
    fails(rmt_joined(parts, 0, narrow));
}

void projections() {
    Held x = leaf({2, 3, 4}), weight = F({12, 4}), bias = F({12});
    rmt_tensor parts[3] = {};
    works(rmt_projections(x, weight, bias, 2, parts, 3));
    {
        Held total(rmt_reduce(0, parts[1], nullptr, 0, 0, nothing));
        rmt_tensor roots[] = {total};
        works(rmt_backward(roots, nullptr, 1, 0, 0, nullptr, 0));
    }
    for (auto part : parts) rmt_tensor_free(part);
    fails(rmt_projections(x, weight, bias, 5, parts, 3));
    fails(rmt_projections(x, F({12, 4}, bfloat16), bias, 2, parts, 3));
    EXPECT(!parts[0]);
}

void give(rmt_tensor parameter) { works(rmt_set_grad(parameter, F({2}))); }

void adamw() {
    Held a = leaf({2}), b = leaf({2}), without = leaf({2});
    rmt_adamw all[3] = {};
    rmt_tensor parameters[] = {a, b, without};
    for (int i = 0; i < 3; i++) {
        all[i].parameter = parameters[i];
        all[i].rate = i == 1 ? 0.2 : 0.1;                               // two runs
        all[i].beta1 = 0.9, all[i].beta2 = 0.99, all[i].eps = 1e-8, all[i].decay = 0.1, all[i].amsgrad = 1, all[i].maximize = i == 1;
    }
    give(a), give(b);
    works(rmt_adamw_step(all, 3));
    works(rmt_adamw_step(all, 3));
    EXPECT(all[0].steps == 2 && all[2].steps == 0 && all[0].largest && !all[2].mean);
    Held table = leaf({3, 2}), wrong = sparse();
    rmt_adamw refused[1] = {all[0]};
    refused[0].parameter = table;
    works(rmt_set_grad(table, wrong));
    fails(rmt_adamw_step(refused, 1));
    for (auto& one : all) for (auto state : {one.mean, one.square, one.largest}) rmt_tensor_free(state);
}

void sgd() {
    Held a = leaf({2}), b = leaf({2}), other = leaf({2});
    rmt_sgd all[2] = {};
    all[0].parameter = a, all[1].parameter = b;
    for (auto& one : all) one.rate = 0.1, one.momentum = 0.9, one.decay = 0.1, one.nesterov = 1;
    give(a), give(b);
    works(rmt_sgd_step(all, 2));
    works(rmt_sgd_step(all, 2));
    EXPECT(all[0].velocity && all[1].velocity);
    rmt_sgd plain[1] = {};
    plain[0].parameter = other;
    give(other);
    works(rmt_sgd_step(plain, 1));
    Held table = leaf({3, 2});
    works(rmt_set_grad(table, sparse()));
    plain[0].parameter = table;
    fails(rmt_sgd_step(plain, 1));
    for (auto& one : all) rmt_tensor_free(one.velocity);
}

void clipping() {
    Held a = leaf({2}), b = leaf({2});
    rmt_tensor all[] = {a, b};
    double total = 0;
    give(a);
    works(rmt_clip_grad_norm_(all, 2, 0.1, 2, &total));
    EXPECT(total > 1.41 && total < 1.42);
    works(rmt_clip_grad_value_(all, 2, 0.01));
    works(rmt_zero_grads(all, 2));
}
}   // namespace

const std::vector<Case> training_cases = {
    {"rmt_backward", gradients}, {"rmt_function_apply", functions}, {"rmt_dropout_add_norm", dropout_add_norm}, {"rmt_joined", joined}, {"rmt_projections", projections},
    BOTH(rmt_bias_gelu, (F({2, 8}), F({8}), 0), (F({2, 8}), F({7}), 0)), WORKS(rmt_bias_gelu, (leaf({2, 8}), F({8}), 1)), {"rmt_adamw_step", adamw}, {"rmt_sgd_step", sgd}, {"rmt_clip_grad_norm_", clipping},
};
