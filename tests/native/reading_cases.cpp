// Reading in fused steps, and recordings.
#include "cases.h"
#include <cstring>

namespace {
void add_norm() {
    works(rmt_add_norm(F({2, 3, 8}), F({8}), F({2, 3, 8}), F({8}), F({8}), 1e-5));
    fails(rmt_add_norm(F({2, 3, 8}), F({7}), F({2, 3, 8}), F({8}), F({8}), 1e-5));
    fails(rmt_add_norm(F({2, 3, 8}), F({8}), F({2, 4, 8}), F({8}), F({8}), 1e-5));
    fails(rmt_add_norm(F({2, 3, 8}), F({8}, bfloat16), F({2, 3, 8}), F({8}), F({8}), 1e-5));
}

void embed_norm() {
    Held ids(rmt_reshape(I({0, 1, 2, 1, 0, 2}), LIST(2, 3)));
    works(rmt_embed_norm(ids, F({3, 8}), F({3, 8}), F({8}), F({2, 1, 8}), 1, F({8}), F({8}), 1e-5));
    fails(rmt_embed_norm(ids, F({3, 8}), F({3, 8}), F({8}), F({2, 3, 8}), 1, F({8}), F({8}), 1e-5));      // no room behind the first row
    fails(rmt_embed_norm(F({2, 3}), F({3, 8}), F({3, 8}), F({8}), F({2, 1, 8}), 1, F({8}), F({8}), 1e-5));
    fails(rmt_embed_norm(ids, F({3, 8}), F({4, 8}), F({8}), F({2, 1, 8}), 1, F({8}), F({8}), 1e-5));
}

void rows() {
    Held first = F({2, 8}), second = F({2, 8}), twisted(rmt_transpose(F({2, 8}), 0, 1));
    rmt_tensor both[] = {first, second}, not_in_one_run[] = {twisted};
    int64_t addresses[2] = {};
    works(rmt_addresses(both, 2, addresses));
    fails(rmt_addresses(not_in_one_run, 1, addresses));
    EXPECT(addresses[0] != 0 && addresses[0] != addresses[1]);
    Held places = I({addresses[0], addresses[1]});
    works(rmt_rows_at(places, LIST(2, 8), float32));
    fails(rmt_rows_at(F({2}), LIST(2, 8), float32));
    works(rmt_put_rows_at(places, F({2, 2, 8})));
    fails(rmt_put_rows_at(places, F({3, 2, 8})));
}

void graphs() {
    if (rmt_cuda_device_count() == 0) {
        EXPECT(std::strstr(rmt_graphs_missing(), "no CUDA device") != nullptr);
        EXPECT(rmt_graph_enter(0) == nullptr);
        failed();
        return;
    }
    EXPECT(std::strlen(rmt_graphs_missing()) == 0);
    void* graph = rmt_graph_enter(0);
    EXPECT(graph != nullptr);
    Held x(rmt_to(F({4}), rmt_options{nothing, 1, 0}, 0, 0));
    works(rmt_graph_begin(graph));
    Held y(rmt_binary(2, x, x));
    works(rmt_graph_end(graph));
    works(rmt_graph_leave(graph));
    works(rmt_graph_replay(graph));
    rmt_graph_free(graph);
}
}   // namespace

const std::vector<Case> reading_cases = {
    {"rmt_add_norm", add_norm}, {"rmt_embed_norm", embed_norm}, BOTH(rmt_linear_gelu, (F({2, 3}), F({8, 3}), F({8}), 1), (F({2, 3}), F({8, 4}), F({8}), 0)),
    {"rmt_rows_at", rows}, {"rmt_graph_enter", graphs},
};
