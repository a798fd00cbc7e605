using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rmt.Loaders;

namespace Rmt.Service;

/// <summary>Classifies the text files of a folder, as <c>*.txt</c> that are renamed into it or closed in it, and writes the answer beside each: <c>NAME.txt.rmt.json</c>.</summary>
/// <remarks>The folder is looked at, not listened to: that works on every file system, and nothing is missed. A file, as it was at a time, becomes one document
/// in the same transaction that says so, and its answer is written until the store knows that it is: a restart repeats nothing.</remarks>
internal sealed class FolderIntake(RmtClassifierOptions options, IModelSource models, DocumentStore store, WorkState state, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<FolderIntake> log)
    : BackgroundService
{
    /// <summary>What is added to a file's name for its answer.</summary>
    public const string Suffix = ".rmt.json";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, WatchedFile> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<WatchedFile> _known = [];      // by the store, so that it is asked once of each
    private string? _said;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Watch is not { } folder)
            return;
        // A host whose address is taken ends without having touched the folder.
        using var begin = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStarted);
        await Task.Delay(Timeout.InfiniteTimeSpan, begin.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            while (!stoppingToken.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested)
            {
                TryLook(Path.GetFullPath(folder));
                await Task.Delay(Look, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (Exception error) when (Died(folder, error))
        {
            lifetime.StopApplication();
        }
    }

    // As where the worker dies: the host stops, and whoever started it is told.
    private bool Died(string folder, Exception error)
    {
        state.Failure ??= error;
        log.IntakeDied(folder, error);
        return true;
    }

    // What does not change is said once, not twice a second.
    private void TryLook(string folder)
    {
        try
        {
            LookOnce(folder);
            _said = null;
        }
        catch (Exception error) when (error is StoreUnavailableException or IOException or UnauthorizedAccessException)
        {
            if (_said != error.Message)
                log.FileUnreadable(folder, error.Message);
            _said = error.Message;
        }
    }

    /// <summary>Takes what is whole, and writes what is answered.</summary>
    public void LookOnce(string folder)
    {
        var files = new DirectoryInfo(folder).EnumerateFiles("*.txt").Where(file => file.Name[0] != '.').Select(Now).ToDictionary(file => file.Path);
        // A file that did not change between two looks, and that nobody writes.
        var still = files.Values.Where(file => _seen.TryGetValue(file.Path, out var before) && before == file && IsNew(file)).ToList();
        var written = still.Count > 0 ? OpenFiles.Written() : [];
        foreach (var file in still.Where(file => !written.Contains(file.Path)))
            Take(file);
        foreach (var gone in _seen.Keys.Except(files.Keys).ToList())
            _ = _seen.Remove(gone);
        _ = _known.RemoveWhere(file => !files.TryGetValue(file.Path, out var now) || now != file);
        foreach (var file in files.Values)
            _seen[file.Path] = file;
        Write();
    }

    private bool IsNew(WatchedFile file)
    {
        if (_known.Contains(file))
            return false;
        if (!store.Knows(file))
            return true;
        _ = _known.Add(file);
        return false;
    }

    private static WatchedFile Now(FileInfo file) => new(file.FullName, file.Length, file.LastWriteTimeUtc.Ticks);

    private void Take(WatchedFile file)
    {
        try
        {
            var bytes = Read(new(file.Path));
            if (Now(new(file.Path)) != file)
                return;     // changed under our eyes: at the next look
            var id = Guid.CreateVersion7().ToString("N");
            if (store.Take(file, new() { Id = id, Model = models.Names[0], Text = DocumentText.Encode(DocumentText.Decode(bytes)) }))
                log.FileTaken(file.Path, id);
        }
        catch (RequestException error)
        {
            AtomicFile.Write(file.Path + Suffix, JsonSerializer.SerializeToUtf8Bytes(new FileFailure(Path.GetFileName(file.Path), error.Message), ServiceJson.Options));
            _ = store.Take(file, null);
            log.FileUnreadable(file.Path, error.Message);
        }
        catch (FileNotFoundException)
        {
            // Gone again.
        }
    }

    private byte[] Read(FileInfo file)
    {
        try
        {
            var source = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            if (source.Length > options.MaxBodyBytes)
                throw new RequestException(413, "too-large", $"the file has {source.Length} bytes, more than the {options.MaxBodyBytes} that are taken.");
            if (source.Length > 0)
                return File.ReadAllBytes(source.FullName);
            // A pipe has no length, and whoever opens it waits for its other end.
            return EmptyFile.Is(source.FullName) ? [] : throw RequestException.Bad("it is a pipe, a socket or a device; expected is a file with a text.");
        }
        catch (Exception error) when (error is IOException and not FileNotFoundException or UnauthorizedAccessException)
        {
            throw RequestException.Bad($"the file cannot be read: {error.Message}");
        }
    }

    private void Write()
    {
        foreach (var (file, document) in store.Unwritten())
        {
            if (Path.Exists(Path.GetDirectoryName(file.Path)))
                AtomicFile.Write(file.Path + Suffix, JsonSerializer.SerializeToUtf8Bytes(new FileAnswer(Path.GetFileName(file.Path), Answers.Of(document)), ServiceJson.Options));
            store.Written(file);
        }
    }

    /// <summary>What stands beside a file that was read.</summary>
    private sealed record FileAnswer(string Source, DocumentAnswer Document);

    /// <summary>What stands beside a file that cannot be.</summary>
    private sealed record FileFailure(string Source, string Error);
}
