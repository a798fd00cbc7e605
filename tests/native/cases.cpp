#include "cases.h"
#include <cstdio>
#include <cstdlib>

const char* running = "";

void fail(const std::string& what) {
    std::fprintf(stderr, "%s: %s\n", running, what.c_str());
    std::exit(1);
}

void failed() {
    if (!*rmt_error_message()) fail("it failed without a reason");
    if (rmt_error_code() < 0 || rmt_error_code() > 5) fail("it failed with an unknown code");
}

void works(rmt_tensor made) {
    if (!made) fail(std::string("it failed: ") + rmt_error_message());
    rmt_tensor_free(made);
}
void works(int status) { if (status != 0) fail(std::string("it failed: ") + rmt_error_message()); }
void fails(rmt_tensor made) {
    if (made) fail("it worked where it had to fail");
    failed();
}
void fails(int status) {
    if (status == 0) fail("it worked where it had to fail");
    failed();
}

Held F(std::initializer_list<int64_t> sizes, int type) {
    Ints s(sizes);
    return Held(rmt_create(1, s, static_cast<int>(s.values.size()), options(type), nullptr));
}
Held I(std::initializer_list<int64_t> values) {
    Ints all(values);
    Held shared(rmt_from_memory(all.values.data(), LIST(static_cast<int64_t>(all.values.size())), int64, nullptr, nullptr));
    return Held(rmt_clone(shared));
}
Held B(std::initializer_list<int64_t> sizes) { return F(sizes, boolean); }
Held leaf(std::initializer_list<int64_t> sizes) {
    Held made = F(sizes);
    works(rmt_set_requires_grad(made, 1));
    return Held(rmt_function_share(made));
}
Held sparse() {
    Held table = leaf({3, 2}), ids = I({1}), rows(rmt_embedding(table, ids, -1, 0, 1)), total(rmt_reduce(0, rows, nullptr, 0, 0, nothing));
    rmt_tensor roots[] = {total}, gradient = nullptr;
    works(rmt_backward(roots, nullptr, 1, 0, 0, nullptr, 0));
    works(rmt_grad(table, &gradient));
    return Held(gradient);
}
