using Rmt.Testing;

namespace Rmt.Loaders.Tests;

public sealed class SafetensorsFileTests : IDisposable
{
    private const string Two = """{"late":{"dtype":"U8","shape":[2,3],"data_offsets":[4,10]},"early":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""";
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Bytes_are_those_of_the_entry()
    {
        using var file = SafetensorsFile.Open(Save(Two, 10));
        Assert.Equal(["early", "late"], file.Entries.Select(entry => entry.Name));
        Assert.Equal([0, 1, 2, 3], file.Bytes(file.Find("early")));
        Assert.Equal([4, 5, 6, 7, 8, 9], file.Bytes(file.Find("late")));
    }

    [Fact]
    public void A_part_of_a_tensor_can_be_read_and_nothing_beyond_it()
    {
        using var file = SafetensorsFile.Open(Save(Two, 10));
        var entry = file.Find("late");
        var part = new byte[2];
        file.CopyTo(entry, part, from: 3);
        Assert.Equal([7, 8], part);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.CopyTo(entry, part, from: 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.CopyTo(entry, part, from: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.CopyTo(entry, part, from: long.MaxValue));
    }

    [Fact]
    public void A_name_that_is_not_there_is_refused_with_those_that_are()
    {
        using var file = SafetensorsFile.Open(Save(Two, 10));
        Assert.False(file.TryFind("x", out _));
        Assert.Equal($"{file.Path}: has no tensor 'x'; it has 2: 'early', 'late'.", Assert.Throws<LoadException>(() => file.Find("x")).Message);
    }

    [Fact]
    public void A_file_that_is_cut_while_it_is_open_is_an_error_and_not_the_end_of_the_process()
    {
        // Mapped, the pages behind the new end would raise SIGBUS at the first touch.
        var path = Save("""{"a":{"dtype":"U8","shape":[100000],"data_offsets":[0,100000]}}""", 100_000);
        using var file = SafetensorsFile.Open(path);
        using (var cut = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            cut.SetLength(5000);
        var e = Assert.Throws<LoadException>(() => file.Bytes(file.Find("a")));
        Assert.Contains("ends at byte 5000, inside tensor 'a'; it was longer when it was opened", e.Message);
    }

    [Fact]
    public void A_file_that_is_replaced_while_it_is_open_is_read_as_it_was()
    {
        var path = Save(Two, 10);
        using var file = SafetensorsFile.Open(path);
        AtomicFile.Write(path, "something else"u8.ToArray());
        Assert.Equal([4, 5, 6, 7, 8, 9], file.Bytes(file.Find("late")));
    }

    [Fact]
    public void What_is_no_file_is_refused_by_name()
    {
        Assert.Contains("nothing.safetensors: cannot be opened", Assert.Throws<LoadException>(() => SafetensorsFile.Open(folder["nothing.safetensors"])).Message);
        Assert.StartsWith($"{folder.Path}: cannot be opened", Assert.Throws<LoadException>(() => SafetensorsFile.Open(folder.Path)).Message);
    }

    [Fact]
    public void A_refused_file_is_closed()
    {
        var path = Save("{}", 1);
        Assert.Throws<LoadException>(() => SafetensorsFile.Open(path));
        using var exclusive = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.Equal(11, exclusive.Length);
    }

    private string Save(string json, int data)
    {
        File.WriteAllBytes(folder["model.safetensors"], SafetensorsBytes.File(json, data));
        return folder["model.safetensors"];
    }
}
