using Rmt.Testing;

namespace Rmt.Loaders.Tests;

public sealed class HubCacheTests : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void The_cache_is_where_Python_puts_it()
    {
        var variables = new Dictionary<string, string> { ["HOME"] = "/people/me" };
        Assert.Equal("/people/me/.cache/huggingface/hub", Root());
        variables["XDG_CACHE_HOME"] = "/caches";
        Assert.Equal("/caches/huggingface/hub", Root());
        variables["HF_HOME"] = "~/hf";
        Assert.Equal("/people/me/hf/hub", Root());
        variables["HUGGINGFACE_HUB_CACHE"] = "/older/hub";
        Assert.Equal("/older/hub", Root());
        variables["HF_HUB_CACHE"] = "/data/hub";
        Assert.Equal("/data/hub", Root());
        variables["HF_HUB_CACHE"] = "$HOME/${XDG_CACHE_HOME}/$UNSET/hub";
        Assert.Equal("/people/me//caches/$UNSET/hub", Root());
        _ = variables.Remove("HUGGINGFACE_HUB_CACHE");
        variables["HF_HUB_CACHE"] = "";   // set and empty counts as unset
        Assert.Equal("/people/me/hf/hub", Root());

        string Root() => HubCache.FromEnvironment(variables.GetValueOrDefault).Root;
    }

    [Theory]
    [InlineData("bert-base-uncased", "models--bert-base-uncased")]
    [InlineData("org/Model_1.5", "models--org--Model_1.5")]
    public void A_branch_leads_to_its_commit_and_that_to_its_files(string id, string folder)
    {
        var snapshot = Snapshot(folder);
        _ = temp.Write(temp[folder, "refs", "main"], Commit + "\n");
        _ = temp.Write(temp[folder, "refs", "refs", "pr", "1"], Commit);
        Assert.Equal(snapshot, Cache().Locate(id));
        Assert.Equal(snapshot, Cache().Locate(id, "refs/pr/1"));
        Assert.Equal(snapshot, Cache().Locate(id, Commit));
        _ = temp.Write(Path.Combine(snapshot, "config.json"), "{}");
        SafetensorsWriter.Write(Path.Combine(snapshot, "model.safetensors"), []);
        Assert.Equal(snapshot, ModelFolder.Locate(id, Cache()).Path);
        Assert.Equal(snapshot, ModelFolder.Find($"{id}@refs/pr/1", Cache()));
        Assert.Equal(snapshot, ModelFolder.Find($"{id}@{Commit}", Cache()));
        Assert.Contains("has no revision 'v2'", Message(() => ModelFolder.Find($"{id}@v2", Cache())));
        Assert.Contains("is no revision", Message(() => ModelFolder.Find($"{id}@../x", Cache())));
        Assert.Contains("no hub id either", Message(() => ModelFolder.Find("../x@main", Cache())));
    }

    [Fact]
    public void Files_of_a_snapshot_may_be_links_to_blobs()
    {
        var snapshot = Snapshot("models--m");
        _ = temp.Write(temp["models--m", "refs", "main"], Commit);
        _ = temp.Write(temp["models--m", "blobs", "c"], """{"model_type":"bert"}""");
        SafetensorsWriter.Write(temp["models--m", "blobs", "w"], []);
        _ = File.CreateSymbolicLink(Path.Combine(snapshot, "config.json"), "../../blobs/c");
        _ = File.CreateSymbolicLink(Path.Combine(snapshot, "model.safetensors"), "../../blobs/w");
        var folder = ModelFolder.Locate("m", Cache());
        Assert.Equal("bert", folder.Config.Text("model_type"));
        folder.OpenWeights().Dispose();
    }

    [Fact]
    public void A_refusal_says_where_it_looked_and_what_is_there()
    {
        Assert.Equal($"m: there is no folder of this name here, and no hub cache at {temp["none"]} (from HF_HUB_CACHE). Nothing is downloaded: fetch the model there with Python's hub client, or name a folder that is there.",
            Message(() => HubCache.FromEnvironment(name => name == "HF_HUB_CACHE" ? temp["none"] : null).Locate("m")));
        Assert.Contains("which holds no model", Message(() => Cache().Locate("m")));
        _ = Snapshot("models--org--other");
        Assert.Contains($"is not in the hub cache {temp.Path} (given), which holds 'org/other'. Nothing is downloaded", Message(() => Cache().Locate("m")));
        Assert.Contains("has no revision 'main' in ", Message(() => Cache().Locate("org/other")));
        _ = temp.Write(temp["models--org--other", "refs", "dev"], Commit.Replace('0', 'f'));
        Assert.EndsWith("there is 'dev'.", Message(() => Cache().Locate("org/other")));
        Assert.Contains($"is commit {Commit.Replace('0', 'f')}, whose files are not in ", Message(() => Cache().Locate("org/other", "dev")));
        _ = temp.Write(temp["models--org--other", "refs", "odd"], "../../../secret");
        Assert.Contains("must hold a commit of 40 hexadecimal digits, found '../../../secret'", Message(() => Cache().Locate("org/other", "odd")));
    }

    [Theory]
    [InlineData("../x"), InlineData("a/b/c"), InlineData(""), InlineData("/etc"), InlineData("a--b"), InlineData("a..b"), InlineData(".a"), InlineData("a/"), InlineData("a b"), InlineData("a\n")]
    public void Names_that_lead_elsewhere_are_no_ids(string name)
    {
        Assert.False(HubCache.IsId(name));
        Assert.Contains("is no hub id", Message(() => Cache().Locate(name)));
    }

    [Theory]
    [InlineData("../main"), InlineData("a/../../x"), InlineData("/etc/passwd"), InlineData(""), InlineData("a//b"), InlineData("."), InlineData("a b")]
    public void Revisions_that_lead_elsewhere_are_refused(string revision) => Assert.Contains("is no revision", Message(() => Cache().Locate("m", revision)));

    private HubCache Cache() => new(temp.Path);

    private string Snapshot(string model) => Directory.CreateDirectory(temp[model, "snapshots", Commit]).FullName;

    private static string Message(Func<object?> act) => Assert.Throws<LoadException>(act).Message;
}
