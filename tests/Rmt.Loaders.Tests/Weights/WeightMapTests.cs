using Rmt.Testing;

namespace Rmt.Loaders.Tests;

public sealed class WeightMapTests
{
    private static readonly string[] Leftovers = ["embeddings.position_ids", "cls.", "classifier.", "qa_outputs.", ".attn.bias"];

    [Fact]
    public void The_prefix_is_taken_off_where_the_file_has_it()
    {
        var with = WeightMap.For(["bert.pooler.dense.bias", "classifier.bias"], "bert.");
        Assert.True(with.HasPrefix);
        Assert.Equal("pooler.dense.bias", with.Parameter("bert.pooler.dense.bias"));
        var without = WeightMap.For(["pooler.dense.bias"], "bert.");
        Assert.False(without.HasPrefix);
        Assert.Equal("pooler.dense.bias", without.Parameter("pooler.dense.bias"));
    }

    [Theory]
    [InlineData("bert.embeddings.LayerNorm.gamma", "embeddings.LayerNorm.weight")]
    [InlineData("embeddings.LayerNorm.beta", "embeddings.LayerNorm.bias")]
    [InlineData("encoder.alphabeta", "encoder.alphabeta")]
    [InlineData("encoder.gamma", "encoder.gamma")]
    public void Old_names_of_LayerNorm_and_no_others_are_renamed(string file, string parameter) => Assert.Equal(parameter, WeightMap.For([file], "bert.").Parameter(file));

    [Theory]
    [InlineData("bert.embeddings.position_ids"), InlineData("embeddings.position_ids"), InlineData("cls.predictions.bias"), InlineData("cls.seq_relationship.weight")]
    [InlineData("classifier.weight"), InlineData("qa_outputs.bias"), InlineData("bert.h.0.attn.bias")]
    public void Known_leftovers_are_for_nobody(string name) => Assert.Null(WeightMap.For([name], "bert.", Leftovers).Parameter(name));

    [Theory]
    [InlineData("embeddings.position_ids_too"), InlineData("classifiers.weight"), InlineData("encoder.classifier.weight"), InlineData("h.0.crossattn.bias")]
    public void What_only_resembles_a_leftover_is_none(string name) => Assert.Equal(name, WeightMap.For([name], "bert.", Leftovers).Parameter(name));

    [Theory]
    [InlineData("golden", "bert-random", "relu-no-types", false), InlineData("golden", "bert-random", "gelu-new-old-names", false)]
    [InlineData("golden", "bert-random", "sharded-bf16-mlm", true), InlineData("models", "minilm-l6", "", false)]
    public void Real_checkpoints_map_to_different_parameters_under_todays_names(string a, string b, string c, bool prefix)
    {
        using var weights = ModelFolder.Open(Shared.Path(a, b, c)).OpenWeights();
        var map = WeightMap.For(weights.Entries.Select(entry => entry.Name), "bert.", Leftovers);
        var parameters = weights.Entries.Select(entry => map.Parameter(entry.Name)).OfType<string>().ToList();
        Assert.Equal(prefix, map.HasPrefix);
        Assert.Equal(parameters.Count, parameters.Distinct().Count());
        Assert.All(parameters, name => Assert.Matches(@"^(embeddings|encoder|pooler)\..*\.(weight|bias)$", name));
    }
}
