using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Rmt.Benchmarks.Service;

/// <summary><c>rmt serve</c> as a user starts it, on a port and a store of its own.</summary>
internal sealed partial class ServiceProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo? _folder;        // where the store is nobody else's
    private readonly Process _process;
    private readonly Process _signals;      // a program started for each signal takes milliseconds, in which nobody is measured
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpClient _http = new() { Timeout = Patience };

    private ServiceProcess(string model, int threads, string? store, IReadOnlyDictionary<string, string>? environment, string[] more)
    {
        var text = threads.ToString(CultureInfo.InvariantCulture);
        if (store is null) _folder = Directory.CreateTempSubdirectory("rmt-service-");
        var start = new ProcessStartInfo("dotnet",
            ["exec", Path.Combine(AppContext.BaseDirectory, "rmt.dll"), "serve", "--urls", "http://127.0.0.1:0", "--model", $"measured={model}", "--store", store ?? Path.Combine(_folder!.FullName, "rmt.db"), "--threads", text, .. more])
        { RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        _process = Process.Start(start.WithThreads(threads)) ?? throw new InvalidOperationException("dotnet did not start");
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.BeginErrorReadLine();
        _signals = Process.Start(new ProcessStartInfo("sh", ["-c", "while read -r signal; do kill -s $signal $0; echo sent; done", $"{_process.Id}"]) { RedirectStandardInput = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("sh did not start");
    }

    /// <summary>One that is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended before.</exception>
    public static Task<ServiceProcess> StartAsync(string model, int threads, params string[] more) => StartAsync(model, threads, null, null, more);

    /// <summary>One that is ready.</summary>
    /// <param name="model">A folder.</param>
    /// <param name="threads">Of one operation.</param>
    /// <param name="store">Its file, which stays; null: one that goes with it.</param>
    /// <param name="environment">What it has beside ours.</param>
    /// <param name="more">Options.</param>
    /// <exception cref="InvalidOperationException">It ended before.</exception>
    public static async Task<ServiceProcess> StartAsync(string model, int threads, string? store, IReadOnlyDictionary<string, string>? environment, params string[] more)
    {
        var service = new ServiceProcess(model, threads, store, environment, more);
        service._http.BaseAddress = await service._listening.Task.WaitAsync(Patience);
        while (!(await service._http.GetAsync("/health/ready")).IsSuccessStatusCode)
            await Task.Delay(50);
        return service;
    }

    /// <summary>Its number.</summary>
    public int Id => _process.Id;

    /// <summary>Lines of its log above information.</summary>
    public int Complaints { get; private set; }

    private void Hear(string? line)
    {
        if (line is null)
        {
            _ = _listening.TrySetException(new InvalidOperationException("rmt serve ended before it listened"));
            return;
        }
        if (Listening().Match(line) is { Success: true } match)
            _ = _listening.TrySetResult(new(match.Groups[1].Value));
        else if (!line.Contains("\"LogLevel\":\"Information\"", StringComparison.Ordinal))
        {
            Complaints++;
            Console.Error.WriteLine(line);
        }
    }

    /// <summary>Sends a document.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> SendAsync(string text)
    {
        using var response = await _http.PostAsJsonAsync("/v1/documents", new { text });
        return (await AnswerAsync(response)).GetProperty("id").GetString()!;
    }

    /// <summary>Sends a document and waits for its answer.</summary>
    public async Task<JsonElement> ClassifyAsync(string text)
    {
        using var response = await _http.PostAsJsonAsync("/v1/classify", new { text });
        return await AnswerAsync(response);
    }

    /// <summary>A document.</summary>
    public async Task<JsonElement> DocumentAsync(string id)
    {
        using var response = await _http.GetAsync($"/v1/documents/{id}");
        return await AnswerAsync(response);
    }

    /// <summary>Cancels every document that is not finished.</summary>
    public async Task CancelAllAsync()
    {
        foreach (var status in new[] { "queued", "running" })
        {
            using var response = await _http.GetAsync($"/v1/documents?status={status}&limit=1000");
            foreach (var document in (await AnswerAsync(response)).GetProperty("documents").EnumerateArray())
                (await _http.DeleteAsync($"/v1/documents/{document.GetProperty("id").GetString()}")).Dispose();
        }
    }

    /// <summary>What it counts.</summary>
    public async Task<ServiceCounts> CountsAsync() => new(await _http.GetStringAsync("/metrics"));

    /// <summary>What it counts at the end of the step that it makes; it must have work.</summary>
    public async Task<ServiceCounts> NextStepAsync()
    {
        for (var begun = await CountsAsync(); ;)
        {
            await Task.Delay(20);       // a question is work too, done beside the step
            if (await CountsAsync() is var now && now.Segments > begun.Segments)
                return now;
        }
    }

    /// <summary>Waits until nothing is queued or read.</summary>
    public async Task IdleAsync()
    {
        while ((await CountsAsync()).Unfinished > 0)
            await Task.Delay(100);
    }

    /// <summary>Waits until it ends of itself.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>Stands still until <see cref="Continue"/>, so that something else has the machine.</summary>
    public void Pause() => Signal("STOP");

    public void Continue() => Signal("CONT");

    private void Signal(string signal)
    {
        _signals.StandardInput.WriteLine(signal);
        _signals.StandardInput.Flush();
        _ = _signals.StandardOutput.ReadLine();
    }

    private static async Task<JsonElement> AnswerAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonDocument.Parse(text).RootElement : throw new InvalidOperationException($"the service answered {(int)response.StatusCode}: {text}");
    }

    public void Dispose()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            Signal("TERM");
            if (!_process.WaitForExit(Patience)) _process.Kill();
        }
        _process.Dispose();
        _signals.StandardInput.Close();
        _signals.Dispose();
        _folder?.Delete(recursive: true);
    }

    [GeneratedRegex(@"^rmt: listening on (\S+)$")]
    private static partial Regex Listening();
}
