using System.CommandLine;
using System.Globalization;
using Rmt.Host.Serving;
using Rmt.Loaders;

namespace Rmt.Host.Commands;

/// <summary><c>rmt serve</c>: the classification service.</summary>
internal sealed class ServeCommand(Terminal terminal, CancellationToken cancellation)
{
    private readonly Option<string[]> _models = new("--model")
    {
        HelpName = "[NAME=]DIR|HUB-ID",
        Description = "A saved model, and what requests call it; may be given several times, the first is the default. [default: the embedded model]",
    };

    private readonly Option<string?> _urls = new("--urls")
    {
        HelpName = "URL[;URL…]",
        Description = $"Where to listen. An address that other machines reach needs --keys. [default: {Address.Default}]",
    };

    private readonly Option<string?> _store = new("--store")
    {
        HelpName = "FILE.db",
        Description = "The SQLite file that keeps documents and answers, on a local disk; made where it is not. Services may share it. [default: rmt.db]",
    };

    private readonly Option<string?> _watch = new("--watch")
    {
        HelpName = "DIR",
        Description = "A folder whose *.txt are classified as they come; the answer to NAME.txt is NAME.txt.rmt.json. [default: none]",
    };

    private readonly Option<string?> _keys = new("--keys")
    {
        HelpName = "FILE",
        Description = "A file with a key a line. With it every request but those for /health needs one: Authorization: Bearer KEY. [default: none]",
    };

    private readonly Option<string?> _retain = new("--retain")
    {
        HelpName = "TIME",
        Description = "How long finished texts and answers are kept: a number and d, h, m or s. [default: 7d]",
    };

    private readonly Option<int?> _batch = new("--batch")
    {
        HelpName = "N",
        Description = "Documents that are read side by side, 1 to 1024. Answers do not depend on it. [default: 8]",
    };

    private readonly Option<int?> _threads = new("--threads")
    {
        HelpName = "N",
        Description = "Threads of the CPU, 1 to 1024. [default: as many as processors]",
    };

    private readonly Option<string?> _device = new("--device") { HelpName = "cpu|cuda|cuda:N", Description = "Where the models run. [default: cpu]" };

    private readonly Option<string?> _dtype = new("--dtype") { Description = "Numbers the models compute with. [default: float32]" };

    private readonly Option<string?> _gelu = new("--gelu") { Description = "How models whose activation is gelu compute it on a CUDA device in bfloat16 or float16; fast is the form by tanh. [default: exact]" };

    public Command Create()
    {
        CommonOptions.Within(_batch, 1, 1024);
        CommonOptions.Within(_threads, 1, 1024);
        CommonOptions.Check(_device, CommonOptions.IsDevice, "cpu, cuda or cuda:N");
        CommonOptions.Check(_retain, text => Retention(text) is not null, "a number and d, h, m or s, such as 7d, of a second to ten years");
        _ = _dtype.AcceptOnlyFromAmong([.. NumberTypes.Names]);
        _ = _gelu.AcceptOnlyFromAmong("exact", "fast");
        var command = new Verb("serve", "Serves classification over HTTP: documents of any length, kept through crashes, read side by side.", """
            Example:
              rmt serve --model reviews=models/reviews --store rmt.db
              curl localhost:8080/v1/classify -H 'Content-Type: text/plain' --data-binary @review.txt

            Every option is also a setting, in appsettings.json or the environment: Rmt:Store, Rmt__Store; /openapi/v1.json describes the routes.
            SIGTERM and Ctrl-C end it within a segment; what was accepted goes on at the next start. Exit code 5: the worker, or its device, is gone.
            """)
        {
            _models, _urls, _store, _watch, _keys, _retain, _batch, _threads, _device, _dtype, _gelu,
        };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        new ServeRun(Settings(parsed), terminal, cancellation).RunAsync().GetAwaiter().GetResult();
        return ExitCode.Ok;
    }

    private Dictionary<string, string?> Settings(ParseResult parsed)
    {
        var settings = new Dictionary<string, string?>();
        foreach (var (option, key) in new[] { (_urls, "urls"), (_store, "Rmt:Store"), (_watch, "Rmt:Watch"), (_keys, "Rmt:KeysFile"), (_device, "Rmt:Device"), (_dtype, "Rmt:Dtype"), (_gelu, "Rmt:Gelu") })
        {
            if (parsed.GetValue(option) is { } value)
                settings[key] = value;
        }
        foreach (var (option, key) in new[] { (_batch, "Rmt:BatchSize"), (_threads, "Rmt:Threads") })
        {
            if (parsed.GetValue(option) is { } value)
                settings[key] = value.ToString(CultureInfo.InvariantCulture);
        }
        if (parsed.GetValue(_retain) is { } retain)
            settings["Rmt:Retain"] = Retention(retain)!.Value.ToString("c", CultureInfo.InvariantCulture);
        foreach (var (i, model) in (parsed.GetValue(_models) ?? []).Index())
        {
            // A folder may have '=' in its name.
            var at = Directory.Exists(model) ? -1 : model.IndexOf('=', StringComparison.Ordinal);
            settings[$"Rmt:Models:{i}:Path"] = model[(at + 1)..];
            if (at > 0)
                settings[$"Rmt:Models:{i}:Name"] = model[..at];
        }
        return settings;
    }

    /// <summary>7d, 12h, 30m, 90s; null where it is none, or out of its range.</summary>
    internal static TimeSpan? Retention(string text)
    {
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        var unit = text[^1] switch { 'd' => TimeSpan.FromDays(1), 'h' => TimeSpan.FromHours(1), 'm' => TimeSpan.FromMinutes(1), 's' => TimeSpan.FromSeconds(1), _ => TimeSpan.Zero };
        var seconds = number * unit.TotalSeconds;
        return seconds is >= 1 and <= 3650 * 86400.0 ? TimeSpan.FromSeconds(seconds) : null;
    }
}
