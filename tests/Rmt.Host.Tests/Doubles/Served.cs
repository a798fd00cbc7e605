using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Rmt.Testing;

namespace Rmt.Host.Tests.Doubles;

/// <summary><c>rmt serve</c> in a process of its own, on a port of its own.</summary>
internal sealed partial class Served : IDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _said = [];

    public Served(params string[] args) : this(args, new Dictionary<string, string>())
    {
    }

    /// <param name="args">Behind <c>serve</c>.</param>
    /// <param name="environment">What it has beside ours.</param>
    /// <param name="shell">What bash does before it becomes this process; null: there is none.</param>
    public Served(string[] args, IReadOnlyDictionary<string, string> environment, string? shell = null)
    {
        string[] command = [.. shell is null ? Array.Empty<string>() : ["bash", "-c", $"{shell}; exec \"$@\"", "bash"], "dotnet", Path.Combine(AppContext.BaseDirectory, "rmt.dll"), "serve", "--urls", "http://127.0.0.1:0", .. args];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.BeginErrorReadLine();
    }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public int Id => _process.Id;

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromMinutes(2) };

    public string Said
    {
        get
        {
            lock (_said)
                return string.Join('\n', _said);
        }
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            _ = _listening.TrySetException(new InvalidOperationException($"it ended before it listened:\n{Said}"));
            return;
        }
        lock (_said)
            _said.Add(line);
        if (Listening().Match(line) is { Success: true } match)
            _ = _listening.TrySetResult(new(match.Groups[1].Value));
    }

    public async Task<Served> ListeningAsync()
    {
        Http.BaseAddress = await _listening.Task.WaitAsync(TimeSpan.FromMinutes(2), Cancellation);
        return this;
    }

    public async Task<JsonElement> GetAsync(string path) => JsonDocument.Parse(await Http.GetStringAsync(path, Cancellation)).RootElement;

    /// <summary>As <c>kill -9</c>.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>As systemd ends it.</summary>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        return await ExitCodeAsync();
    }

    public async Task<int> ExitCodeAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
        Http.Dispose();
    }

    [GeneratedRegex(@"^rmt: listening on (\S+)$")]
    private static partial Regex Listening();
}
