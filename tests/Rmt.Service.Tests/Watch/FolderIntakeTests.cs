using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Rmt.Service.Tests.Doubles;
using Rmt.Testing;

namespace Rmt.Service.Tests.Watch;

public sealed class FolderIntakeTests : IDisposable
{
    private readonly Stores _stores = new();
    private readonly TempFolder _folder = new();
    private readonly DocumentStore _store;

    public FolderIntakeTests() => _store = _stores.Open();

    public void Dispose()
    {
        _stores.Dispose();
        _folder.Dispose();
    }

    private FolderIntake Intake() => new(new() { MaxBodyBytes = 2000 }, new TinyModels(), _store, new(), null!, TimeProvider.System, NullLogger<FolderIntake>.Instance);

    private void Look(FolderIntake intake, int times = 3)
    {
        for (var i = 0; i < times; i++)
            intake.LookOnce(_folder.Path);
    }

    private void AnswerAll()
    {
        _store.Know(Stores.Hash, Stores.Model, ["no", "yes"], everySegment: false);
        _ = Stores.Commit(_store, [.. Stores.LeaseAll(_store).Select(lease => Stores.Segment(lease, 0, of: 1))]);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_told_and_keeps_no_other_waiting()
    {
        _ = File.CreateSymbolicLink(_folder["a.txt"], "a.txt");     // which leads to itself
        _ = _folder.Write("b.txt", "the text");
        Look(Intake());
        Assert.Contains("cannot be read", Result("a.txt").GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Single(_store.List(null, 0, 10));
    }

    [Fact]
    public async Task What_is_no_file_is_told_and_keeps_no_other_waiting()
    {
        using (var make = Process.Start("mkfifo", _folder["pipe.txt"]))
            await make.WaitForExitAsync(RunningService.Cancellation);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_folder["socket.txt"]));
        _ = File.CreateSymbolicLink(_folder["to-pipe.txt"], "pipe.txt");
        _ = File.CreateSymbolicLink(_folder["to-device.txt"], "/dev/null");
        _ = _folder.Write("text.txt", "the text");
        _ = _folder.Write("empty.txt", "");
        _ = File.CreateSymbolicLink(_folder["to-text.txt"], "text.txt");
        await Task.Run(() => Look(Intake()), RunningService.Cancellation).WaitAsync(TimeSpan.FromMinutes(1), RunningService.Cancellation);
        foreach (var name in new[] { "pipe", "socket", "to-pipe", "to-device" })
            Assert.Equal("it is a pipe, a socket or a device; expected is a file with a text.", Result($"{name}.txt").GetProperty("error").GetString());
        Assert.Equal(["", "the text", "the text"], Stores.LeaseAll(_store).Select(lease => Encoding.UTF8.GetString(_store.Text(lease))).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Where_the_folder_cannot_be_watched_any_more_the_host_stops_and_says_why()
    {
        await using var service = await RunningService.StartAsync(options => options.Watch = _folder.Path, store: _stores.Path);
        using (var connection = new SqliteConnection($"Data Source={_stores.Path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "pragma busy_timeout = 5000; drop table files";
            _ = command.ExecuteNonQuery();
        }
        var stopping = service.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        await Task.Delay(Timeout.InfiniteTimeSpan, stopping).WaitAsync(TimeSpan.FromMinutes(1), RunningService.Cancellation).ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.True(stopping.IsCancellationRequested);
        Assert.Contains("files", service.State.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_too_long_is_not_read_to_find_that_out()
    {
        using (var sparse = new FileStream(_folder["long.txt"], FileMode.Create))
            sparse.SetLength(3L << 30);
        _ = File.CreateSymbolicLink(_folder["link.txt"], "long.txt");
        Look(Intake());
        foreach (var name in new[] { "long.txt", "link.txt" })
            Assert.Contains($"{3L << 30} bytes", Result(name).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    private JsonElement Result(string name) => JsonDocument.Parse(File.ReadAllBytes(_folder[name + ".rmt.json"])).RootElement;

    [Fact]
    public void A_file_becomes_one_document_whose_answer_stands_beside_it_through_any_number_of_restarts()
    {
        _ = _folder.Write("a.txt", "the text");
        _ = _folder.Write("b.log", "no text");
        Look(Intake());
        Look(Intake());
        var document = Assert.Single(_store.List(null, 0, 10));
        Assert.False(File.Exists(_folder["a.txt.rmt.json"]));
        AnswerAll();
        Look(Intake());
        Assert.Equal("yes", Result("a.txt").GetProperty("document").GetProperty("label").GetString());
        Assert.Equal(document.Id, Result("a.txt").GetProperty("document").GetProperty("id").GetString());

        // Neither the answer nor the file is read again; not even where somebody took the answer away.
        File.Delete(_folder["a.txt.rmt.json"]);
        Look(Intake(), 5);
        Assert.Single(_store.List(null, 0, 10));
        Assert.False(File.Exists(_folder["a.txt.rmt.json"]));
    }

    [Fact]
    public void A_file_that_is_changed_is_another_document()
    {
        _ = _folder.Write("a.txt", "one");
        Look(Intake());
        _ = _folder.Write("a.txt", "another");
        Look(Intake());
        Assert.Equal(2, _store.List(null, 0, 10).Count);
        _ = Directory.CreateDirectory(_folder["elsewhere"]);
        File.WriteAllText(_folder["elsewhere", "c.txt"], "three");
        File.Move(_folder["elsewhere", "c.txt"], _folder["c.txt"]);
        Look(Intake());
        Assert.Equal(3, _store.List(null, 0, 10).Count);
    }

    [Fact]
    public void A_file_is_not_read_while_somebody_writes_it_however_long_that_takes()
    {
        using (var stream = new FileStream(_folder["a.txt"], FileMode.Create, FileAccess.Write, FileShare.ReadWrite))
        {
            stream.Write("half of "u8);
            stream.Flush();
            Look(Intake(), 10);
            Assert.Empty(_store.List(null, 0, 10));
            stream.Write("a text"u8);
        }
        Look(Intake());
        var lease = Assert.Single(Stores.LeaseAll(_store));
        Assert.Equal("half of a text", Encoding.UTF8.GetString(_store.Text(lease)));
    }

    [Fact]
    public async Task A_file_that_is_written_is_seen_among_others_that_its_process_opens_and_closes_all_the_time()
    {
        _ = _folder.Write("other.txt", "");
        var before = Enumerable.Range(0, 20).Select(_ => File.OpenRead(_folder["other.txt"])).ToList();     // so that those are looked at first
        using var done = new CancellationTokenSource();
        Task[] churn = [];
        using (var stream = new FileStream(_folder["a.txt"], FileMode.Create, FileAccess.Write, FileShare.ReadWrite))
        {
            before.ForEach(file => file.Dispose());
            churn = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            {
                while (!done.IsCancellationRequested) File.OpenRead(_folder["other.txt"]).Dispose();
            }))];
            try
            {
                for (var i = 0; i < 100; i++) Assert.Contains(_folder["a.txt"], OpenFiles.Written());
            }
            finally
            {
                await done.CancelAsync();
            }
        }
        await Task.WhenAll(churn);
        Assert.DoesNotContain(_folder["a.txt"], OpenFiles.Written());
    }

    [Fact]
    public void What_is_no_text_or_too_long_is_told_beside_it_once()
    {
        File.WriteAllBytes(_folder["bad.txt"], [65, 0xFF]);
        _ = _folder.Write("long.txt", new string('x', 3000));
        Look(Intake());
        Assert.Empty(_store.List(null, 0, 10));
        Assert.Contains("offset 1", Result("bad.txt").GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains("3000 bytes", Result("long.txt").GetProperty("error").GetString(), StringComparison.Ordinal);
        File.Delete(_folder["bad.txt.rmt.json"]);
        Look(Intake());
        Assert.False(File.Exists(_folder["bad.txt.rmt.json"]));
    }
}
