using System.CommandLine;
using System.Globalization;
using Rmt.Adapter;

namespace Rmt.Host.Commands;

/// <summary>How a text is gone on with, as options.</summary>
internal sealed class GenerateOptions
{
    private readonly Option<int> _maxTokens = new("--max-tokens")
    {
        HelpName = "N",
        Description = "Most new tokens, 1 or more.",
        DefaultValueFactory = _ => 128,
    };

    private readonly Option<double> _temperature = new("--temperature")
    {
        HelpName = "T",
        Description = "Draws tokens by their shares at this temperature, 0 to 100; 0 takes the likeliest.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<int?> _topK = new("--top-k") { HelpName = "K", Description = "Draws from the K likeliest tokens, 1 or more. [default: from all]" };

    private readonly Option<double?> _topP = new("--top-p") { HelpName = "P", Description = "Draws from the likeliest tokens that together have this share, above 0 and to 1. [default: from all]" };

    private readonly Option<int?> _seed = new("--seed") { HelpName = "N", Description = "Of what is drawn, 0 or more. [default: 0]" };

    private readonly Option<string[]> _stop = new("--stop")
    {
        HelpName = "TOKEN",
        Description = "A token that ends the text, as the vocabulary would cut it; may be given several times. The vocabulary's own end of a text always does.",
    };

    public void AddTo(Command command)
    {
        CommonOptions.Within(_maxTokens, 1, int.MaxValue);
        CommonOptions.Within(_topK, 1, int.MaxValue);
        CommonOptions.Within(_seed, 0, int.MaxValue);
        CommonOptions.Check(_temperature, text => !Number(text, out var value) || value is >= 0 and <= 100, "from 0 to 100");
        CommonOptions.Check(_topP, text => !Number(text, out var value) || value is > 0 and <= 1, "above 0, and 1 at most");
        foreach (var option in new Option[] { _maxTokens, _temperature, _topK, _topP, _seed, _stop })
            command.Add(option);
        command.Validators.Add(result =>
        {
            var idle = new Option[] { _topK, _topP, _seed }.FirstOrDefault(option => result.GetResult(option) is { Implicit: false });
            if (idle is not null && result.GetValue(_temperature) == 0)
                result.AddError($"{idle.Name} does nothing without --temperature T: the likeliest token is taken.");
        });
    }

    /// <exception cref="UsageException">What should end the text is not one token of the vocabulary.</exception>
    public GenerationOptions Value(ParseResult parsed, ITokenizer tokenizer) => new()
    {
        MaxTokens = parsed.GetValue(_maxTokens),
        Temperature = parsed.GetValue(_temperature),
        TopK = parsed.GetValue(_topK),
        TopP = parsed.GetValue(_topP) ?? 1,
        Seed = (ulong)(parsed.GetValue(_seed) ?? 0),
        StopTokens = [.. (parsed.GetValue(_stop) ?? []).Select(text => Token(text, tokenizer)), .. tokenizer is IDecodingTokenizer { EndOfText: { } end } ? [end] : Array.Empty<int>()],
    };

    private static int Token(string text, ITokenizer tokenizer) => tokenizer.Encode(text) is [var id] ? id
        : throw new UsageException($"--stop takes one token of the vocabulary; '{text}' is {tokenizer.Encode(text).Count}: {string.Join(' ', tokenizer.Encode(text).Select(tokenizer.Token))}.");

    private static bool Number(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
}
