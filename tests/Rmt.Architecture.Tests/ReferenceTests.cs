using System.Xml.Linq;
using Rmt.Testing;

namespace Rmt.Architecture.Tests;

/// <summary>Rmt.Torch ← Rmt.Adapter ← backbones ← Rmt.Loaders ← Rmt.Service ← Rmt.Host: references point left only.</summary>
public class ReferenceTests
{
    // A backbone stands between the adapter and the loaders, BERT before those that are made of its parts; a new one is named here and nowhere else in this project.
    private static readonly string[][] Order = [["Rmt.Torch"], ["Rmt.Adapter"], ["Rmt.Bert"], ["Rmt.DistilBert", "Rmt.Electra", "Rmt.Gpt2", "Rmt.Roberta"], ["Rmt.Loaders"], ["Rmt.Service"], ["Rmt.Host"]];

    /// <summary>The projects that are a transformer each.</summary>
    public static IEnumerable<string> Backbones => Order[2..^3].SelectMany(names => names);

    private static int? Rank(string project) => Array.FindIndex(Order, names => names.Contains(project)) is var rank and >= 0 ? rank : null;

    private static IEnumerable<string> Violations(string project, string xml)
    {
        if (Rank(project) is not { } rank)
            return [$"{project} has no place in the order; give it one in {nameof(ReferenceTests)}"];
        return XDocument.Parse(xml).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')))
            .Where(name => Rank(name) is not { } other || other >= rank)
            .Select(name => $"{project} must not reference {name}");
    }

    [Fact]
    public void References_point_left_only()
    {
        var projects = Repository.Files(".csproj").Where(path => !path.StartsWith("tests/", StringComparison.Ordinal) && !path.StartsWith("bench/", StringComparison.Ordinal)).ToList();
        Assert.True(projects.Count >= 5, string.Join(' ', projects));
        Assert.Empty(projects.SelectMany(path => Violations(Path.GetFileNameWithoutExtension(path), Repository.Read(path))));
    }

    [Theory]
    [InlineData("Rmt.Adapter", "../Rmt.Bert/Rmt.Bert.csproj")]
    [InlineData("Rmt.Bert", "../Rmt.Electra/Rmt.Electra.csproj")]
    [InlineData("Rmt.Roberta", "../Rmt.Electra/Rmt.Electra.csproj")]
    [InlineData("Rmt.Torch", "..\\Rmt.Torch\\Rmt.Torch.csproj")]
    [InlineData("Rmt.Host", "../tests/Rmt.Testing/Rmt.Testing.csproj")]
    public void A_reference_to_the_right_would_be_found(string project, string reference) =>
        Assert.Single(Violations(project, $"<Project><ItemGroup><ProjectReference Include='{reference}' /></ItemGroup></Project>"));

    [Fact]
    public void A_project_without_a_place_would_be_found() => Assert.Single(Violations("Rmt.Surprise", "<Project />"));

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Repository.Read("Rmt.Adapter.sln").Replace('\\', '/');
        Assert.All(Repository.Files(".csproj"), path => Assert.Contains($"\"{path}\"", solution, StringComparison.Ordinal));
    }
}
