using System.Text;
using Rmt.Testing;

namespace Rmt.Service.Tests.Doubles;

/// <summary>A store in a temporary folder, that several processes of a test open.</summary>
internal sealed class Stores : IDisposable
{
    public const string Model = "m", Hash = "hash-of-m";

    public static readonly IReadOnlyDictionary<string, string> Models = new Dictionary<string, string> { [Model] = Hash };

    private readonly TempFolder _folder = new();
    private readonly List<DocumentStore> _open = [];

    public string Path => _folder["store.db"];

    public StoreOptions Options { get; init; } = new("", 0, 1000, 3, TimeSpan.FromSeconds(60));

    public DocumentStore Open(TimeProvider? time = null)
    {
        var store = DocumentStore.Open(Options with { Path = Path }, time ?? TimeProvider.System);
        _open.Add(store);
        return store;
    }

    /// <summary>Transactions of a process about what it holds: each is a proof of life.</summary>
    public long Beats(DocumentStore store)
    {
        using var session = new StoreSession(Path);
        return session.Number("select beat from owners where id = $1", store.Owner);
    }

    public static NewDocument Document(string text = "a text", string? id = null) => new() { Id = id, Model = Model, Text = Encoding.UTF8.GetBytes(text) };

    public static IReadOnlyList<Lease> LeaseAll(DocumentStore store, int room = 100) => store.Lease(Models, [room, room, room, room]);

    /// <summary>Keeps segments, and takes no more documents.</summary>
    public static bool[] Commit(DocumentStore store, params SegmentCommit[] segments) => store.Commit(segments, Models, [0, 0, 0, 0]).Kept;

    /// <summary>A segment as a worker would have read it.</summary>
    public static SegmentCommit Segment(Lease lease, int segment, int of = 3) => new(lease, segment, [0.25, 0.75], [segment + 0.5f, 1], Hash)
    {
        TokensTotal = 10 * of, TokensRead = 10 * of, Segments = of, IsAnswer = segment == of - 1,
    };

    public void Dispose()
    {
        foreach (var store in _open)
            store.Dispose();
        _folder.Dispose();
    }
}
