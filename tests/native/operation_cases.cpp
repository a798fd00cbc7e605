// Arithmetic, reductions and selection. The lists of operations are the header's own.
#include "cases.h"

namespace {
enum {
#define NAME(x) unary_##x,
    RMT_UNARY(NAME)
#undef NAME
    unaries
};
enum {
#define NAME(x) binary_##x,
    RMT_BINARY(NAME)
#undef NAME
    binaries
};
enum {
#define NAME(x) reduce_##x,
    RMT_REDUCE(NAME)
#undef NAME
    reductions
};

void every_unary() {
    for (int op = 0; op < unaries; op++) works(rmt_unary(op, op == unary_bitwise_not ? B({2}) : F({2})));
    for (int op = 0; op <= unary_square; op++) works(rmt_unary_(op, F({2})));
    for (int op : {unary_erfinv, unary_conj_physical}) works(rmt_unary_(op, F({2})));
    works(rmt_unary_(unary_logical_not, B({2})));
    works(rmt_unary_(unary_bitwise_not, B({2})));
    fails(rmt_unary(unaries, F({2})));
    fails(rmt_unary(unary_bitwise_not, F({2})));
    fails(rmt_unary_(unary_isnan, F({2})));
}

void every_binary() {
    for (int op = 0; op < binaries; op++) {
        bool bits = op >= binary_bitwise_and, numbers_only = op == binary_maximum || op == binary_minimum || (op >= binary_logical_and && !bits);
        works(rmt_binary(op, bits ? B({2}) : F({2}), bits ? B({2}) : F({2})));
        if (!numbers_only) works(rmt_binary_scalar(op, bits ? I({2}) : F({2}), whole(2)));
        if (op <= binary_pow) {
            works(rmt_binary_(op, F({2}), F({2})));
            works(rmt_binary_scalar_(op, F({2}), real(2)));
        }
        fails(rmt_binary(op, F({2}), F({3})));
    }
    fails(rmt_binary(binaries, F({2}), F({2})));
    fails(rmt_binary_(binary_add, F({2}), F({3})));
    fails(rmt_binary_(binary_eq, F({2}), F({2})));
    fails(rmt_binary_scalar(binary_maximum, F({2}), real(1)));
    fails(rmt_binary_scalar(binary_add, F({2}), absent()));
    fails(rmt_binary_scalar_(binary_add, F({2}), absent()));
}

void every_reduction() {
    for (int op = 0; op < reductions; op++) {
        works(rmt_reduce(op, F({2, 3}), LIST(1), 1, nothing));
        works(rmt_reduce(op, F({2, 3}), LIST(), 0, nothing));
        fails(rmt_reduce(op, F({2, 3}), LIST(9), 0, nothing));
    }
    fails(rmt_reduce(reductions, F({2}), LIST(), 0, nothing));
}

template <class F> void pair(F call, rmt_tensor& values, rmt_tensor& indexes) {
    works(call());
    rmt_tensor_free(values);
    rmt_tensor_free(indexes);
}

void values_and_places() {
    rmt_tensor v = nullptr, i = nullptr;
    for (int smallest : {0, 1}) pair([&] { return rmt_max(F({2, 3}), 1, 0, smallest, &v, &i); }, v, i);
    pair([&] { return rmt_topk(F({2, 3}), 2, 1, 1, 1, &v, &i); }, v, i);
    for (int stable : {0, 1}) pair([&] { return rmt_sort(F({2, 3}), 1, 1, stable, &v, &i); }, v, i);
    fails(rmt_max(F({2, 3}), 9, 0, 0, &v, &i));
    fails(rmt_topk(F({2, 3}), 5, 1, 1, 1, &v, &i));
    fails(rmt_sort(F({2, 3}), 9, 0, 0, &v, &i));
}

void allclose() {
    int answer = -1;
    works(rmt_allclose(F({2}), F({2}), 1e-5, 1e-8, 0, &answer));
    EXPECT(answer == 1);
    fails(rmt_allclose(F({2}), F({3}), 1e-5, 1e-8, 0, &answer));
}
}   // namespace

const std::vector<Case> operation_cases = {
    {"rmt_unary", every_unary}, {"rmt_binary", every_binary}, {"rmt_reduce", every_reduction}, {"rmt_max", values_and_places}, {"rmt_allclose", allclose},
    BOTH(rmt_product, (0, F({2, 3}), F({3})), (0, F({2, 3}), F({2, 3}))), BOTH(rmt_product, (1, F({2, 3}), F({3, 2})), (1, F({2}), F({2}))),
    BOTH(rmt_product, (2, F({1, 2, 3}), F({1, 3, 2})), (9, F({2}), F({2}))),
    BOTH(rmt_add_scaled, (F({2}), F({2}), real(2)), (F({2}), F({3}), real(2))),
    BOTH(rmt_add_scaled_, (F({2}), F({2}), real(2)), (F({2}), F({2}), absent())),
    BOTH(rmt_addcmul_, (F({2}), F({2}), F({2}), real(2)), (F({2}), F({3}), F({2}), real(2))),
    BOTH(rmt_addcdiv_, (F({2}), F({2}), F({2}), real(2)), (F({2}), F({3}), F({2}), real(2))),
    BOTH(rmt_addmm, (F({2, 2}), F({2, 3}), F({3, 2}), 1, 1), (F({2, 2}), F({2, 3}), F({2, 2}), 1, 1)),
    BOTH(rmt_baddbmm, (F({1, 2, 2}), F({1, 2, 3}), F({1, 3, 2}), 1, 1), (F({1, 2, 2}), F({1, 2, 3}), F({1, 2, 2}), 1, 1)),
    BOTH(rmt_clamp, (F({2}), real(0), absent()), (F({2}), absent(), absent())),
    BOTH(rmt_arg, (F({2, 3}), 0, 1, 1, 0), (F({2, 3}), 0, 9, 1, 0)), WORKS(rmt_arg, (F({2, 3}), 1, 0, 0, 0)),
    BOTH(rmt_cumsum, (F({2}), 0, nothing), (F({2}), 9, nothing)),
    BOTH(rmt_norm, (F({2}), 2), (I({2}), 2)),
    BOTH(rmt_softmax, (F({2}), 0, nothing, 0), (F({2}), 9, nothing, 0)), BOTH(rmt_softmax, (F({2}), 0, float64, 1), (F({2}), 9, nothing, 1)),
    BOTH(rmt_tri, (F({2, 2}), 0, 0), (F({2}), 0, 0)), BOTH(rmt_tri, (F({2, 2}), 1, 1), (F({2}), 0, 1)),
    BOTH(rmt_where, (B({2}), F({2}), F({2})), (B({2}), F({3}), F({2}))),
    BOTH(rmt_masked_fill, (F({2}), B({2}), real(0)), (F({2}), B({3}), real(0))),
    BOTH(rmt_masked_fill_, (F({2}), B({2}), real(0)), (F({2}), B({3}), real(0))),
    BOTH(rmt_masked_select, (F({2}), B({2})), (F({2}), B({3}))),
    BOTH(rmt_gather, (F({2}), 0, I({1})), (F({2}), 0, I({5}))),
    BOTH(rmt_scatter, (F({2}), 0, I({1}), F({1}), 0), (F({2}), 0, I({5}), F({1}), 0)), BOTH(rmt_scatter, (F({2}), 0, I({1}), F({1}), 1), (F({2}), 9, I({1}), F({1}), 1)),
    BOTH(rmt_index_select, (F({2}), 0, I({1})), (F({2}), 0, I({5}))),
    BOTH(rmt_index_copy, (F({2}), 0, I({1}), F({1})), (F({2}), 0, I({5}), F({1}))),
    BOTH(rmt_index_add, (F({2}), 0, I({1}), F({1}), real(2)), (F({2}), 0, I({1}), F({3}), real(2))),
    WORKS(rmt_nonzero, (F({2}))),
    BOTH(rmt_multinomial, (F({3}), 2, 0, nullptr), (F({3}), 5, 0, nullptr)),
    BOTH(rmt_normal_, (F({2}), 0, 1, nullptr), (F({2}), 0, -1, nullptr)),
    BOTH(rmt_uniform_, (F({2}), 0, 1, nullptr), (F({2}), 1, 0, nullptr)),
};
