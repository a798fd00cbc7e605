// The numbers by which C# and the shim name things. Same names, same order as the lists of native/rmt_torch.h (a test compares them).
namespace TorchSharp.Interop;

internal enum ScalarTag : long { absent, real, whole, boolean }

internal enum IndexKind : long { single, slice, ellipsis, none, boolean, tensor }

internal enum Unary
{
    abs, neg, exp, log, sqrt, rsqrt, sin, cos, tanh, erf, sigmoid, relu, silu, floor,
    ceil, round, sign, reciprocal, square, logical_not, bitwise_not, isnan, isinf, isfinite, erfinv, conj_physical,
}

internal enum Binary
{
    add, sub, mul, div, remainder, pow, maximum, minimum, eq, ne, lt, le, gt, ge,
    logical_and, logical_or, logical_xor, bitwise_and, bitwise_or, bitwise_xor,
}

internal enum Reduce { sum, mean, amax, amin, std, var, std_biased, var_biased, logsumexp, all, any }

internal enum Product { matmul, mm, bmm }

internal enum Fill { zeros, ones, rand, randn, empty }

internal enum ErrorCode { other, argument, index, out_of_memory, device, managed }
