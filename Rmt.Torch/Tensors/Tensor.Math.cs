using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private Tensor Apply(Unary op) => Own(NativeMethods.rmt_unary((int)op, NativeHandle));

        private Tensor ApplyInPlace(Unary op)
        {
            ErrorSlot.Check(NativeMethods.rmt_unary_((int)op, NativeHandle));
            return this;
        }

        internal Tensor Apply(Binary op, Tensor other) => Own(NativeMethods.rmt_binary((int)op, NativeHandle, other.NativeHandle));
        internal Tensor Apply(Binary op, Scalar other) => Own(NativeMethods.rmt_binary_scalar((int)op, NativeHandle, other.Value));

        private Tensor ApplyInPlace(Binary op, Tensor other)
        {
            ErrorSlot.Check(NativeMethods.rmt_binary_((int)op, NativeHandle, other.NativeHandle));
            return this;
        }

        private Tensor ApplyInPlace(Binary op, Scalar other)
        {
            ErrorSlot.Check(NativeMethods.rmt_binary_scalar_((int)op, NativeHandle, other.Value));
            return this;
        }

        public Tensor abs() => Apply(Unary.abs);
        public Tensor neg() => Apply(Unary.neg);
        public Tensor exp() => Apply(Unary.exp);
        public Tensor log() => Apply(Unary.log);
        public Tensor sqrt() => Apply(Unary.sqrt);
        public Tensor rsqrt() => Apply(Unary.rsqrt);
        public Tensor sin() => Apply(Unary.sin);
        public Tensor cos() => Apply(Unary.cos);
        public Tensor tanh() => Apply(Unary.tanh);
        public Tensor erf() => Apply(Unary.erf);
        public Tensor sigmoid() => Apply(Unary.sigmoid);
        public Tensor relu() => Apply(Unary.relu);
        public Tensor silu() => Apply(Unary.silu);
        public Tensor floor() => Apply(Unary.floor);
        public Tensor ceil() => Apply(Unary.ceil);
        public Tensor round() => Apply(Unary.round);
        public Tensor sign() => Apply(Unary.sign);
        public Tensor reciprocal() => Apply(Unary.reciprocal);
        public Tensor square() => Apply(Unary.square);
        public Tensor logical_not() => Apply(Unary.logical_not);
        public Tensor bitwise_not() => Apply(Unary.bitwise_not);
        public Tensor isnan() => Apply(Unary.isnan);
        public Tensor isinf() => Apply(Unary.isinf);
        public Tensor isfinite() => Apply(Unary.isfinite);
        public Tensor gelu() => Own(NativeMethods.rmt_gelu(NativeHandle, 0));

        public Tensor sqrt_() => ApplyInPlace(Unary.sqrt);
        public Tensor exp_() => ApplyInPlace(Unary.exp);
        public Tensor neg_() => ApplyInPlace(Unary.neg);
        public Tensor relu_() => ApplyInPlace(Unary.relu);
        public Tensor tanh_() => ApplyInPlace(Unary.tanh);

        public Tensor add(Tensor target) => Apply(Binary.add, target);
        public Tensor add(Scalar scalar) => Apply(Binary.add, scalar);
        public Tensor add(Tensor target, Scalar alpha) => Own(NativeMethods.rmt_add_scaled(NativeHandle, target.NativeHandle, alpha.Value));
        public Tensor add_(Tensor target) => ApplyInPlace(Binary.add, target);
        public Tensor add_(Scalar scalar) => ApplyInPlace(Binary.add, scalar);
        public Tensor add_(Tensor target, Scalar alpha)
        {
            ErrorSlot.Check(NativeMethods.rmt_add_scaled_(NativeHandle, target.NativeHandle, alpha.Value));
            return this;
        }

        public Tensor sub(Tensor target) => Apply(Binary.sub, target);
        public Tensor sub(Scalar scalar) => Apply(Binary.sub, scalar);
        public Tensor sub_(Tensor target) => ApplyInPlace(Binary.sub, target);
        public Tensor sub_(Scalar scalar) => ApplyInPlace(Binary.sub, scalar);
        public Tensor mul(Tensor target) => Apply(Binary.mul, target);
        public Tensor mul(Scalar scalar) => Apply(Binary.mul, scalar);
        public Tensor mul_(Tensor target) => ApplyInPlace(Binary.mul, target);
        public Tensor mul_(Scalar scalar) => ApplyInPlace(Binary.mul, scalar);
        public Tensor div(Tensor target) => Apply(Binary.div, target);
        public Tensor div(Scalar target) => Apply(Binary.div, target);
        public Tensor div_(Tensor target) => ApplyInPlace(Binary.div, target);
        public Tensor div_(Scalar target) => ApplyInPlace(Binary.div, target);
        public Tensor remainder(Tensor other) => Apply(Binary.remainder, other);
        public Tensor remainder(Scalar other) => Apply(Binary.remainder, other);
        public Tensor pow(Tensor exponent) => Apply(Binary.pow, exponent);
        public Tensor pow(Scalar exponent) => Apply(Binary.pow, exponent);
        public Tensor pow_(Scalar exponent) => ApplyInPlace(Binary.pow, exponent);
        public Tensor maximum(Tensor other) => Apply(Binary.maximum, other);
        public Tensor minimum(Tensor other) => Apply(Binary.minimum, other);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value)
        {
            ErrorSlot.Check(NativeMethods.rmt_addcmul_(NativeHandle, tensor1.NativeHandle, tensor2.NativeHandle, value.Value));
            return this;
        }

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value)
        {
            ErrorSlot.Check(NativeMethods.rmt_addcdiv_(NativeHandle, tensor1.NativeHandle, tensor2.NativeHandle, value.Value));
            return this;
        }

        public Tensor matmul(Tensor target) => Own(NativeMethods.rmt_product((int)Product.matmul, NativeHandle, target.NativeHandle));
        public Tensor mm(Tensor target) => Own(NativeMethods.rmt_product((int)Product.mm, NativeHandle, target.NativeHandle));
        public Tensor bmm(Tensor batch2) => Own(NativeMethods.rmt_product((int)Product.bmm, NativeHandle, batch2.NativeHandle));
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Own(NativeMethods.rmt_addmm(NativeHandle, mat1.NativeHandle, mat2.NativeHandle, beta, alpha));
        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            Own(NativeMethods.rmt_baddbmm(NativeHandle, batch1.NativeHandle, batch2.NativeHandle, beta, alpha));

        public Tensor clamp(Scalar? min = null, Scalar? max = null) =>
            Own(NativeMethods.rmt_clamp(NativeHandle, Scalar.Native(min), Scalar.Native(max)));

        public Tensor softmax(long dim, ScalarType? dtype = null) => Own(NativeMethods.rmt_softmax(NativeHandle, dim, Code(dtype), 0));
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Own(NativeMethods.rmt_softmax(NativeHandle, dim, Code(dtype), 1));

        public Tensor eq(Tensor target) => Apply(Binary.eq, target);
        public Tensor eq(Scalar target) => Apply(Binary.eq, target);
        public Tensor ne(Tensor target) => Apply(Binary.ne, target);
        public Tensor ne(Scalar target) => Apply(Binary.ne, target);
        public Tensor lt(Tensor target) => Apply(Binary.lt, target);
        public Tensor lt(Scalar target) => Apply(Binary.lt, target);
        public Tensor le(Tensor target) => Apply(Binary.le, target);
        public Tensor le(Scalar target) => Apply(Binary.le, target);
        public Tensor gt(Tensor target) => Apply(Binary.gt, target);
        public Tensor gt(Scalar target) => Apply(Binary.gt, target);
        public Tensor ge(Tensor target) => Apply(Binary.ge, target);
        public Tensor ge(Scalar target) => Apply(Binary.ge, target);
        public Tensor logical_and(Tensor other) => Apply(Binary.logical_and, other);
        public Tensor logical_or(Tensor other) => Apply(Binary.logical_or, other);
        public Tensor logical_xor(Tensor other) => Apply(Binary.logical_xor, other);

        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false)
        {
            ErrorSlot.Check(NativeMethods.rmt_allclose(NativeHandle, target.NativeHandle, rtol, atol, equal_nan ? 1 : 0, out var answer));
            return answer != 0;
        }

        /// <summary>Elementwise, as <see cref="eq(Tensor)"/>: unlike PyTorch's, but TorchSharp's.</summary>
        public Tensor equal(Tensor target) => eq(target);

        internal static int Code(ScalarType? type) => type is { } given ? (int)given : -1;
    }
}
