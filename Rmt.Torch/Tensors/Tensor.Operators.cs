using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public static Tensor operator -(Tensor t) => t.neg();
        public static Tensor operator ~(Tensor t) => t.bitwise_not();

        public static Tensor operator +(Tensor a, Tensor b) => a.add(b);
        public static Tensor operator +(Tensor a, Scalar b) => a.add(b);
        public static Tensor operator +(Scalar a, Tensor b) => b.add(a);
        public static Tensor operator +(Tensor a, double b) => a.add(b);
        public static Tensor operator +(double a, Tensor b) => b.add(a);
        public static Tensor operator +(Tensor a, float b) => a.add(b);
        public static Tensor operator +(float a, Tensor b) => b.add(a);
        public static Tensor operator +(Tensor a, long b) => a.add(b);
        public static Tensor operator +(long a, Tensor b) => b.add(a);
        public static Tensor operator +(Tensor a, int b) => a.add(b);
        public static Tensor operator +(int a, Tensor b) => b.add(a);

        public static Tensor operator -(Tensor a, Tensor b) => a.sub(b);
        public static Tensor operator -(Tensor a, Scalar b) => a.sub(b);
        public static Tensor operator -(Scalar a, Tensor b) => b.Before(a);
        public static Tensor operator -(Tensor a, double b) => a.sub(b);
        public static Tensor operator -(double a, Tensor b) => b.Before(a);
        public static Tensor operator -(Tensor a, float b) => a.sub(b);
        public static Tensor operator -(float a, Tensor b) => b.Before(a);
        public static Tensor operator -(Tensor a, long b) => a.sub(b);
        public static Tensor operator -(long a, Tensor b) => b.Before(a);
        public static Tensor operator -(Tensor a, int b) => a.sub(b);
        public static Tensor operator -(int a, Tensor b) => b.Before(a);

        public static Tensor operator *(Tensor a, Tensor b) => a.mul(b);
        public static Tensor operator *(Tensor a, Scalar b) => a.mul(b);
        public static Tensor operator *(Scalar a, Tensor b) => b.mul(a);
        public static Tensor operator *(Tensor a, double b) => a.mul(b);
        public static Tensor operator *(double a, Tensor b) => b.mul(a);
        public static Tensor operator *(Tensor a, float b) => a.mul(b);
        public static Tensor operator *(float a, Tensor b) => b.mul(a);
        public static Tensor operator *(Tensor a, long b) => a.mul(b);
        public static Tensor operator *(long a, Tensor b) => b.mul(a);
        public static Tensor operator *(Tensor a, int b) => a.mul(b);
        public static Tensor operator *(int a, Tensor b) => b.mul(a);

        public static Tensor operator /(Tensor a, Tensor b) => a.div(b);
        public static Tensor operator /(Tensor a, Scalar b) => a.div(b);
        public static Tensor operator /(Scalar a, Tensor b) => b.Under(a);
        public static Tensor operator /(Tensor a, double b) => a.div(b);
        public static Tensor operator /(double a, Tensor b) => b.Under(a);
        public static Tensor operator /(Tensor a, float b) => a.div(b);
        public static Tensor operator /(float a, Tensor b) => b.Under(a);
        public static Tensor operator /(Tensor a, long b) => a.div(b);
        public static Tensor operator /(long a, Tensor b) => b.Under(a);
        public static Tensor operator /(Tensor a, int b) => a.div(b);
        public static Tensor operator /(int a, Tensor b) => b.Under(a);

        public static Tensor operator %(Tensor a, Tensor b) => a.remainder(b);
        public static Tensor operator %(Tensor a, Scalar b) => a.remainder(b);

        public static Tensor operator &(Tensor a, Tensor b) => a.Apply(Binary.bitwise_and, b);
        public static Tensor operator |(Tensor a, Tensor b) => a.Apply(Binary.bitwise_or, b);
        public static Tensor operator ^(Tensor a, Tensor b) => a.Apply(Binary.bitwise_xor, b);

        public static Tensor operator ==(Tensor a, Tensor b) => a.eq(b);
        public static Tensor operator !=(Tensor a, Tensor b) => a.ne(b);
        public static Tensor operator <(Tensor a, Tensor b) => a.lt(b);
        public static Tensor operator <=(Tensor a, Tensor b) => a.le(b);
        public static Tensor operator >(Tensor a, Tensor b) => a.gt(b);
        public static Tensor operator >=(Tensor a, Tensor b) => a.ge(b);
        public static Tensor operator ==(Tensor a, Scalar b) => a.eq(b);
        public static Tensor operator !=(Tensor a, Scalar b) => a.ne(b);
        public static Tensor operator <(Tensor a, Scalar b) => a.lt(b);
        public static Tensor operator <=(Tensor a, Scalar b) => a.le(b);
        public static Tensor operator >(Tensor a, Scalar b) => a.gt(b);
        public static Tensor operator >=(Tensor a, Scalar b) => a.ge(b);

        private Tensor Before(Scalar a)
        {
            using var negative = neg();
            return negative.add(a);
        }

        private Tensor Under(Scalar a)
        {
            using var inverse = reciprocal();
            return inverse.mul(a);
        }

        // Makes Scalar the better target where a number could become either.
        public static implicit operator Tensor(Scalar value) => full([], value);
        public static implicit operator Tensor(float value) => tensor(value);
        public static implicit operator Tensor(double value) => tensor(value);
        public static implicit operator Tensor(long value) => tensor(value);
        public static implicit operator Tensor(int value) => tensor(value);
        public static implicit operator Tensor(short value) => tensor(value);
        public static implicit operator Tensor(sbyte value) => tensor(value);
        public static implicit operator Tensor(byte value) => tensor(value);
        public static implicit operator Tensor(bool value) => tensor(value);
        public static implicit operator Tensor(float[] values) => tensor(values);
        public static implicit operator Tensor(double[] values) => tensor(values);
        public static implicit operator Tensor(long[] values) => tensor(values);
        public static implicit operator Tensor(int[] values) => tensor(values);
        public static implicit operator Tensor(short[] values) => tensor(values);
        public static implicit operator Tensor(sbyte[] values) => tensor(values);
        public static implicit operator Tensor(byte[] values) => tensor(values);
        public static implicit operator Tensor(bool[] values) => tensor(values);

        public static explicit operator float(Tensor value) => value.ToSingle();
        public static explicit operator double(Tensor value) => value.ToDouble();
        public static explicit operator int(Tensor value) => value.ToInt32();
        public static explicit operator long(Tensor value) => value.ToInt64();
        public static explicit operator bool(Tensor value) => value.ToBoolean();
    }
}
