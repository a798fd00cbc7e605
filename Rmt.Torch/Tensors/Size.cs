using System.Collections;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The sizes of a tensor's dimensions, as a value. (<c>Tensor.shape</c> is an array.)</summary>
    public readonly struct Size : IEnumerable<long>, IEquatable<Size>
    {
        private readonly long[]? sizes;

        public Size(long[] shape) => sizes = [.. shape];
        public Size(IEnumerable<long> shape) => sizes = [.. shape];
        public Size(int[] shape) => sizes = [.. shape];
        public Size(long size) => sizes = [size];
        public Size((long, long) size) => sizes = [size.Item1, size.Item2];
        public Size((long, long, long) size) => sizes = [size.Item1, size.Item2, size.Item3];
        public Size((long, long, long, long) size) => sizes = [size.Item1, size.Item2, size.Item3, size.Item4];
        public Size((long, long, long, long, long) size) => sizes = [size.Item1, size.Item2, size.Item3, size.Item4, size.Item5];
        public Size((long, long, long, long, long, long) size) => sizes = [size.Item1, size.Item2, size.Item3, size.Item4, size.Item5, size.Item6];

        public static implicit operator Size(long size) => new(size);
        public static implicit operator Size((long, long) size) => new(size);
        public static implicit operator Size((long, long, long) size) => new(size);
        public static implicit operator Size((long, long, long, long) size) => new(size);
        public static implicit operator Size((long, long, long, long, long) size) => new(size);
        public static implicit operator Size((long, long, long, long, long, long) size) => new(size);
        public static implicit operator Size(long[] size) => new(size);

        public static Size Empty { get; } = new(Array.Empty<long>());

        /// <summary>The sizes; of no dimensions where none were given.</summary>
        public long[] Shape => sizes ?? [];

        public int Length => Shape.Length;

        public bool IsEmpty => Length == 0;

        public bool IsScalar => IsEmpty;

        public long this[int idx] => Shape[idx];

        public long this[long idx] => Shape[idx];

        /// <summary>Elements of a tensor of this size.</summary>
        public long numel() => Shape.Aggregate(1L, (product, size) => product * size);

        /// <summary>The dimensions from <paramref name="first"/> up to and without <paramref name="next"/>; numbers below zero count from the end.</summary>
        public Size Slice(int first, int next)
        {
            first += first < 0 ? Length : 0;
            next += next < 0 ? Length : 0;
            return next <= first ? Empty : new(Shape[first..next]);
        }

        public IEnumerable<long> Take(int i) => Shape.Take(i);

        public static Size operator +(Size left, Size right) => new((long[])[.. left.Shape, .. right.Shape]);
        public static Size operator +(Size left, IEnumerable<long> right) => new((long[])[.. left.Shape, .. right]);
        public static bool operator ==(Size left, Size right) => left.Equals(right);
        public static bool operator !=(Size left, Size right) => !left.Equals(right);

        public bool Equals(Size other) => Shape.AsSpan().SequenceEqual(other.Shape);

        public override bool Equals(object? obj) => obj is Size other && Equals(other);

        public override int GetHashCode() => Shape.Aggregate(Length, HashCode.Combine);

        public IEnumerator<long> GetEnumerator() => ((IEnumerable<long>)Shape).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => $"[{string.Join(", ", Shape)}]";
    }
}
