using System.CommandLine;
using System.CommandLine.Parsing;
using Rmt.Adapter;
using Rmt.Host.Tracing;

namespace Rmt.Host.Commands;

/// <summary>What <c>rmt trace</c> keeps and draws.</summary>
internal sealed class TraceOptions
{
    private readonly Option<string?> _save = new("--save")
    {
        HelpName = "FILE.safetensors",
        Description = "Keep what goes into each segment and comes out of it and of every layer, and draw attention beside it. [default: nothing is kept]",
    };

    private readonly Option<bool> _attention = new("--attention") { Description = "With --save, keep the attention maps too: heads × window² numbers a layer. [default: they are not]" };

    private readonly Option<string?> _svg = new("--svg")
    {
        HelpName = "FILE.svg",
        Description = "Draw attention maps. [default: nothing is drawn; with --save, a file beside it]",
    };

    private readonly Option<string?> _segments = new("--segments")
    {
        HelpName = "0,1,last",
        Description = "Segments that are kept and drawn. [default: all are kept, the first two and the last two are drawn]",
    };

    private readonly Option<string> _layer = new("--layer")
    {
        HelpName = "N,…|all",
        Description = "Layers that are drawn.",
        DefaultValueFactory = _ => "last",
    };

    private readonly Option<string> _head = new("--head")
    {
        HelpName = "N,…|all|mean",
        Description = "Attention heads that are drawn, or the mean of all.",
        DefaultValueFactory = _ => "mean",
    };

    private readonly Option<string> _positions = new("--positions")
    {
        HelpName = "A..B,…",
        Description = $"Positions of the window that are drawn, {AttentionFigure.MostPositions} at most: [CLS] is 0, memory follows, then [SEP] and the text.",
        DefaultValueFactory = _ => "0..29",
    };

    public void AddTo(Command command)
    {
        Option[] drawn = [_layer, _head, _positions];
        foreach (var option in new Option[] { _save, _attention, _svg, _segments, _layer, _head, _positions })
            command.Add(option);
        foreach (var option in new Option[] { _segments, _layer, _head, _positions })
            option.Validators.Add(CheckForm);
        foreach (var option in new[] { _save, _svg })
            CommonOptions.FileToWrite(option);
        command.Validators.Add(result =>
        {
            var (save, svg) = (result.GetValue(_save), result.GetValue(_svg));
            if (save is null && result.GetValue(_attention))
                result.AddError("--attention does nothing without --save FILE.");
            if (save is null && svg is null && drawn.Append(_segments).FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } idle)
                result.AddError($"{idle.Name} does nothing without --save FILE or --svg FILE.");
            if (save is not null && Path.GetFullPath(save) == Path.GetFullPath(svg ?? Beside(save)))
                result.AddError("--save and --svg cannot be the same file.");
        });
    }

    /// <summary>Where tensors and figure go; null where there are none.</summary>
    public (string? Save, string? Svg) Paths(ParseResult parsed) =>
        (parsed.GetValue(_save), parsed.GetValue(_svg) ?? (parsed.GetValue(_save) is { } save ? Beside(save) : null));

    public bool WithAttention(ParseResult parsed) => parsed.GetValue(_attention);

    /// <summary>The segments that are kept.</summary>
    public IReadOnlyList<int> Kept(ParseResult parsed, int count) => Choose(parsed.GetValue(_segments) ?? "all", count, _segments, "segments");

    /// <summary>The figure that was asked for, still empty.</summary>
    /// <exception cref="UsageException">Something chosen is not there, or there is too much of it.</exception>
    public AttentionFigure Figure(ParseResult parsed, DocumentClassifier classifier, int segments)
    {
        var (backbone, layout) = ((ILayeredBackbone)classifier.Model.Adapter.Backbone, classifier.Segmenter.Layout);
        var head = parsed.GetRequiredValue(_head);
        var positions = Selection.Parse(parsed.GetRequiredValue(_positions))!;
        var most = parsed.GetResult(_positions) is { Implicit: false } ? positions.Of(layout.Window, _positions.Name, "positions").Count : positions.Within(layout.Window).Count;
        if (most > AttentionFigure.MostPositions)
            throw new UsageException($"--positions {positions}: {most} are chosen, {AttentionFigure.MostPositions} can be drawn. --save with --attention keeps them all.");
        var figure = new AttentionFigure(
            Choose(parsed.GetValue(_segments) ?? (segments > 4 ? "0,1,last-1,last" : "all"), segments, _segments, "segments"),
            Choose(parsed.GetRequiredValue(_layer), backbone.Layers, _layer, "layers"),
            head == "mean" ? null : Choose(head, backbone.Heads, _head, "heads"),
            positions);
        if (figure.Count > AttentionFigure.MostPanels)
            throw new UsageException($"{figure.Count} attention maps are chosen, {AttentionFigure.MostPanels} can be drawn: choose fewer with --segments, --layer or --head.");
        return figure;
    }

    private static IReadOnlyList<int> Choose(string text, int count, Option option, string what) => Selection.Parse(text)!.Of(count, option.Name, what);

    private static string Beside(string save) => Path.ChangeExtension(save, ".svg");

    private void CheckForm(OptionResult result)
    {
        if (result.Tokens is [var token] && Selection.Parse(token.Value) is null && !(result.Option == _head && token.Value == "mean"))
            result.AddError($"{result.Option.Name} must be numbers and ranges such as 0,4..6,last{(result.Option == _head ? ", all or mean" : " or all")}; it is '{token.Value}'.");
    }
}
