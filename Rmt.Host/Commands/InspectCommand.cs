using System.CommandLine;
using Rmt.Host.Output;
using Rmt.Host.Reading;

namespace Rmt.Host.Commands;

/// <summary><c>rmt inspect PATH</c>: what a model folder or a safetensors file holds, and whether it can be used here.</summary>
internal sealed class InspectCommand(Terminal terminal, IModels models, CancellationToken cancellation)
{
    private readonly CommonOptions _common = new();

    private readonly Argument<string?> _path = new("PATH")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "A model folder, a hub id that is in the hub's cache, or a safetensors file. [default: the embedded model]",
    };

    public Command Create()
    {
        CommonOptions.RefuseOptions(_path);
        var command = new Verb("inspect", "Shows what a model holds and whether it can be used here; reads headers and settings, no weights.", """
            Example:
              rmt inspect models/reviews

            One record:
              {"path","model_type","parameters","bytes","dtype","config":{…},
               "tokenizer":{"vocabulary_size","lowercase","special","ignored","problem"},
               "adapter":{"use","problem","task_type","num_mem_tokens",…,"labels"},"left_aside":[NAME],"tensors":[{"name","dtype","shape"}]}
            use is classifier (it labels documents), language_model (it goes on with texts), backbone (a new adapter can be trained around it) or none; problem says what stands against more.
            left_aside names tensors that loading does not need, such as heads of pre-training.
            A file has neither config nor tokenizer nor adapter. What is no model, or is broken, is told on stderr, with exit code 3.
            """)
        {
            _path, _common.Output,
        };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        using var notice = new CancellationNotice(() => terminal.Error.WriteLine("rmt: cancelled"), cancellation);
        var model = models.Inspect(parsed.GetValue(_path));
        cancellation.ThrowIfCancellationRequested();
        using (var writer = _common.Writer(parsed, terminal, () => new JsonLinesWriter(terminal.Out), () => new InspectTables(terminal)))
            writer.Write(InspectRecord.Of(model));
        if (model.Tokenizer?.Tokenizer is { Ignored.Count: > 0 } words)
            terminal.Error.WriteLine($"rmt: tokenizer.json asks for {string.Join(" and ", words.Ignored)}; that is ignored, since documents are read to their end");
        return ExitCode.Ok;
    }
}
