using System.Text;
using Rmt.Testing;

namespace Rmt.Loaders.Tests;

public sealed class RmtConfigTests : IDisposable
{
    internal const string Good = """
        {
          "adapter_type": "rmt",
          "note": "of another version, with 1.50 in it",
          "task_type": "SEQ_CLS",
          "base_model_name_or_path": "../minilm-l6",
          "num_mem_tokens": 10,
          "segment_size": 499,
          "future": { "b": [1, 2.0, null], "a": "ü" },
          "input_size": 512,
          "segment_alignment": "center",
          "sum_loss": true,
          "id2label": { "1": "pos", "0": "neg" },
          "label2id": { "pos": 1, "neg": 0 },
          "training": { "learning_rate": 5e-05, "epochs": 8 }
        }
        """;
    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void Every_key_is_read()
    {
        var config = Parse(Good);
        Assert.Equal(("SEQ_CLS", "../minilm-l6", 10, 499, 512, "center", true),
            (config.TaskType, config.BaseModel, config.MemoryTokens, config.SegmentSize, config.InputSize, config.SegmentAlignment, config.SumLoss));
        Assert.Equal(["neg", "pos"], config.Labels);
        Assert.Equal(8, config.Training!.Value.GetProperty("epochs").GetInt32());
    }

    [Fact]
    public void What_another_version_wrote_comes_back_in_its_place()
    {
        var config = Parse(Good) with { MemoryTokens = 5, SegmentSize = 504 };
        const string Expected = """
            {
              "adapter_type": "rmt",
              "note": "of another version, with 1.50 in it",
              "task_type": "SEQ_CLS",
              "base_model_name_or_path": "../minilm-l6",
              "num_mem_tokens": 5,
              "segment_size": 504,
              "future": {
                "b": [
                  1,
                  2.0,
                  null
                ],
                "a": "ü"
              },
              "input_size": 512,
              "segment_alignment": "center",
              "sum_loss": true,
              "id2label": {
                "0": "neg",
                "1": "pos"
              },
              "label2id": {
                "neg": 0,
                "pos": 1
              },
              "training": {
                "learning_rate": 5e-05,
                "epochs": 8
              }
            }

            """;
        Assert.Equal(Expected, Encoding.UTF8.GetString(config.ToBytes()));
    }

    [Fact]
    public void The_example_of_the_format_is_written_again_as_it_stands()
    {
        var folder = Shared.Path("models", "minilm-rmt-reviews");
        Assert.Equal(File.ReadAllText(Path.Combine(folder, RmtConfig.FileName)).TrimEnd(), Encoding.UTF8.GetString(RmtConfig.Open(folder).ToBytes()).TrimEnd());
    }

    [Fact]
    public void A_new_configuration_has_the_keys_it_needs_and_comes_back()
    {
        new RmtConfig { TaskType = RmtConfig.Classification, MemoryTokens = 0, SegmentSize = 61, InputSize = 64, Labels = ["a\"b", "漢"] }.Save(temp.Path);
        var read = RmtConfig.Open(temp.Path);
        Assert.Equal(["a\"b", "漢"], read.Labels);
        Assert.Equal((null, null, "right", false), (read.BaseModel, read.Training, read.SegmentAlignment, read.SumLoss));
        Assert.Equal("""{"adapter_type":"rmt","task_type":"SEQ_CLS","num_mem_tokens":0,"segment_size":61,"input_size":64,"segment_alignment":"right","sum_loss":false,"id2label":{"0":"a\"b","1":"漢"},"label2id":{"a\"b":0,"漢":1}}""",
            string.Concat(File.ReadLines(temp["rmt_config.json"]).Select(line => line.Trim())).Replace("\": ", "\":"));
        Assert.Equal(["rmt_config.json"], Directory.GetFileSystemEntries(temp.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void What_is_taken_away_is_not_written_back()
    {
        var text = Encoding.UTF8.GetString((Parse(Good) with { BaseModel = null, Training = null }).ToBytes());
        Assert.DoesNotContain("base_model_name_or_path", text);
        Assert.DoesNotContain("training", text);
        Assert.Contains("\"note\"", text);
    }

    [Fact]
    public void A_language_model_needs_no_labels()
        => Assert.Empty(Parse("""{"adapter_type":"rmt","task_type":"CAUSAL_LM","num_mem_tokens":2,"segment_size":4,"input_size":8}""").Labels);

    [Fact]
    public void The_segment_size_is_what_memory_and_special_tokens_leave()
    {
        _ = Parse(Good).RequireSegmentSize("rmt_config.json", specialTokens: 3);
        _ = (Parse(Good) with { SegmentSize = 492 }).RequireSegmentSize("rmt_config.json", specialTokens: 0, memoryPlaces: 2);
        Assert.Equal("rmt_config.json: segment_size must be input_size - num_mem_tokens - 3 special tokens = 499, found 500.",
            Assert.Throws<LoadException>(() => (Parse(Good) with { SegmentSize = 500 }).RequireSegmentSize("rmt_config.json", 3)).Message);
        Assert.Contains("input_size - 2 × num_mem_tokens - 0 special tokens = 492, found 499",
            Assert.Throws<LoadException>(() => Parse(Good).RequireSegmentSize("rmt_config.json", 0, 2)).Message);
    }

    [Theory]
    [InlineData("\"rmt\"", "\"lora\"", "adapter_type must be \"rmt\", found \"lora\"")]
    [InlineData("\"SEQ_CLS\"", "\"TOKEN_CLS\"", "task_type must be one of SEQ_CLS, CAUSAL_LM, found \"TOKEN_CLS\"")]
    [InlineData("\"../minilm-l6\"", "7", "base_model_name_or_path must be a string, found 7")]
    [InlineData("\"num_mem_tokens\": 10", "\"num_mem_tokens\": -1", "num_mem_tokens must be a whole number from 0 to 1048576, found -1")]
    [InlineData("\"num_mem_tokens\": 10", "\"num_mem_tokens\": 14", "segment_size must be at most input_size - num_mem_tokens = 498, found 499")]
    [InlineData("\"segment_size\": 499", "\"segment_size\": 0", "segment_size must be a whole number from 1 to 1073741824, found 0")]
    [InlineData("\"segment_size\": 499,", "", "segment_size is missing")]
    [InlineData("\"input_size\": 512", "\"input_size\": \"512\"", "input_size must be a whole number from 1 to 1073741824, found \"512\"")]
    [InlineData("\"center\"", "\"middle\"", "segment_alignment must be one of left, right, center, found \"middle\"")]
    [InlineData("\"sum_loss\": true", "\"sum_loss\": 1", "sum_loss must be true or false, found 1")]
    [InlineData("{ \"1\": \"pos\", \"0\": \"neg\" }", "{}", "id2label must be an object that names the label of every id, since task_type is SEQ_CLS")]
    [InlineData("{ \"1\": \"pos\", \"0\": \"neg\" }", "[\"neg\", \"pos\"]", "id2label must be an object, found a list")]
    [InlineData("\"1\": \"pos\"", "\"2\": \"pos\"", "id2label must be an object with the keys 0 to 1, without a gap, found the key '2'")]
    [InlineData("\"1\": \"pos\"", "\"01\": \"pos\"", "id2label must be an object with the keys 0 to 1, without a gap, found the key '01'")]
    [InlineData("\"1\": \"pos\"", "\"1\": null", "id2label.1 must be a string, found null")]
    [InlineData("\"1\": \"pos\"", "\"1\": \"neg\"", "id2label must be different labels for different ids, found 'neg' 2 times")]
    [InlineData("\"pos\": 1", "\"pos\": 0", "label2id.pos must be 1, as in id2label, found 0")]
    [InlineData("\"pos\": 1", "\"good\": 1", "label2id must be the inverse of id2label, found the label 'good', which is not there")]
    [InlineData("\"pos\": 1, ", "", "label2id must be the inverse of id2label, found 1 labels instead of 2")]
    public void Each_way_to_be_wrong_has_its_own_sentence(string good, string bad, string sentence)
    {
        Assert.Contains(good, Good);
        Assert.StartsWith($"rmt_config.json: {sentence}", Assert.Throws<LoadException>(() => Parse(Good.Replace(good, bad))).Message);
    }

    [Fact]
    public void Very_many_labels_are_read_in_no_time()
    {
        var names = string.Join(',', Enumerable.Range(0, 50_000).Select(id => $"\"{id}\":\"label {id}\""));
        var ids = string.Join(',', Enumerable.Range(0, 50_000).Select(id => $"\"label {id}\":{id}"));
        Assert.Equal(50_000, Parse($$$"""{"adapter_type":"rmt","task_type":"SEQ_CLS","num_mem_tokens":2,"segment_size":4,"input_size":9,"id2label":{{{{names}}}},"label2id":{{{{ids}}}}}""").Labels.Count);
    }

    internal static RmtConfig Parse(string json) => RmtConfig.Parse(JsonFile.Parse("rmt_config.json", Encoding.UTF8.GetBytes(json)));
}
