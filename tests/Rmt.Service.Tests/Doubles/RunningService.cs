using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Rmt.Testing;

namespace Rmt.Service.Tests.Doubles;

/// <summary>The service behind Kestrel on a port of its own, with tiny models.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TempFolder? _folder;

    private RunningService(WebApplication app, TempFolder? folder) => (_app, _folder) = (app, folder);

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromMinutes(1) };

    public DocumentStore Store => _app.Services.GetRequiredService<DocumentStore>();

    public WorkState State => _app.Services.GetRequiredService<WorkState>();

    public IServiceProvider Services => _app.Services;

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<RunningService> StartAsync(Action<RmtClassifierOptions>? configure = null, TinyModels? models = null, string? store = null, TimeProvider? time = null)
    {
        var folder = store is null ? new TempFolder() : null;
        var app = Build(store ?? folder!["rmt.db"], models ?? new TinyModels(), configure, time);
        await app.StartAsync(Cancellation);
        var running = new RunningService(app, folder);
        running.Http.BaseAddress = new(app.Urls.First());
        return running;
    }

    /// <summary>The same, before it is started.</summary>
    public static WebApplication Build(string store, TinyModels models, Action<RmtClassifierOptions>? configure = null, TimeProvider? time = null, string url = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.WebHost.UseUrls(url);
        _ = builder.Services.AddRmtClassifier(options =>
        {
            options.Models.Add(new() { Path = "tiny" });
            options.Store = store;
            configure?.Invoke(options);
        });
        _ = builder.Services.Replace(ServiceDescriptor.Singleton<IModelSource>(models));
        if (time is not null)
            _ = builder.Services.Replace(ServiceDescriptor.Singleton(time));
        var app = builder.Build();
        _ = app.MapRmtClassifier();
        return app;
    }

    /// <summary>Waits until the models are warm.</summary>
    public async Task<RunningService> ReadyAsync()
    {
        while (!State.IsReady)
        {
            Assert.Null(State.Failure);
            await Task.Delay(10, Cancellation);
        }
        return this;
    }

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content = null, Action<HttpRequestHeaders>? headers = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        headers?.Invoke(request.Headers);
        using var response = await Http.SendAsync(request, Cancellation);
        return new(response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation), response.Headers, response.Content.Headers.ContentType?.MediaType);
    }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, object json, Action<HttpRequestHeaders>? headers = null) => SendAsync(HttpMethod.Post, path, Json(JsonSerializer.Serialize(json)), headers);

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    /// <summary>A document at its end.</summary>
    public async Task<JsonElement> FinishedAsync(string id, string kind = "documents")
    {
        while (true)
        {
            var answer = await GetAsync($"/v1/{kind}/{id}");
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            var document = kind == "documents" ? answer.Json : answer.Json.GetProperty("document");
            if (document.GetProperty("status").GetString() is "done" or "failed" or "cancelled" or "expired")
                return document;
            await Task.Delay(10, Cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        ((TinyModels)_app.Services.GetRequiredService<IModelSource>()).Release();
        Http.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _folder?.Dispose();
    }
}

internal sealed record Answer(HttpStatusCode Status, string Text, HttpResponseHeaders Headers, string? MediaType)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public string? this[string name] => Json.GetProperty(name).ToString();

    /// <summary>That it is a problem of this kind.</summary>
    public void IsProblem(HttpStatusCode status, string kind)
    {
        Assert.True(Status == status, $"{Status}: {Text}");
        Assert.Equal("application/problem+json", MediaType);
        Assert.Equal($"urn:rmt:problem:{kind}", this["type"]);
        Assert.NotEmpty(this["detail"]!);
    }
}
