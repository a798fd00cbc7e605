using Rmt.Testing;

namespace Rmt.Loaders.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_is_created_or_replaced_and_nothing_else_stays()
    {
        AtomicFile.Write(folder["x"], "one, and long"u8.ToArray());
        AtomicFile.Write(folder["x"], "two"u8.ToArray());
        Assert.Equal("two", File.ReadAllText(folder["x"]));
        Assert.Equal(["x"], Names());
    }

    [Fact]
    public void Nobody_sees_half_a_file()
    {
        AtomicFile.Write(folder["x"], "old"u8.ToArray());
        AtomicFile.Write(folder["x"], stream =>
        {
            stream.Write("ne"u8);
            stream.Flush();
            Assert.Equal("old", File.ReadAllText(folder["x"]));
            stream.Write("w"u8);
        });
        Assert.Equal("new", File.ReadAllText(folder["x"]));
    }

    [Fact]
    public void A_failure_leaves_the_old_file_or_none()
    {
        Assert.Throws<InvalidDataException>(() => AtomicFile.Write(folder["x"], Fail));
        Assert.Empty(Names());
        AtomicFile.Write(folder["x"], "old"u8.ToArray());
        Assert.Throws<InvalidDataException>(() => AtomicFile.Write(folder["x"], Fail));
        Assert.Equal("old", File.ReadAllText(folder["x"]));
        Assert.Equal(["x"], Names());

        static void Fail(FileStream stream)
        {
            stream.Write(new byte[200_000]);
            throw new InvalidDataException();
        }
    }

    [Fact]
    public void A_name_that_cannot_be_taken_leaves_no_temporary_file()
    {
        _ = Directory.CreateDirectory(folder["x"]);   // a folder of that name: the rename fails
        Assert.ThrowsAny<SystemException>(() => AtomicFile.Write(folder["x"], "new"u8.ToArray()));
        Assert.Equal(["x"], Names());
        Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.Write(Path.Combine(folder.Path, "nowhere", "x"), "new"u8.ToArray()));
    }

    private IEnumerable<string?> Names() => Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName);
}
