using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Rmt.Adapter;
using Rmt.Host.Drawing;
using Rmt.Host.Output;

namespace Rmt.Host.Commands;

/// <summary><c>rmt flops</c>: what long documents cost, read whole and segment by segment, as figure 3 of the paper counts it.</summary>
internal sealed class FlopsCommand(Terminal terminal)
{
    private const long Longest = 1_000_000_000_000;
    private const int DefaultWindow = 512;

    private readonly CommonOptions _common = new();
    private readonly ShapeOptions _shapes = new();

    private readonly Option<string> _lengths = new("--lengths")
    {
        HelpName = "N,…",
        Description = "Tokens of the documents, 1 to 1000000000000 each.",
        DefaultValueFactory = _ => "512,1024,2048,4096,8192,16384,32768,64000,128000,256000,512000,1024000,2048000",
    };

    private readonly Option<int> _window = new("--window")
    {
        HelpName = "N",
        Description = "Tokens of a segment with everything around it, 1 to 1000000.",
        DefaultValueFactory = _ => DefaultWindow,
    };

    private readonly Option<int?> _memoryTokens = new("--memory-tokens")
    {
        HelpName = "N",
        Description = $"Deduct so many memory tokens and BERT's {SegmentLayout.FrameTokens} special tokens from every window: the rest is the document's. [default: nothing is deducted, as in figure 3]",
    };

    private readonly Option<string?> _svg = new("--svg") { HelpName = "FILE.svg", Description = "Draw figure 3. [default: nothing is drawn]" };

    public Command Create()
    {
        var command = new Verb("flops", "Tells how many operations long documents cost, read whole and segment by segment (the paper's figure 3).", """
            Example:
              rmt flops opt-125m opt-175b --lengths 2048000
              rmt flops bert-base --memory-tokens 10 --svg flops.svg

            A record a model and length:
              {"model","tokens","segments","full_flops","rmt_flops","ratio"}
            Operations of one forward pass. full_flops: every token sees the whole document, S tokens cost
              L (S (8 d² + 4 d f) + S² (4 d + 10 H)) + 2 S d V     L layers, d hidden, f feed-forward, H heads, V vocabulary
            rmt_flops: as many windows as there are segments. ratio: the first by the second.
            """);
        _shapes.AddTo(command);
        foreach (var option in new Option[] { _lengths, _window, _memoryTokens, _svg, _common.Output })
            command.Add(option);
        CommonOptions.Within(_window, 1, 1_000_000);
        CommonOptions.Within(_memoryTokens, 0, 1_000_000);
        CommonOptions.FileToWrite(_svg);
        _lengths.Validators.Add(CheckLengths);
        command.Validators.Add(result =>
        {
            // A default is not there yet when options are checked.
            var window = result.GetResult(_window) is { Implicit: false } ? result.GetValue(_window) : DefaultWindow;
            if (result.GetValue(_memoryTokens) is { } memory && window - memory - SegmentLayout.FrameTokens < 1)
                result.AddError($"--memory-tokens {memory} and {SegmentLayout.FrameTokens} special tokens leave no room in --window {window}.");
        });
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var window = parsed.GetValue(_window);
        var segment = parsed.GetValue(_memoryTokens) is { } memory ? window - memory - SegmentLayout.FrameTokens : window;
        var lengths = Lengths(parsed.GetRequiredValue(_lengths)).ToList();
        var costs = _shapes.Shapes(parsed).Select(shape => (shape.Name, Cost: new RecurrentCost(shape.Shape, window, segment))).ToList();
        using (var writer = _common.Writer(parsed, terminal, () => new JsonLinesWriter(terminal.Out), Table))
            foreach (var (name, cost) in costs)
                foreach (var tokens in lengths)
                    writer.Write(FlopsRecord.Of(name, cost, tokens));
        if (parsed.GetValue(_svg) is { } svg)
            Draw(costs, lengths, svg);
        return ExitCode.Ok;
    }

    // Relative to a window the RMT of every model is the same line: its number of segments.
    private static void Draw(List<(string Name, RecurrentCost Cost)> costs, List<long> lengths, string path)
    {
        var any = costs[0].Cost;
        lengths = [.. lengths.Distinct().Order()];
        var lines = costs.Select(model => new ChartLine($"{model.Name}, full attention", [.. lengths.Select(tokens => ((double)tokens, model.Cost.Shape.Flops(tokens) / model.Cost.Shape.Flops(any.Window)))]));
        var recurrent = new ChartLine("RMT of any of them", [.. lengths.Select(tokens => ((double)tokens, (double)any.Segments(tokens)))], Dashed: true);
        new LogChart("Operations of a forward pass, by length of the document",
            string.Create(CultureInfo.InvariantCulture, $"Cost model of figure 3 of arXiv 2304.11062. Windows of {any.Window:N0} tokens; each reads {any.TokensPerSegment:N0} of the document."),
            "length of the document, tokens", string.Create(CultureInfo.InvariantCulture, $"operations, as many times those of one window of {any.Window:N0} tokens"), [.. lines, recurrent]).Write(path);
    }

    private static IEnumerable<long> Lengths(string text) => text.Split(',').Select(part => long.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture));

    private static void CheckLengths(OptionResult result)
    {
        if (result.Tokens is [var token] && token.Value.Split(',').FirstOrDefault(part =>
            !long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var tokens) || tokens is < 1 or > Longest) is { } wrong)
            result.AddError($"--lengths must be numbers from 1 to {Longest}, with commas between them; '{wrong}' is none.");
    }

    private TableWriter Table() => new(terminal, ["model", "tokens", "segments", "full attention", "RMT", "full / RMT"], record => record is FlopsRecord cost
        ? [cost.Model, Number(cost.Tokens, "N0"), Number(cost.Segments, "N0"), Number(cost.FullFlops, "0.000e0"), Number(cost.RmtFlops, "0.000e0"), Number(cost.Ratio, "N2")]
        : []);

    private static string Number<T>(T value, string format) where T : IFormattable => value.ToString(format, CultureInfo.InvariantCulture);
}
