using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Rmt.Service.Tests.Doubles;

namespace Rmt.Service.Tests.Store;

public sealed class DocumentStoreTests : IDisposable
{
    private readonly Stores _stores = new() { Options = new("", 0, 20, 3, TimeSpan.FromSeconds(60)) };

    public void Dispose() => _stores.Dispose();

    [Fact]
    public void What_was_accepted_and_read_is_there_when_the_store_is_opened_again()
    {
        string id;
        using (var store = _stores.Open())
        {
            store.Know(Stores.Hash, Stores.Model, ["no", "yes"], everySegment: false);
            id = store.Accept([Stores.Document("the text")])[0].Id;
            var lease = Assert.Single(Stores.LeaseAll(store));
            Assert.Equal("the text", System.Text.Encoding.UTF8.GetString(store.Text(lease)));
            Assert.Equal([true], Stores.Commit(store, [Stores.Segment(lease, 0)]));
            Assert.Equal([true], Stores.Commit(store, [Stores.Segment(lease, 1)]));
            store.GiveBack([lease]);
        }
        using var again = _stores.Open();
        var resumed = Assert.Single(Stores.LeaseAll(again));
        Assert.Equal((2, Stores.Hash, 2), (resumed.NextSegment, resumed.ModelHash, resumed.Attempts));
        Assert.Equal([1.5f, 1f], again.Memory(resumed));
        Assert.Equal([true], Stores.Commit(again, [Stores.Segment(resumed, 2)]));
        var done = again.Find(id)!;
        Assert.Equal((DocumentStatus.Done, 30, 3), (done.Status, done.TokensRead, done.Segments));
        Assert.Equal(["no", "yes"], done.Labels);
        Assert.Equal([0.25, 0.75], done.Scores);
        Assert.Equal([0, 1, 2], again.Readings(done.Seq, -1).Select(reading => reading.Segment));
        Assert.Empty(again.Memory(resumed));
        Assert.Empty(Stores.LeaseAll(again));
    }

    [Fact]
    public void Where_the_file_was_removed_nothing_more_comes_in_and_what_is_there_goes_on()
    {
        using var store = _stores.Open();
        Assert.True(store.IsWritable());
        _ = store.Accept([Stores.Document(id: "before")]);
        var lease = Assert.Single(Stores.LeaseAll(store));
        File.Delete(_stores.Path);
        Assert.False(store.IsWritable());
        Assert.Contains($"{_stores.Path}: the store's file was removed", Assert.Throws<StoreUnavailableException>(() => store.Accept([Stores.Document()])).Message, StringComparison.Ordinal);
        _ = Assert.Throws<StoreUnavailableException>(() => store.Begin(Stores.Document(id: "stream")));
        _ = Assert.Throws<StoreUnavailableException>(() => store.AddPart("stream", 0, [1]));
        Assert.Equal([true], Stores.Commit(store, [Stores.Segment(lease, 0, of: 1)]));
        Assert.Equal(DocumentStatus.Done, store.Find("before")!.Status);
        Assert.False(File.Exists(_stores.Path));        // nobody who asks makes a new one, which would be taken for it
    }

    [Fact]
    public void A_step_is_kept_and_the_next_documents_are_leased_together_or_neither()
    {
        using var store = _stores.Open();
        _ = store.Accept([Stores.Document(id: "first"), Stores.Document(id: "second"), Stores.Document(id: "third")]);
        var lease = Assert.Single(Stores.LeaseAll(store, room: 1));
        using (var other = new StoreSession(_stores.Path))
        {
            // What stands in the way of the lease stands in the way of the step.
            other.Script("create trigger full before update of owner on documents when new.status = 1 begin select raise(abort, 'no'); end");
            _ = Assert.Throws<SqliteException>(() => store.Commit([Stores.Segment(lease, 0, of: 1)], Stores.Models, [1, 0, 0, 0]));
            Assert.Equal((DocumentStatus.Running, 0), (store.Find("first")!.Status, store.Find("first")!.SegmentsRead));
            other.Script("drop trigger full");
        }
        var (kept, leases) = store.Commit([Stores.Segment(lease, 0, of: 1)], Stores.Models, [1, 0, 0, 0]);
        Assert.Equal([true], kept);
        Assert.Equal(["second"], leases.Select(next => next.Id));
        Assert.Equal((DocumentStatus.Done, DocumentStatus.Running, DocumentStatus.Queued), (store.Find("first")!.Status, store.Find("second")!.Status, store.Find("third")!.Status));
    }

    [Fact]
    public void A_segment_is_kept_once_whoever_read_it_twice()
    {
        using var store = _stores.Open();
        _ = store.Accept([Stores.Document()]);
        var lease = Stores.LeaseAll(store)[0];
        Assert.Equal([true], Stores.Commit(store, [Stores.Segment(lease, 0)]));
        Assert.Equal([false], Stores.Commit(store, [Stores.Segment(lease, 0)]));
        Assert.Equal([false], Stores.Commit(store, [Stores.Segment(lease, 2)]));
        Assert.Equal(1, store.Find(lease.Id)!.SegmentsRead);
    }

    [Fact]
    public void Each_length_gets_its_oldest_and_long_ones_keep_no_short_one_out()
    {
        using var store = _stores.Open();
        var texts = new[] { 2_000_000, 1_200_000, 1_100_000, 20_000, 10, 20, 300_000 };
        _ = store.Accept([.. texts.Select(length => Stores.Document(new string('x', length), $"d{length}"))]);
        Assert.Equal(["d2000000", "d1200000", "d20000", "d10", "d20", "d300000"], store.Lease(Stores.Models, [2, 2, 2, 2]).Select(lease => lease.Id));
    }

    [Fact]
    public void A_process_gets_nothing_of_a_model_it_lacks_and_a_document_goes_on_only_under_the_model_it_began_with()
    {
        using var store = _stores.Open();
        _ = store.Accept([Stores.Document(id: "begun"), Stores.Document(id: "new"), Stores.Document(id: "other") with { Model = "elsewhere" }]);
        var begun = Stores.LeaseAll(store).Single(lease => lease.Id == "begun");
        _ = Stores.Commit(store, [Stores.Segment(begun, 0)]);
        using var second = _stores.Open();
        store.Dispose();
        _ = second.TakeFromTheDead();
        var retrained = new Dictionary<string, string> { [Stores.Model] = "another-hash" };
        Assert.Equal(["new"], second.Lease(retrained, [9, 9, 9, 9]).Select(lease => lease.Id));
        Assert.Equal(["begun"], second.Lease(new Dictionary<string, string> { ["renamed"] = Stores.Hash }, [9, 9, 9, 9]).Select(lease => lease.Id));
    }

    [Fact]
    public void The_same_key_gives_the_same_document_and_another_request_under_it_is_refused()
    {
        using var store = _stores.Open();
        var document = Stores.Document() with { Key = "k", Fingerprint = [1] };
        var first = store.Accept([document])[0];
        Assert.Equal(new AcceptedDocument(Acceptance.Repeated, first.Id), store.Accept([document])[0]);
        Assert.Equal(Acceptance.KeyTaken, store.Accept([document with { Fingerprint = [2] }])[0].Acceptance);
        Assert.Single(store.List(null, 0, 10));
    }

    [Fact]
    public void An_id_is_given_once_and_a_full_queue_takes_no_more()
    {
        using var store = _stores.Open();
        Assert.Equal([Acceptance.Accepted, Acceptance.IdTaken], store.Accept([Stores.Document(id: "a"), Stores.Document(id: "a")]).Select(answer => answer.Acceptance));
        var answers = store.Accept([.. Enumerable.Range(0, 25).Select(_ => Stores.Document())]);
        Assert.Equal((19, 6), (answers.Count(answer => answer.Acceptance == Acceptance.Accepted), answers.Count(answer => answer.Acceptance == Acceptance.QueueFull)));
        Assert.False(store.HasRoom());
    }

    [Fact]
    public void Cancelling_ends_a_document_and_what_is_still_read_of_it_is_dropped_then_it_can_be_erased()
    {
        using var store = _stores.Open();
        _ = store.Accept([Stores.Document(id: "a")]);
        var lease = Stores.LeaseAll(store)[0];
        Assert.Equal(DocumentStatus.Cancelled, store.Remove("a").Now!.Status);
        Assert.Equal([false], Stores.Commit(store, [Stores.Segment(lease, 0)]));
        Assert.Equal((true, null), store.Remove("a"));
        Assert.Equal((false, null), store.Remove("a"));
    }

    [Fact]
    public void An_erased_text_is_nowhere_in_the_files()
    {
        const string Secret = "thirty-two unmistakable letters.";
        using var store = _stores.Open();
        _ = store.Accept([Stores.Document(Secret, "a"), Stores.Document(id: "b")]);
        var lease = Stores.LeaseAll(store).Single(lease => lease.Id == "a");
        _ = Stores.Commit(store, [Stores.Segment(lease, 0, of: 1)]);
        Assert.Contains(Secret, Files(), StringComparison.Ordinal);
        _ = store.Remove("a");
        Assert.DoesNotContain(Secret, Files(), StringComparison.Ordinal);
    }

    private string Files() => string.Concat(Directory.EnumerateFiles(Path.GetDirectoryName(_stores.Path)!, "store.db*").Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).Select(file =>
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
        return reader.ReadToEnd();
    }));

    [Fact]
    public void A_full_store_says_so_changes_nothing_and_works_again_when_there_is_room()
    {
        using var stores = new Stores { Options = new("", 400_000, 1000, 3, TimeSpan.FromSeconds(60)) };
        using var store = stores.Open();
        var kept = 0;
        var full = Assert.Throws<StoreUnavailableException>(() =>
        {
            for (; kept < 100; kept++)
                _ = store.Accept([Stores.Document(new string('x', 10_000), $"d{kept}"), Stores.Document("small", $"e{kept}")]);
        });
        Assert.Contains("full", full.Message, StringComparison.Ordinal);
        Assert.InRange(kept, 10, 40);
        Assert.Equal(2 * kept, store.List(null, 0, 1000).Count);
        Assert.All(store.List(null, 0, 1000), document => Assert.Equal(DocumentStatus.Queued, document.Status));
        for (var i = 0; i < 5; i++)
        {
            _ = store.Remove($"d{i}");
            _ = store.Remove($"d{i}");
        }
        Assert.Equal(Acceptance.Accepted, store.Accept([Stores.Document(new string('x', 10_000))])[0].Acceptance);
    }

    [Fact]
    public void Finished_documents_are_purged_by_the_stores_time_whatever_the_clock_of_a_process_says()
    {
        var right = new SetClock();
        using var store = _stores.Open(right);
        _ = store.Accept([Stores.Document(id: "a"), Stores.Document(id: "b")]);
        var lease = Stores.LeaseAll(store).Single(lease => lease.Id == "a");
        _ = Stores.Commit(store, [Stores.Segment(lease, 0, of: 1)]);
        var wrong = new SetClock(right.Wall.AddYears(30));
        using var second = _stores.Open(wrong);
        Assert.Equal(0, second.Purge(TimeSpan.FromDays(7)));
        second.Tick();
        store.Tick();
        Assert.InRange(store.Now - second.Now, -1, 1);

        right.Pass(TimeSpan.FromDays(8));
        store.Tick();
        second.Tick();
        Assert.Equal(1, second.Purge(TimeSpan.FromDays(7)));
        Assert.Null(store.Find("a"));
        Assert.NotNull(store.Find("b"));
    }

    [Fact]
    public void A_store_of_a_newer_version_another_database_and_a_text_are_refused_by_name()
    {
        _stores.Open().Dispose();
        Change("pragma user_version = 99");
        Assert.Contains("version 99", Assert.Throws<StoreException>(() => _stores.Open()).Message, StringComparison.Ordinal);
        Change("pragma application_id = 7");
        Assert.Contains("no store", Assert.Throws<StoreException>(() => _stores.Open()).Message, StringComparison.Ordinal);
        File.WriteAllText(_stores.Path, new string('x', 5000));
        Assert.Contains(_stores.Path, Assert.Throws<StoreException>(() => _stores.Open()).Message, StringComparison.Ordinal);
    }

    /// <summary>Whoever released a version made stores of it: each is opened by what comes after, with all that is in it.</summary>
    [Fact]
    public void A_store_of_an_older_version_is_brought_to_this_one_and_keeps_what_it_has()
    {
        Change(StoreSchema.StepsFrom(0)[0]);
        Change($"pragma application_id = {StoreSchema.ApplicationId}; pragma user_version = 1");
        Change("insert into store values (1, 1000, 5)");
        Change($"insert into documents (id, kind, status, model, model_hash, bytes, length_class, next_segment, queued_at) values ('old', 0, 0, '{Stores.Model}', '{Stores.Hash}', 1, 0, 1, 900)");
        Change("insert into parts values (1, 0, 1, x'00', x'41'); insert into memories values (1, x'0000803f'); insert into readings values (1, 0, x'000000000000f03f')");
        using (var store = _stores.Open())
        {
            var lease = Assert.Single(Stores.LeaseAll(store));
            Assert.Equal(("old", 1, "A", 1f), (lease.Id, lease.NextSegment, System.Text.Encoding.UTF8.GetString(store.Text(lease)), Assert.Single(store.Memory(lease))));
            Assert.Equal([true], Stores.Commit(store, [Stores.Segment(lease, 1)]));
        }
        Assert.Equal(StoreSchema.Version, Ask("pragma user_version"));
        Assert.InRange(StoreSchema.Version, 2, int.MaxValue);
        // As a new store has it.
        using var fresh = new Stores();
        fresh.Open().Dispose();
        const string Shape = "select count(*) || ' ' || group_concat(name || sql, ' ') from (select * from sqlite_master where sql is not null order by name)";
        Assert.Equal(Ask(Shape, fresh.Path), Ask(Shape));
    }

    private object Ask(string sql, string? path = null)
    {
        using var connection = new SqliteConnection($"Data Source={path ?? _stores.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        var answer = command.ExecuteScalar()!;
        return answer is long number ? (int)number : answer;
    }

    [Fact]
    public void Why_there_can_be_no_store_is_said()
    {
        Assert.Contains("there is no folder", Assert.Throws<StoreException>(() => Open(Path.Combine(Path.GetDirectoryName(_stores.Path)!, "none", "a.db"))).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<StoreException>(() => Open(Path.GetDirectoryName(_stores.Path)!)).Message, StringComparison.Ordinal);
        Assert.Contains("/proc/a.db", Assert.Throws<StoreException>(() => Open("/proc/a.db")).Message, StringComparison.Ordinal);
    }

    private DocumentStore Open(string path) => DocumentStore.Open(_stores.Options with { Path = path }, TimeProvider.System);

    [Fact]
    public void A_text_that_was_erased_while_somebody_read_for_long_is_gone_from_the_files_when_he_is_done()
    {
        const string Secret = "thirty-two unmistakable letters.";
        using var store = _stores.Open();
        _ = store.Accept([Stores.Document(Secret, "a")]);
        using (var reader = new SqliteConnection($"Data Source={_stores.Path};Pooling=False"))
        {
            reader.Open();
            using var command = reader.CreateCommand();
            command.CommandText = "begin; select count(*) from documents";
            _ = command.ExecuteScalar();
            _ = store.Remove("a");
            Assert.Equal((true, null), store.Remove("a"));
            Assert.Contains(Secret, Files(), StringComparison.Ordinal);
        }
        store.Tick();
        Assert.DoesNotContain(Secret, Files(), StringComparison.Ordinal);
    }

    private void Change(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_stores.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteNonQuery();
    }
}
