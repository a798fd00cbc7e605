// Functions of neural networks.
#include "cases.h"

const std::vector<Case> network_cases = {
    BOTH(rmt_linear, (F({2, 3}), F({4, 3}), F({4})), (F({2, 3}), F({4, 2}), nullptr)), WORKS(rmt_linear, (F({2, 3}), F({4, 3}), nullptr)),
    BOTH(rmt_embedding, (F({3, 2}), I({1}), -1, 0, 0), (F({3, 2}), I({7}), -1, 0, 0)),
    BOTH(rmt_embedding_renorm_, (F({3, 2}), I({1}), 1, 2), (F({3}), I({1}), 1, 2)),
    BOTH(rmt_layer_norm, (F({2, 3}), LIST(3), F({3}), F({3}), 1e-5), (F({2, 3}), LIST(2), nullptr, nullptr, 1e-5)), WORKS(rmt_layer_norm, (F({2, 3}), LIST(3), nullptr, nullptr, 1e-5)),
    BOTH(rmt_dropout, (F({2}), 0.5, 1), (F({2}), 1.5, 1)),
    BOTH(rmt_dropout_, (F({2}), 0.5, 1), (F({2}), 1.5, 1)),
    BOTH(rmt_gelu, (F({2}), 0), (I({2}), 0)), WORKS(rmt_gelu, (F({2}), 1)),
    BOTH(rmt_attention, (F({1, 2, 4, 8}), F({1, 2, 4, 8}), F({1, 2, 4, 8}), B({1, 1, 1, 4}), 0, 0), (F({1, 2, 4, 8}), F({1, 2, 4, 7}), F({1, 2, 4, 8}), nullptr, 0, 0)),
    WORKS(rmt_attention, (F({1, 2, 4, 8}), F({1, 2, 4, 8}), F({1, 2, 4, 8}), nullptr, 0, 1)),
    BOTH(rmt_cross_entropy, (F({2, 3}), I({0, 2}), nullptr, mean, -100, 0.1), (F({2, 3}), I({0, 9}), nullptr, mean, -100, 0)),
    BOTH(rmt_nll_loss, (F({2, 3}), I({0, 2}), nullptr, sum, -100), (F({2, 3}), I({0}), nullptr, sum, -100)),
    BOTH(rmt_mse_loss, (F({2}), F({2}), none), (F({2}), F({3}), none)),
    BOTH(rmt_bce_with_logits, (F({2}), F({2}), nullptr, F({2}), mean), (F({2}), F({3}), nullptr, nullptr, mean)),
    BOTH(rmt_one_hot, (I({0, 2}), 3), (I({0, 2}), 1)),
};
