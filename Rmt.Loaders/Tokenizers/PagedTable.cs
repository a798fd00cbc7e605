namespace Rmt.Loaders;

/// <summary>A value per code point, kept in pages of 256 so that a lookup is two array reads and empty ranges cost nothing.</summary>
internal sealed class PagedTable<T> where T : struct
{
    private readonly T[] empty = new T[256];
    private readonly T[][] pages = new T[0x1100][];

    public PagedTable() => Array.Fill(pages, empty);

    public T this[int codePoint] => pages[codePoint >> 8][codePoint & 255];

    /// <summary>The place of a code point's value, for filling the table.</summary>
    public ref T Entry(int codePoint)
    {
        ref var page = ref pages[codePoint >> 8];
        if (ReferenceEquals(page, empty))
            page = new T[256];
        return ref page[codePoint & 255];
    }
}
