using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rmt.Service.Tests.Doubles;

/// <summary>Chromium without a window, spoken to over HTTP as WebDriver says.</summary>
internal sealed class Browser : IAsyncDisposable
{
    public const string Tab = "\uE004", Enter = "\uE007";

    private const string Element = "element-6066-11e4-a52e-4f735466cecf", Started = "started successfully on port ";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _driver;
    private readonly HttpClient _http = new() { Timeout = Patience };
    private string _session = "";

    private Browser(Process driver) => _driver = driver;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A new browser with a profile of its own; the test is skipped where there is none.</summary>
    public static async Task<Browser> StartAsync(int width, int height)
    {
        var driver = Programs.Find("chromedriver", "chromium chromium-driver");
        var browser = new Browser(Process.Start(new ProcessStartInfo(driver, ["--port=0"]) { RedirectStandardOutput = true })!);
        try
        {
            await browser.OpenAsync(width, height);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    private async Task OpenAsync(int width, int height)
    {
        string? line;
        while ((line = await _driver.StandardOutput.ReadLineAsync(Cancellation)) is not null && !line.Contains(Started, StringComparison.Ordinal))
        {
        }
        Assert.NotNull(line);
        _ = _driver.StandardOutput.ReadToEndAsync(CancellationToken.None);      // so that it never waits for a reader
        _http.BaseAddress = new($"http://127.0.0.1:{line[(line.IndexOf(Started, StringComparison.Ordinal) + Started.Length)..].TrimEnd('.')}/");
        var options = new JsonObject { ["args"] = new JsonArray("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run", "--force-prefers-reduced-motion") };
        var capabilities = new JsonObject { ["alwaysMatch"] = new JsonObject { ["browserName"] = "chrome", ["goog:chromeOptions"] = options, ["goog:loggingPrefs"] = new JsonObject { ["browser"] = "ALL" } } };
        _session = $"session/{(await PostAsync("session", new JsonObject { ["capabilities"] = capabilities })).GetProperty("sessionId").GetString()}";
        _ = await DevToolsAsync("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = width < 600 });
    }

    private async Task<JsonElement> ValueAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(Cancellation);
            Assert.True(response.IsSuccessStatusCode, text);
            return JsonDocument.Parse(text).RootElement.GetProperty("value");
        }
    }

    private async Task<JsonElement> PostAsync(string path, JsonObject body)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        return await ValueAsync(await _http.PostAsync(path, content, Cancellation));
    }

    private Task<JsonElement> DevToolsAsync(string command, JsonObject parameters) => PostAsync($"{_session}/goog/cdp/execute", new() { ["cmd"] = command, ["params"] = parameters });

    public async Task GoAsync(Uri address) => _ = await PostAsync($"{_session}/url", new() { ["url"] = address.ToString() });

    /// <summary>What a script returns.</summary>
    public Task<JsonElement> AskAsync(string script) => PostAsync($"{_session}/execute/sync", new() { ["script"] = $"return {script};", ["args"] = new JsonArray() });

    /// <summary>Waits until a script says yes.</summary>
    public async Task UntilAsync(string script)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!(await AskAsync($"Boolean({script})")).GetBoolean())
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < Patience, $"never: {script}\n{await AskAsync("document.body.innerText")}");
            await Task.Delay(50, Cancellation);
        }
    }

    /// <summary>The text that a user sees in an element.</summary>
    public async Task<string> TextAsync(string id) => (await AskAsync($"document.getElementById('{id}').innerText")).GetString()!;

    /// <summary>Types into an element.</summary>
    public async Task TypeAsync(string id, string text)
    {
        var element = (await PostAsync($"{_session}/element", new() { ["using"] = "css selector", ["value"] = $"#{id}" })).GetProperty(Element).GetString();
        _ = await PostAsync($"{_session}/element/{element}/value", new() { ["text"] = text });
    }

    /// <summary>Presses keys, one after the other, wherever the focus is.</summary>
    public async Task PressAsync(params string[] keys)
    {
        var actions = new JsonArray([.. keys.SelectMany(key => new[] { "keyDown", "keyUp" }.Select(type => new JsonObject { ["type"] = type, ["value"] = key }))]);
        _ = await PostAsync($"{_session}/actions", new() { ["actions"] = new JsonArray(new JsonObject { ["type"] = "key", ["id"] = "keyboard", ["actions"] = actions }) });
    }

    /// <summary>Drops a file of this machine on the middle of the page.</summary>
    public async Task DropAsync(string path)
    {
        foreach (var type in new[] { "dragEnter", "dragOver", "drop" })
        {
            var data = new JsonObject { ["items"] = new JsonArray(), ["files"] = new JsonArray(path), ["dragOperationsMask"] = 1 };
            _ = await DevToolsAsync("Input.dispatchDragEvent", new() { ["type"] = type, ["x"] = 200, ["y"] = 200, ["data"] = data });
        }
    }

    /// <summary>Puts the focus on what a selector finds and presses Enter, as somebody who got there by keyboard.</summary>
    public async Task ChooseAsync(string selector)
    {
        await UntilAsync($"document.querySelector(\"{selector}\")?.disabled === false");
        _ = await AskAsync($"document.querySelector(\"{selector}\").focus()");
        await PressAsync(Enter);
    }

    /// <summary>What the browser complained of: errors of scripts, what the policy refused, answers of 400 and above.</summary>
    public async Task<IReadOnlyList<string>> ComplaintsAsync() =>
        [.. (await PostAsync($"{_session}/se/log", new() { ["type"] = "browser" })).EnumerateArray().Where(entry => entry.GetProperty("level").GetString() == "SEVERE").Select(entry => entry.GetProperty("message").GetString()!)];

    /// <summary>The page as it looks.</summary>
    public async Task<byte[]> PictureAsync() => (await ValueAsync(await _http.GetAsync($"{_session}/screenshot", Cancellation))).GetBytesFromBase64();

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_session.Length > 0)
                _ = await _http.DeleteAsync(_session, CancellationToken.None);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            // It is ended below.
        }
        _driver.Kill(entireProcessTree: true);
        await _driver.WaitForExitAsync(CancellationToken.None);
        _driver.Dispose();
        _http.Dispose();
    }
}
