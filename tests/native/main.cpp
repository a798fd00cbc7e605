// Runs every case twice; then LeakSanitizer looks for memory that nobody can reach any more, and ends with 23 if there is some.
#include "cases.h"
#include <cstdio>
#include <cstring>

// An allocation that is too large is one of the cases: it must fail, not end the process.
extern "C" const char* __lsan_default_options() { return "allocator_may_return_null=1:exitcode=23:print_suppressions=0"; }

int main(int count, char** arguments) {
    size_t cases = 0;
    for (int round = 0; round < 2; round++) {
        for (auto all : {&runtime_cases, &tensor_cases, &operation_cases, &network_cases, &training_cases, &reading_cases, &device_cases}) {
            for (auto& one : *all) {
                running = one.function;
                try {
                    one.run();
                } catch (...) {
                    fail("an exception crossed the border");
                }
                cases++;
            }
        }
    }
    if (count == 2 && std::strcmp(arguments[1], "--forget") == 0) (void)rmt_clone(F({1000}));
    std::printf("%zu cases\n", cases / 2);
}
