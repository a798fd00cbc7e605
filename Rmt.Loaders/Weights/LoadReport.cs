namespace Rmt.Loaders;

/// <summary>A tensor that cannot become the parameter it is named for.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="FileName">Its name in the file.</param>
/// <param name="Problem">A sentence: the shape found and the shape that the configuration gives.</param>
public sealed record Misfit(string Parameter, string FileName, string Problem);

/// <summary>How the tensors of a checkpoint and the parameters of a model went together.</summary>
/// <param name="Path">The checkpoint.</param>
/// <param name="Loaded">Parameters that now hold the file's values.</param>
/// <param name="Missing">Parameters for which the file has nothing; they are as they were.</param>
/// <param name="Unexpected">Tensors of the file for which the model has no parameter, known leftovers not counted.</param>
/// <param name="MisShaped">Tensors of another shape, or of whole numbers where real ones belong; their parameters are as they were.</param>
public sealed record LoadReport(
    string Path, IReadOnlyList<string> Loaded, IReadOnlyList<string> Missing, IReadOnlyList<string> Unexpected, IReadOnlyList<Misfit> MisShaped)
{
    private const int Shown = 10;

    /// <summary>Tensors of the file that the family's files are known to hold beside the backbone, such as heads of pre-training: left aside.</summary>
    public IReadOnlyList<string> LeftAside { get; init; } = [];

    /// <summary>Throws one <see cref="LoadException"/> that names everything that does not fit; returns this report where all does.</summary>
    /// <param name="mayBeMissing">Parameters that the file need not have; a name that ends in a dot stands for all that begin with it: <c>pooler.</c></param>
    public LoadReport RequireComplete(params IEnumerable<string> mayBeMissing)
    {
        var missing = Missing.Where(name => !mayBeMissing.Any(pattern => WeightMap.Covers(pattern, name))).ToList();
        List<string> problems = [];
        if (MisShaped.Count > 0)
            problems.Add($"{string.Join("; ", MisShaped.Take(Shown).Select(misfit => misfit.Problem))}{(MisShaped.Count > Shown ? $"; and {MisShaped.Count - Shown} more" : "")}");
        if (missing.Count > 0)
            problems.Add($"{missing.Count} parameters are missing: {Quoted.List(missing, Shown)}");
        if (Unexpected.Count > 0)
            problems.Add($"{Unexpected.Count} tensors belong to no parameter: {Quoted.List(Unexpected, Shown)}");
        if (problems.Count > 0)
            throw new LoadException(Path, $"does not fit the model that config.json describes. {string.Join(". ", problems)}.");
        return this;
    }
}
