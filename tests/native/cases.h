// The shim without .NET: every function of rmt_torch.h is called once where it works and once where it fails.
#pragma once
#include "../../Rmt.Torch/native/rmt_torch.h"
#include <initializer_list>
#include <string>
#include <vector>

struct Case {
    const char* function;
    void (*run)();
};
extern const std::vector<Case> tensor_cases, operation_cases, network_cases, training_cases, reading_cases, runtime_cases, device_cases;

extern const char* running;                      // the function whose case is under way
[[noreturn]] void fail(const std::string& what);
inline void expect(bool holds, const char* what) { if (!holds) fail(what); }
#define EXPECT(holds) expect(holds, #holds)

// What a call has to answer. Tensors are freed here; a failure has filed a reason.
void works(rmt_tensor made);
void works(int status);
void fails(rmt_tensor made);
void fails(int status);
void failed();                                  // the slot holds a reason

#define WORKS(f, arguments) {#f, [] { works(f arguments); }}
#define FAILS(f, arguments) {#f, [] { fails(f arguments); }}
#define BOTH(f, good, bad) WORKS(f, good), FAILS(f, bad)

enum Type : int { uint8 = 0, int64 = 4, float32 = 6, float64 = 7, boolean = 11, bfloat16 = 15, nothing = -1 };
enum Reduction : int { none = 0, mean = 1, sum = 2 };

inline rmt_options options(int type) { return {type, 0, -1}; }
inline rmt_scalar absent() { rmt_scalar s{}; return s; }
inline rmt_scalar real(double value) { rmt_scalar s{}; s.tag = 1; s.real = value; return s; }
inline rmt_scalar whole(int64_t value) { rmt_scalar s{}; s.tag = 2; s.whole = value; return s; }

// A tensor that is freed at the end of the call it is an argument of.
struct Held {
    explicit Held(rmt_tensor t) : t(t) { if (!t) fail(std::string("an argument could not be made: ") + rmt_error_message()); }
    Held(const Held&) = delete;
    ~Held() { rmt_tensor_free(t); }
    operator rmt_tensor() const { return t; }
    rmt_tensor t;
};

Held F(std::initializer_list<int64_t> sizes, int type = float32);           // ones
Held I(std::initializer_list<int64_t> values);                              // [n] int64
Held B(std::initializer_list<int64_t> sizes);                               // [sizes] bool, true
Held leaf(std::initializer_list<int64_t> sizes);                            // ones that want a gradient
Held sparse();                                                              // [3, 2], no memory of its own

// Arrays as arguments: their length follows. Names of lists of numbers and of tensors, which live as long as the call.
struct Ints {
    Ints(std::initializer_list<int64_t> values) : values(values) {}
    operator const int64_t*() const { return values.data(); }
    std::vector<int64_t> values;
};
#define LIST(...) Ints{__VA_ARGS__}, static_cast<int>(Ints{__VA_ARGS__}.values.size())
