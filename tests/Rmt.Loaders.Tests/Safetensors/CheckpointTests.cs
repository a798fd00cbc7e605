using Rmt.Testing;

namespace Rmt.Loaders.Tests;

public sealed class CheckpointTests : IDisposable
{
    private const string Index = "model.safetensors.index.json";
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Shards_are_read_as_if_they_were_one_file()
    {
        Shard("1.safetensors", "a", "b");
        Shard("2.safetensors", "c");
        using var checkpoint = Open("""{"metadata":{"total_size":3},"weight_map":{"c":"2.safetensors","a":"1.safetensors","b":"1.safetensors"}}""");
        Assert.Equal(["a", "b", "c"], checkpoint.Entries.Select(entry => entry.Name));
        Assert.True(checkpoint.TryFind("c", out var entry));
        Assert.EndsWith("2.safetensors", checkpoint.FileOf(entry).Path);
        Assert.False(checkpoint.TryFind("d", out _));
    }

    [Fact]
    public void The_shards_of_transformers_are_read()
    {
        using var checkpoint = ModelFolder.Open(Shared.Path("golden", "bert-random", "sharded-bf16-mlm")).OpenWeights();
        Assert.Equal(3, checkpoint.Files.Count);
        Assert.Equal(326_234, checkpoint.Entries.Sum(entry => entry.Length));   // total_size in the index
        Assert.All(checkpoint.Entries, entry => Assert.Equal(Dtype.BF16, entry.Dtype));
    }

    [Theory]
    [InlineData("""{"weight_map":{}}""", "weight_map must be an object that names a file for every tensor, found an empty one")]
    [InlineData("""{"metadata":{}}""", "weight_map is missing; it must be an object")]
    [InlineData("""{"weight_map":["a"]}""", "weight_map must be an object, found a list")]
    [InlineData("""{"weight_map":{"a":7}}""", "weight_map.a must be the name of a file beside the index, found 7")]
    [InlineData("""{"weight_map":{"a":"../1.safetensors"}}""", "weight_map.a must be the name of a file beside the index, found \"../1.safetensors\"")]
    [InlineData("""{"weight_map":{"a":"/etc/passwd"}}""", "weight_map.a must be the name of a file beside the index, found \"/etc/passwd\"")]
    [InlineData("""{"weight_map":{"a":"..\\x"}}""", "weight_map.a must be the name of a file beside the index")]
    [InlineData("""{"weight_map":{"a":".."}}""", "weight_map.a must be the name of a file beside the index")]
    [InlineData("""{"weight_map":{"a":""}}""", "weight_map.a must be the name of a file beside the index")]
    [InlineData("""{"weight_map":{"a":"1.safetensors","a":"2.safetensors"}}""", "is not JSON: ")]
    [InlineData("""{"weight_map":{"a":"1.safetensors","b":"1.safetensors","c":"3.safetensors"}}""", "names the file '3.safetensors' for 1 tensors, which is not in ")]
    [InlineData("""{"weight_map":{"a":"1.safetensors","c":"2.safetensors"}}""", "does not list tensor 'b', which is in '1.safetensors'")]
    [InlineData("""{"weight_map":{"a":"1.safetensors","b":"2.safetensors","c":"2.safetensors"}}""", "says that tensor 'b' is in '2.safetensors', but '1.safetensors' holds one of that name")]
    [InlineData("""{"weight_map":{"a":"1.safetensors","b":"1.safetensors","c":"2.safetensors","d":"2.safetensors"}}""", "says that tensor 'd' is in '2.safetensors', which does not have it")]
    public void An_index_that_does_not_fit_its_files_is_refused(string index, string sentence)
    {
        Shard("1.safetensors", "a", "b");
        Shard("2.safetensors", "c");
        Assert.StartsWith($"{folder[Index]}: {sentence}", Assert.Throws<LoadException>(() => Open(index)).Message);
    }

    [Fact]
    public void A_tensor_in_two_shards_is_refused()
    {
        Shard("1.safetensors", "a", "b");
        Shard("2.safetensors", "b");
        var e = Assert.Throws<LoadException>(() => Open("""{"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}"""));
        Assert.Contains("tensor 'b' is in '2.safetensors', but '1.safetensors' holds one of that name", e.Message);
    }

    [Fact]
    public void Nothing_stays_open_behind_a_refused_index()
    {
        Shard("1.safetensors", "a", "b");
        Assert.Throws<LoadException>(() => Open("""{"weight_map":{"a":"1.safetensors"}}"""));
        using var exclusive = new FileStream(folder["1.safetensors"], FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }

    private Checkpoint Open(string index) => Checkpoint.OpenShards(folder.Write(Index, index));

    private void Shard(string file, params string[] names)
        => SafetensorsWriter.Write(folder[file], names.Select(name => new TensorSource(name, Dtype.U8, [1], stream => stream.WriteByte(1))));
}
