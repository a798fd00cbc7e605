namespace Rmt.Loaders;

/// <summary>A model folder, looked at. A file that is broken ends the inspection; what is only missing, or of another kind, is told by it.</summary>
internal static class FolderInspection
{
    public static ModelInspection Of(ModelFolder folder, HubCache cache)
    {
        if (folder.RmtConfig is null)
            _ = folder.Config;      // a folder without either is no model: refused here, with what it holds
        var (rmt, problem) = Try(() => folder.RmtConfig is null ? null : RmtConfig.Open(folder.Path));
        var home = folder;
        if (rmt is not null)
        {
            var (found, missing) = Try(() => RmtFolder.Home(folder, rmt, cache));
            (home, problem) = (found ?? folder, problem ?? missing);
        }
        var (tokenizer, untold) = Try(() => RmtFolder.Tokenizer(folder, home));
        return new()
        {
            Path = folder.Path,
            Tensors = [.. home.HasWeights ? Entries(home.OpenWeights()) : [], .. folder.Find(RmtFolder.WeightsName) is { } own ? Entries(Checkpoint.Open(own)) : []],
            LeftAside = home.HasWeights ? Try(() => AutoBackbone.LeftAside(home)).Value : null,
            Config = home.Find("config.json") is null ? null : home.Config.Members.ToDictionary(member => member.Name, member => member.Value),
            Tokenizer = new(tokenizer, untold),
            Adapter = folder.RmtConfig is null ? Plain(folder, untold) : Saved(folder, rmt, problem, cache),
        };
    }

    private static AdapterInspection Saved(ModelFolder folder, RmtConfig? config, string? problem, HubCache cache)
    {
        var speaks = config?.TaskType == RmtConfig.LanguageModel;
        problem ??= Try(() => (speaks ? (Action<ModelFolder, HubCache>)LanguageCheckpoint.Check : RmtCheckpoint.Check)(folder, cache));
        return new(problem is not null ? AdapterUse.None : speaks ? AdapterUse.LanguageModel : AdapterUse.Classifier, problem, config);
    }

    private static AdapterInspection Plain(ModelFolder folder, string? untold)
    {
        var problem = Try(() => BackboneFit.ForClassifier(ModelFolder.Open(folder.Path), copy: false, dropout: null).Dispose());
        problem ??= untold;
        return problem is null
            ? new(AdapterUse.Backbone, $"{folder.Path}: has no {RmtConfig.FileName}: it is a plain model without memory and head, which must be trained before it labels anything.", null)
            : new(AdapterUse.None, problem, null);
    }

    private static IReadOnlyList<TensorEntry> Entries(Checkpoint weights)
    {
        using (weights)
            return weights.Entries;
    }

    private static string? Try(Action action) => Try<object>(() =>
    {
        action();
        return null;
    }).Problem;

    private static (T? Value, string? Problem) Try<T>(Func<T?> value) where T : class
    {
        try
        {
            return (value(), null);
        }
        catch (LoadException error)
        {
            return (null, error.Message);
        }
    }
}
