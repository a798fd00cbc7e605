// Creation, facts, views and copies.
#include "cases.h"
#include <cstdlib>
#include <filesystem>
#include <unistd.h>

namespace {
const int64_t open = INT64_MIN;
rmt_index at(int64_t i) { return {0, i, open, open, nullptr}; }
rmt_index slice(int64_t start, int64_t stop) { return {1, start, stop, open, nullptr}; }

void from_memory() {
    static int released;
    float numbers[] = {1, 2, 3, 4};
    released = 0;
    works(rmt_from_memory(numbers, LIST(2, 2), float32, [](void* owner) { ++*static_cast<int*>(owner); }, &released));
    EXPECT(released == 1);
    fails(rmt_from_memory(numbers, LIST(-1), float32, nullptr, nullptr));
}

void facts() {
    Held t = F({2, 3}), s = sparse();
    int64_t sizes[2] = {0, 0}, strides[2] = {0, 0};
    EXPECT(rmt_dim(t) == 2 && rmt_numel(t) == 6 && rmt_element_size(t) == 4);
    EXPECT(rmt_sizes(t, sizes, 2) == 2 && sizes[0] == 2 && sizes[1] == 3);
    EXPECT(rmt_strides(t, strides, 2) == 2 && strides[0] == 3 && strides[1] == 1);
    EXPECT(rmt_storage_offset(t) == 0 && rmt_is_contiguous(t) == 1 && rmt_is_pinned(t) == 0);
    EXPECT(rmt_tensor_options(t).dtype == float32 && rmt_tensor_options(t).device == 0);
    EXPECT(*static_cast<float*>(rmt_data(t)) == 1);
    // What a sparse tensor answers differs between versions of libtorch; some throw.
    if (rmt_strides(s, strides, 2) < 0) failed();
    if (rmt_storage_offset(s) < 0) failed();
    if (rmt_is_contiguous(s) < 0) failed();
    if (!rmt_data(s)) failed();
    rmt_tensor_free(nullptr);
}

void item() {
    rmt_scalar value{};
    works(rmt_item(F({1}), &value));
    EXPECT(value.tag == 1 && value.real == 1);
    works(rmt_item(I({7}), &value));
    EXPECT(value.tag == 2 && value.whole == 7);
    works(rmt_item(B({}), &value));
    EXPECT(value.tag == 3 && value.whole == 1);
    fails(rmt_item(F({2}), &value));
}

void memory() {
    void* data = nullptr;
    int64_t bytes = 0;
    Held t = F({2, 3}), view(rmt_select(t, 0, 1)), s = sparse();
    works(rmt_storage(view, &data, &bytes));
    EXPECT(data == rmt_data(t) && bytes == 24);
    fails(rmt_storage(s, &data, &bytes));
}

void files() {
    std::string name = std::filesystem::temp_directory_path() / "rmt-torch-XXXXXX";
    char* path = name.data();
    int file = mkstemp(path);
    EXPECT(file >= 0);
    works(rmt_save(F({2, 3}), path));
    works(rmt_load(path));
    EXPECT(truncate(path, 10) == 0);
    fails(rmt_load(path));
    EXPECT(close(file) == 0 && unlink(path) == 0);
    fails(rmt_load(path));
    fails(rmt_save(F({2, 3}), "/no such folder/tensor"));
}

void parts() {
    rmt_tensor all[2] = {nullptr, nullptr};
    Held t = F({2, 3});
    works(rmt_split(t, LIST(1, 1), 0, all));
    for (auto part : all) rmt_tensor_free(part);
    fails(rmt_split(t, LIST(1, 5), 0, all));
    works(rmt_unbind(t, 0, all, 2));
    for (auto part : all) rmt_tensor_free(part);
    fails(rmt_unbind(t, 0, all, 1));
    fails(rmt_unbind(t, 9, all, 2));
}

void indexing() {
    Held t = F({2, 3}), rows = I({1, 0}), mask = B({2});
    rmt_index some[] = {at(1), slice(0, 2)}, none[] = {{2, 0, 0, 0, nullptr}, {3, 0, 0, 0, nullptr}}, chosen[] = {{5, 0, 0, 0, rows}}, masked[] = {{5, 0, 0, 0, mask}};
    rmt_index truth[] = {{4, 1, 0, 0, nullptr}}, far[] = {at(5)};
    for (auto& pair : {some, none}) works(rmt_index_get(t, pair, 2));
    for (auto& one : {chosen, masked, truth}) works(rmt_index_get(t, one, 1));
    fails(rmt_index_get(t, far, 1));
    works(rmt_index_put_(t, some, 2, F({})));
    works(rmt_index_put_(t, masked, 1, F({}, float64)));
    fails(rmt_index_put_(t, some, 2, F({7})));
}

void joining() {
    Held a = F({2, 3}), b = F({2, 4});
    rmt_tensor same[] = {a, a}, other[] = {a, b};
    works(rmt_cat(same, 2, 0));
    fails(rmt_cat(other, 2, 0));
    works(rmt_stack(same, 2, 0));
    fails(rmt_stack(other, 2, 0));
    works(rmt_einsum("ij,kj->ik", same, 2));
    fails(rmt_einsum("ij,jk->ik", same, 2));
}

void pin_memory() {
    if (rmt_cuda_device_count() == 0) return fails(rmt_pin_memory(F({2})));
    Held pinned(rmt_pin_memory(F({2})));
    EXPECT(rmt_is_pinned(pinned) == 1);
}
}   // namespace

const std::vector<Case> tensor_cases = {
    WORKS(rmt_create, (0, LIST(2, 3), options(float32), nullptr)), WORKS(rmt_create, (2, LIST(2), options(float64), nullptr)),
    WORKS(rmt_create, (3, LIST(2), options(float32), nullptr)), WORKS(rmt_create, (4, LIST(), options(int64), nullptr)),
    FAILS(rmt_create, (0, LIST(-2), options(float32), nullptr)), FAILS(rmt_create, (3, LIST(2), options(int64), nullptr)),
    FAILS(rmt_create, (0, LIST(int64_t{1} << 60, 100), options(float32), nullptr)),
    BOTH(rmt_full, (LIST(2), whole(3), options(float32)), (LIST(2), absent(), options(float32))),
    BOTH(rmt_arange, (whole(0), whole(5), whole(1), options(int64)), (whole(0), whole(5), whole(0), options(int64))),
    BOTH(rmt_randint, (0, 5, LIST(3), options(int64), nullptr), (5, 0, LIST(3), options(int64), nullptr)),
    BOTH(rmt_randperm, (5, options(int64), nullptr), (-5, options(int64), nullptr)),
    {"rmt_from_memory", from_memory}, {"rmt_tensor_options", facts}, {"rmt_item", item}, {"rmt_storage", memory}, {"rmt_save", files}, {"rmt_split", parts}, {"rmt_index_get", indexing}, {"rmt_cat", joining},
    {"rmt_pin_memory", pin_memory},
    BOTH(rmt_view, (F({2, 3}), LIST(3, 2)), (F({2, 3}), LIST(4, 2))),
    BOTH(rmt_reshape, (F({2, 3}), LIST(-1)), (F({2, 3}), LIST(4))),
    BOTH(rmt_expand, (F({1, 3}), LIST(2, 3)), (F({2, 3}), LIST(4, 3))),
    BOTH(rmt_permute, (F({2, 3}), LIST(1, 0)), (F({2, 3}), LIST(0, 0))),
    BOTH(rmt_transpose, (F({2, 3}), 0, 1), (F({2, 3}), 0, 9)),
    BOTH(rmt_unsqueeze, (F({2}), 0), (F({2}), 9)),
    WORKS(rmt_squeeze, (F({1, 2}))),
    BOTH(rmt_squeeze_dim, (F({1, 2}), 0), (F({1, 2}), 9)),
    BOTH(rmt_flatten, (F({2, 3}), 0, -1), (F({2, 3}), 1, 0)),
    BOTH(rmt_narrow, (F({2, 3}), 0, 1, 1), (F({2, 3}), 0, 1, 5)),
    BOTH(rmt_select, (F({2, 3}), 0, 1), (F({2, 3}), 0, 5)),
    BOTH(rmt_slice, (F({2, 3}), 0, 0, 2, 1), (F({2, 3}), 0, 0, 2, 0)),
    BOTH(rmt_unfold, (F({5}), 0, 2, 1), (F({5}), 0, 9, 1)),
    BOTH(rmt_repeat, (F({2}), LIST(2, 2)), (F({2, 2}), LIST(2))),
    BOTH(rmt_repeat_interleave, (F({2}), 2, 0, 1), (F({2}), 2, 9, 1)), WORKS(rmt_repeat_interleave, (F({2}), 2, 0, 0)),
    BOTH(rmt_roll, (F({2}), LIST(1), LIST(0)), (F({2}), LIST(1, 1), LIST(0))),
    BOTH(rmt_flip, (F({2}), LIST(0)), (F({2}), LIST(9))),
    WORKS(rmt_contiguous, (F({2}))), WORKS(rmt_alias, (F({2}))), WORKS(rmt_clone, (F({2}))),
    BOTH(rmt_to, (F({2}), options(bfloat16), 0, 1), (F({2}), rmt_options{nothing, 99, 0}, 0, 0)),
    BOTH(rmt_copy_, (F({2}), F({1}), 0), (F({2}), F({3}), 0)),
    BOTH(rmt_fill_, (F({2}), real(1)), (F({2}), absent())),
    BOTH(rmt_pad, (F({2}), LIST(1, 1), "constant", 0), (F({2}), LIST(1, 1), "no such mode", 0)),
};
