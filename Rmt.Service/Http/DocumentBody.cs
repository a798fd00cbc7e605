using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Net.Http.Headers;

namespace Rmt.Service;

/// <summary>Requests to documents: JSON, plain text, or a form with a file.</summary>
internal sealed class DocumentBody(RmtClassifierOptions options, IModelSource models, IHostApplicationLifetime lifetime) : IDisposable
{
    private const int LongestKey = 255;

    // What stands beside a text that is not in JSON: in the query of plain text, in the form beside a file.
    private static readonly string[] Beside = ["id", "model", "max_tokens", "truncate"];

    private readonly SemaphoreSlim _uploads = new(options.MaxUploads);

    /// <summary>The document that a request offers.</summary>
    public async Task<NewDocument> ReadAsync(HttpContext context)
    {
        var type = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var parsed) ? parsed.MediaType.Value?.ToLowerInvariant() : null;
        RefuseOthers(context.Request.Query.Keys, type == "text/plain" ? Beside : [], "the query");
        var request = type switch
        {
            "application/json" => Parse(await BytesAsync(context, options.MaxBodyBytes)),
            "text/plain" => FromQuery(context, Decode(await BytesAsync(context, options.MaxBodyBytes), parsed!)),
            "multipart/form-data" => await FormAsync(context),
            _ => throw RequestException.Media("media-type", $"the Content-Type is '{context.Request.ContentType}'; expected is application/json, text/plain or multipart/form-data."),
        };
        return Document(request, context);
    }

    /// <summary>A document of JSON, checked.</summary>
    public static DocumentRequest Parse(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            throw RequestException.Bad("the body is not UTF-8.");
        return RequestJson.Parse<DocumentRequest>(json, """{"text": …}""");
    }

    /// <summary>What the store takes.</summary>
    public NewDocument Document(DocumentRequest request, HttpContext context, string? line = null)
    {
        var model = Model(request.Model);
        if (request.Id is { } id)
            RequireId(id);
        if (request.MaxTokens is < 1)
            throw RequestException.Unprocessable("max-tokens", $"max_tokens is {request.MaxTokens}; it must be 1 or more.");
        if (request.Truncate is not (null or "head" or "head_tail"))
            throw RequestException.Unprocessable("truncate", $"truncate is '{request.Truncate}'; it must be head or head_tail.");
        if (request.Truncate is not null && request.MaxTokens is null)
            throw RequestException.Unprocessable("truncate", "truncate does nothing without max_tokens.");
        return new()
        {
            Id = request.Id,
            Model = model,
            Text = DocumentText.Encode(request.Text),
            MaxTokens = request.MaxTokens,
            Truncate = request.Truncate,
            TraceParent = System.Diagnostics.Activity.Current?.Id,
            Key = Key(context, line),
            Fingerprint = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(request with { Model = model }, ServiceJson.Options)),
        };
    }

    /// <summary>The model of a name, or the default.</summary>
    public string Model(string? name)
    {
        if (name is null)
            return models.Names[0];
        return models.Names.Contains(name) ? name : throw RequestException.Unprocessable("no-such-model", $"there is no model '{name}'; there are {string.Join(", ", models.Names)}.");
    }

    /// <summary>Letters, digits and a few signs, so that it can stand in an address.</summary>
    public static void RequireId(string id)
    {
        if (id.Length is 0 or > 128 || !id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' or ':') || id is "." or "..")
            throw RequestException.Unprocessable("id", "an id has 1 to 128 ASCII letters, digits, dots, dashes, underlines and colons.");
    }

    /// <summary>The Idempotency-Key of a request, or of a line of it.</summary>
    public static string? Key(HttpContext context, string? line = null)
    {
        var header = context.Request.Headers["Idempotency-Key"];
        if (header.Count == 0)
            return null;
        var key = header.ToString();
        if (header.Count > 1 || key.Length is 0 or > LongestKey)
            throw RequestException.Bad($"an Idempotency-Key is one, of 1 to {LongestKey} characters.");
        return line is null ? key : $"{key}#{line}";
    }

    /// <summary>A whole body, as long as there is room for it.</summary>
    public async Task<byte[]> BytesAsync(HttpContext context, int most)
    {
        if (context.Request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw RequestException.Media("content-encoding", $"the Content-Encoding is '{encoding}'; send the body as it is.");
        if (!await _uploads.WaitAsync(0, CancellationToken.None))
            throw RequestException.Busy();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
                limit.MaxRequestBodySize = null;        // it is counted here
            if (context.Request.ContentLength > most)
                throw RequestException.TooLarge(most);
            using var body = new MemoryStream((int)Math.Min(context.Request.ContentLength ?? 0, 1 << 20));     // what is promised takes no memory before it comes
            var buffer = new byte[1 << 16];
            for (int read; (read = await context.Request.Body.ReadAsync(buffer, end.Token)) > 0;)
            {
                if (body.Length + read > most)
                    throw RequestException.TooLarge(most);
                body.Write(buffer, 0, read);
            }
            return body.ToArray();
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw RequestException.Ending();        // who sends slowly would hold up the end of the service
        }
        finally
        {
            _ = _uploads.Release();
        }
    }

    // Bytes in another encoding can be read as UTF-8 too, and be another text.
    private static string Decode(byte[] bytes, MediaTypeHeaderValue type)
    {
        var charset = HeaderUtilities.RemoveQuotes(type.Charset).ToString();
        var isMarked = bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..];
        if (charset.Length > 0 && charset.ToLowerInvariant() is not ("utf-8" or "us-ascii") && !(isMarked && charset.StartsWith("utf-16", StringComparison.OrdinalIgnoreCase)))
            throw RequestException.Media("charset", $"the charset is '{charset}'; send UTF-8, or UTF-16 with a byte-order mark.");
        return DocumentText.Decode(bytes);
    }

    private static DocumentRequest FromQuery(HttpContext context, string text)
    {
        var query = context.Request.Query;
        return From(text, name => query.TryGetValue(name, out var value) ? value.ToString() : null);
    }

    private static DocumentRequest From(string text, Func<string, string?> beside) => new(text, beside("id"), beside("model"), Number(beside("max_tokens")), beside("truncate"));

    /// <summary>Refuses a key that nothing reads: it would be taken for heard.</summary>
    /// <param name="keys">Those that were sent.</param>
    /// <param name="known">Those that are read; none: all stand in the body.</param>
    /// <param name="where">As a problem names it.</param>
    public static void RefuseOthers(ICollection<string> keys, string[] known, string where)
    {
        if (keys.FirstOrDefault(key => !known.Contains(key)) is { } other)
            throw RequestException.Bad(known.Length > 0 ? $"{where} has a key '{other}'; there are {string.Join(", ", known)}." : $"{where} has a key '{other}'; every key stands in the body.");
    }

    private async Task<DocumentRequest> FormAsync(HttpContext context)
    {
        // Read whole first, as every body: then a form that is cut off or too large is seen before anything is made of it.
        var bytes = await BytesAsync(context, options.MaxBodyBytes);
        context.Request.Body = new MemoryStream(bytes);
        context.Features.Set<IFormFeature>(new FormFeature(context.Request, new FormOptions { MultipartBodyLengthLimit = options.MaxBodyBytes, MemoryBufferThreshold = options.MaxBodyBytes }));
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (form.Files is not [var file])
            throw RequestException.Bad($"the form has {form.Files.Count} files; expected is one.");
        RefuseOthers(form.Keys, Beside, "the form");
        using var content = new MemoryStream();
        await file.CopyToAsync(content, context.RequestAborted);
        return From(DocumentText.Decode(content.ToArray()), name => form.TryGetValue(name, out var value) ? value.ToString() : null);
    }

    private static int? Number(string? text) => text is null ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw RequestException.Bad($"max_tokens is '{text}'; it must be a number.");

    public void Dispose() => _uploads.Dispose();
}
