using System.Text.Json;
using Rmt.Service.Tests.Doubles;
using Rmt.Testing;

namespace Rmt.Service.Tests.Page;

/// <summary>The page in Chromium, as somebody with a keyboard uses it.</summary>
public sealed class PageInBrowserTests
{
    private const string Key = "a key of sixteen letters and more", Finished = "document.querySelector('#reading-status').innerText === 'done'";

    // RMT_PICTURES names a folder that is there: then what was seen is kept.
    private static async Task KeepPictureAsync(Browser browser, string name)
    {
        if (Environment.GetEnvironmentVariable("RMT_PICTURES") is { Length: > 0 } folder)
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{name}.png"), await browser.PictureAsync(), RunningService.Cancellation);
    }

    private static async Task FitsAsync(Browser browser) =>
        Assert.True((await browser.AskAsync("document.documentElement.scrollWidth <= window.innerWidth")).GetBoolean(), "the page has to be scrolled sideways");

    [Theory]
    [InlineData(1280, 1500)]
    [InlineData(390, 2600)]
    public async Task A_text_is_pasted_sent_by_keyboard_and_seen_being_read(int width, int height)
    {
        await using var browser = await Browser.StartAsync(width, height);
        await using var service = await RunningService.StartAsync();
        _ = await service.ReadyAsync();
        await browser.GoAsync(service.Http.BaseAddress!);
        await browser.UntilAsync("document.querySelector('#service').innerText.startsWith('Ready')");
        await FitsAsync(browser);

        await browser.TypeAsync("text", TinyModels.Text(new(1), 500));
        await browser.PressAsync(Browser.Tab, Browser.Tab);
        Assert.Equal("send", (await browser.AskAsync("document.activeElement.id")).GetString());
        await browser.PressAsync(Browser.Enter);
        await browser.UntilAsync(Finished);
        await browser.UntilAsync("document.querySelectorAll('#results li').length === 1 && document.querySelectorAll('#chart polyline').length === 3");

        var document = (await service.GetAsync("/v1/documents")).Json.GetProperty("documents")[0];
        Assert.Equal(document.GetProperty("label").GetString(), await browser.TextAsync("answer-label"));
        Assert.Equal("The answer, after 30 segments.", await browser.TextAsync("answer-kind"));
        Assert.Equal("Segment 30 of 30", await browser.TextAsync("progress-text"));
        Assert.Equal(3, (await browser.AskAsync("document.querySelectorAll('#scores li').length")).GetInt32());
        Assert.Equal("reading", (await browser.AskAsync("document.activeElement.id")).GetString());
        // Two points a segment.
        Assert.Equal(60, (await browser.AskAsync("document.querySelector('#chart polyline').getAttribute('points').split(' ').length")).GetInt32());
        await FitsAsync(browser);
        await KeepPictureAsync(browser, $"page-{width}");
        Assert.Empty(await browser.ComplaintsAsync());
    }

    [Fact]
    public async Task A_running_prediction_is_told_from_an_answer_and_no_text_becomes_markup()
    {
        await using var browser = await Browser.StartAsync(390, 2600);
        var models = new TinyModels { IsHeld = true };
        await using var service = await RunningService.StartAsync(models: models);
        const string Id = "a-document-with-a-long-name-of-its-own-that-has-no-space-in-it-at-all-and-goes-on";
        _ = await service.PostAsync("/v1/documents", new { text = TinyModels.Text(new(1), 500), id = Id });
        await browser.GoAsync(new(service.Http.BaseAddress!, $"/#document={Id}"));
        await browser.UntilAsync("document.querySelectorAll('#queue li').length === 1 && document.querySelector('#reading-status').innerText === 'queued'");
        await FitsAsync(browser);

        // What comes between is too quick to be seen surely: it is said to the page as the events say it.
        var segment = JsonSerializer.Serialize(new { segment = 3, segments = 30, label = "<b>a</b>", score = 0.5, scores = new Dictionary<string, double> { ["<b>a</b>"] = 0.5, ["b"] = 0.3, ["c"] = 0.2 }, final = false, trained_on_every_segment = false });
        _ = await browser.AskAsync($"take(watching, {{ name: 'segment', id: '0.2', data: {segment} }})");
        await browser.UntilAsync("document.querySelector('#answer-label').innerText === '<b>a</b>'");
        Assert.Equal("Running prediction, after segment 3. This model was not trained to answer after every segment: before the end it may mean little.", await browser.TextAsync("answer-kind"));
        Assert.Equal("Segment 3 of 30", await browser.TextAsync("progress-text"));
        await KeepPictureAsync(browser, "page-running");

        models.Release();
        await browser.UntilAsync(Finished);
        Assert.Empty(await browser.ComplaintsAsync());
    }

    [Fact]
    public async Task With_keys_it_asks_for_one_and_says_a_problem_in_words()
    {
        await using var browser = await Browser.StartAsync(1280, 1500);
        await using var service = await RunningService.StartAsync(options => options.Keys.Add(Key));
        _ = await service.ReadyAsync();
        await browser.GoAsync(service.Http.BaseAddress!);
        await browser.UntilAsync("document.activeElement.id === 'key'");
        // Nothing is claimed of what nobody was told.
        foreach (var list in new[] { "queue", "results", "letters" })
            Assert.Equal("Not known yet.", await browser.TextAsync($"{list}-note"));
        await browser.PressAsync("x", Browser.Enter);
        await browser.UntilAsync("document.activeElement.id === 'key' && document.querySelector('#service').innerText === 'The service does not know this key.'");
        await browser.TypeAsync("key", Key + Browser.Enter);
        await browser.UntilAsync("document.activeElement.id === 'text' && document.querySelector('#service').innerText.startsWith('Ready')");
        Assert.Equal(Key, (await browser.AskAsync("sessionStorage.getItem('rmt.key')")).GetString());
        await browser.TypeAsync("text", TinyModels.Text(new(1), 100));
        await browser.PressAsync(Browser.Tab, Browser.Tab, Browser.Enter);
        await browser.UntilAsync(Finished);

        _ = await browser.AskAsync("watch('nothing')");
        await browser.UntilAsync("document.querySelector('#problem').innerText.includes(\"there is no document 'nothing'\")");
        await KeepPictureAsync(browser, "page-problem");
    }

    [Fact]
    public async Task A_file_that_is_dropped_is_read()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["a text.txt"], TinyModels.Text(new(3), 60), RunningService.Cancellation);
        await using var browser = await Browser.StartAsync(1280, 1500);
        await using var service = await RunningService.StartAsync();
        _ = await service.ReadyAsync();
        await browser.GoAsync(service.Http.BaseAddress!);
        await browser.UntilAsync("document.querySelector('#service').innerText.startsWith('Ready')");
        await browser.DropAsync(folder["a text.txt"]);
        await browser.UntilAsync(Finished);
        Assert.Equal(60, (await service.GetAsync("/v1/documents")).Json.GetProperty("documents")[0].GetProperty("tokens_read").GetInt32());
        Assert.False((await browser.AskAsync("document.body.classList.contains('dropping')")).GetBoolean());
        Assert.Empty(await browser.ComplaintsAsync());
    }

    [Fact]
    public async Task A_document_that_waits_is_cancelled_and_one_that_is_answered_is_erased()
    {
        await using var browser = await Browser.StartAsync(390, 2600);
        var models = new TinyModels { IsHeld = true };
        await using var service = await RunningService.StartAsync(models: models);
        foreach (var id in new[] { "first", "second" })
            _ = await service.PostAsync("/v1/documents", new { text = "a text", id });
        await browser.GoAsync(service.Http.BaseAddress!);
        await browser.ChooseAsync("#queue [aria-label='Cancel first']");
        await browser.UntilAsync("document.querySelectorAll('#queue li').length === 1 && document.querySelector('#said').innerText === 'Cancel: first, done'");
        Assert.Equal("cancelled", (await service.GetAsync("/v1/documents/first"))["status"]);
        Assert.Equal("queue-title", (await browser.AskAsync("document.activeElement.id")).GetString());

        models.Release();
        await browser.ChooseAsync("#results [aria-label='Erase second']");
        await browser.UntilAsync("document.querySelectorAll('#results li').length === 0 && document.querySelector('#results-note').innerText === 'No answers yet.'");
        (await service.GetAsync("/v1/documents/second")).IsProblem(System.Net.HttpStatusCode.NotFound, "not-found");
        Assert.Empty(await browser.ComplaintsAsync());
    }

    [Fact]
    public async Task A_dead_letter_says_why_and_is_tried_again_when_it_is_requeued()
    {
        await using var browser = await Browser.StartAsync(390, 2600);
        await using var service = await RunningService.StartAsync(options => options.MaxAttempts = 1);
        _ = await service.PostAsync("/v1/documents", new { text = "a !poison text", id = "bad" });
        await browser.GoAsync(service.Http.BaseAddress!);
        await browser.UntilAsync("document.querySelector('#letters .why')?.innerText.includes('tried 1 times in a row')");
        await browser.ChooseAsync("#letters .id");
        await browser.UntilAsync("document.querySelector('#answer-label').innerText === 'It could not be read'");
        Assert.True((await browser.AskAsync("document.querySelector('#progress').hidden && document.querySelector('#progress-text').hidden")).GetBoolean());      // it waits for nothing
        await browser.ChooseAsync("#letters [aria-label='Requeue bad']");
        // It fails again, is watched, and is back in the list.
        while (!(await service.GetAsync("/metrics")).Text.Contains("rmt_dead_letters_total 2\n", StringComparison.Ordinal)) await Task.Delay(50, RunningService.Cancellation);
        await browser.UntilAsync("document.querySelector('#reading-id').innerText === 'bad' && document.querySelector('#answer-label').innerText === 'It could not be read'");
        await browser.UntilAsync("document.querySelectorAll('#letters li').length === 1");
        Assert.Empty(await browser.ComplaintsAsync());
    }
}
