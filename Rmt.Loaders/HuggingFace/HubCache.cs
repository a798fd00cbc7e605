using System.Text.RegularExpressions;

namespace Rmt.Loaders;

/// <summary>
/// The folder in which Python's huggingface_hub keeps what it downloaded. Only read: nothing is ever fetched or changed.
/// <c>models--OWNER--NAME/refs/REVISION</c> holds a commit, <c>snapshots/COMMIT</c> its files.
/// </summary>
public sealed partial class HubCache
{
    /// <summary>The branch that is meant when none is named.</summary>
    public const string DefaultRevision = "main";

    private readonly string origin;

    /// <param name="root">The cache folder; it need not exist.</param>
    /// <param name="origin">What named it, for messages.</param>
    public HubCache(string root, string origin = "given") => (Root, this.origin) = (root, origin);

    /// <summary>The cache folder.</summary>
    public string Root { get; }

    /// <summary>The cache that Python would use in this process's environment.</summary>
    public static HubCache FromEnvironment() => FromEnvironment(Environment.GetEnvironmentVariable);

    /// <summary>
    /// HF_HUB_CACHE, else HUGGINGFACE_HUB_CACHE (its older name), else HF_HOME/hub, else XDG_CACHE_HOME/huggingface/hub, else
    /// ~/.cache/huggingface/hub, as in huggingface_hub/constants.py: a leading ~ is the home folder, $NAME and ${NAME} are variables. An empty
    /// variable counts as unset.
    /// </summary>
    /// <param name="variable">The value of an environment variable, or null.</param>
    public static HubCache FromEnvironment(Func<string, string?> variable)
    {
        var home = variable("HOME") is { Length: > 0 } set ? set : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        foreach (var (name, below) in new[] { ("HF_HUB_CACHE", ""), ("HUGGINGFACE_HUB_CACHE", ""), ("HF_HOME", "hub"), ("XDG_CACHE_HOME", "huggingface/hub") })
            if (variable(name) is { Length: > 0 } value)
                return new HubCache(Path.Combine(Expanded(value), below), $"from {name}");
        return new HubCache(Path.Combine(home, ".cache", "huggingface", "hub"), "the default; HF_HUB_CACHE or HF_HOME name another");

        // In Python's order. What is not set stays as it is written.
        string Expanded(string value) => Variable().Replace(
            value == "~" || value.StartsWith("~/", StringComparison.Ordinal) ? home + value[1..] : value,
            match => variable(match.Groups[1].Value + match.Groups[2].Value) ?? match.Value);
    }

    /// <summary>Whether a name has the form of a hub id, NAME or OWNER/NAME (validate_repo_id in huggingface_hub).</summary>
    public static bool IsId(string name) => name.Length <= 96 && Id().IsMatch(name)
        && !name.Contains("--", StringComparison.Ordinal) && !name.Contains("..", StringComparison.Ordinal);

    /// <summary>The snapshot of a model named ID or ID@REVISION.</summary>
    public string LocateNamed(string name) => name.Split('@', 2) is [var id, var revision] ? Locate(id, revision) : Locate(name);

    /// <summary>The snapshot of a model.</summary>
    /// <param name="id">NAME or OWNER/NAME.</param>
    /// <param name="revision">A branch, a tag or a whole commit.</param>
    public string Locate(string id, string revision = DefaultRevision)
    {
        if (!IsId(id))
            throw new LoadException(id, "is no hub id (NAME or OWNER/NAME).");
        if (!Revision().IsMatch(revision) || revision.Split('/').Any(part => part is "" or "." or ".."))
            throw new LoadException(id, $"{Quoted.Name(revision)} is no revision (a branch, a tag or a commit).");
        if (!Directory.Exists(Root))
            throw new LoadException(id, $"there is no folder of this name here, and no hub cache at {Root} ({origin}). Nothing is downloaded: fetch the model there with Python's hub client, or name a folder that is there.");
        var model = Path.Combine(Root, Folder(id));
        if (!Directory.Exists(model))
            throw new LoadException(id, $"is not in the hub cache {Root} ({origin}), which holds {Models()}. Nothing is downloaded: fetch it there with Python's hub client, or name a folder that is there.");
        var commit = Commit(id, model, revision);
        var snapshot = Path.Combine(model, "snapshots", commit);
        return Directory.Exists(snapshot) ? snapshot
            : throw new LoadException(id, $"revision {Quoted.Name(revision)} is commit {commit}, whose files are not in {model}/snapshots; there {Are(Path.Combine(model, "snapshots"))}. Fetch it again.");
    }

    private static string Commit(string id, string model, string revision)
    {
        var reference = Path.Combine(model, "refs", revision);
        if (!File.Exists(reference))
        {
            if (WholeCommit().IsMatch(revision))
                return revision;
            throw new LoadException(id, $"has no revision {Quoted.Name(revision)} in {model}/refs; there {Are(Path.Combine(model, "refs"))}.");
        }
        string commit;
        try
        {
            commit = new FileInfo(reference).Length <= 100 ? File.ReadAllText(reference).Trim() : "more than 100 bytes";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LoadException(reference, $"cannot be read: {e.Message}", e);
        }
        return WholeCommit().IsMatch(commit) ? commit : throw new LoadException(reference, $"must hold a commit of 40 hexadecimal digits, found {Quoted.Name(commit)}.");
    }

    private static string Folder(string id) => $"models--{id.Replace("/", "--", StringComparison.Ordinal)}";

    private static string Are(string folder) => Directory.Exists(folder) ? $"is {ModelFolder.Listing(folder)}" : "is no such folder";

    private string Models()
    {
        var ids = Directory.EnumerateDirectories(Root, "models--*").Select(folder => Path.GetFileName(folder)["models--".Length..].Replace("--", "/", StringComparison.Ordinal));
        var sorted = ids.Order(StringComparer.Ordinal).ToList();
        return sorted.Count == 0 ? "no model" : Quoted.List(sorted);
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?(?:/[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?)?\z")]
    private static partial Regex Id();

    [GeneratedRegex(@"\A[A-Za-z0-9._/+@-]{1,200}\z")]
    private static partial Regex Revision();

    [GeneratedRegex(@"\$(?:(\w+)|\{(\w+)\})", RegexOptions.ECMAScript)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex WholeCommit();
}
