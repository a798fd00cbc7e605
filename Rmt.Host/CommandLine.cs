using System.CommandLine;
using System.CommandLine.Help;
using Rmt.Host.Commands;
using Rmt.Host.Input;
using Rmt.Host.Reading;
using Rmt.Host.Serving;
using Rmt.Loaders;

namespace Rmt.Host;

/// <summary>Arguments in, exit code out. The only place where an exception becomes a sentence.</summary>
internal static class CommandLine
{
    public static int Run(IReadOnlyList<string> args, Terminal terminal, IModels models, CancellationToken cancellation)
    {
        var verbose = new Option<bool>("--verbose") { Recursive = true, Description = "With an error, say where it was raised. [default: one line]" };
        var root = Create(terminal, models, cancellation);
        root.Add(verbose);
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });   // a file may be called '@list'
        if (parsed.Errors.Count > 0)
        {
            var verb = parsed.CommandResult.Command is RootCommand ? "" : $"{parsed.CommandResult.Command.Name} ";
            terminal.Error.WriteLine($"rmt: {OneLine(parsed.Errors[0].Message)} ('rmt {verb}--help' says what is possible)");
            return ExitCode.Usage;
        }

        try
        {
            var code = parsed.Invoke(new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,   // Ctrl-C is ours
            });
            terminal.Out.Flush();
            return code;
        }
        catch (Exception error) when (CodeOf(error) is var code)
        {
            if (code is not (ExitCode.Ok or ExitCode.Cancelled))
                terminal.Error.WriteLine(parsed.GetValue(verbose) ? $"rmt: {error}" : $"rmt: {OneLine(error.Message)}");
            return code;
        }
    }

    /// <summary>Every verb there is.</summary>
    internal static RootCommand Create(Terminal terminal, IModels models, CancellationToken cancellation)
    {
        var root = new RootCommand("""
            Pretrained transformers on documents of any length, by recurrent memory.

            Results go to stdout, everything else to stderr. The launcher adds two verbs: './rmt test' runs every test, './rmt bench' every benchmark.
            Exit codes: 0 ok, 1 failed, 2 usage, 3 model not loadable, 4 an input could not be read, 5 the service died, 130 cancelled.
            """)
        {
            new ClassifyCommand(terminal, models, cancellation).Create(),
            new TokenizeCommand(terminal, models, cancellation).Create(),
            new TraceCommand(terminal, models, cancellation).Create(),
            new GenerateCommand(terminal, models, cancellation).Create(),
            new TrainCommand(terminal, models, cancellation).Create(),
            new EvaluateCommand(terminal, models, cancellation).Create(),
            new DemoCommand(terminal, models, cancellation).Create(),
            new InspectCommand(terminal, models, cancellation).Create(),
            new FlopsCommand(terminal).Create(),
            new VocabularyCommand(terminal, cancellation).Create(),
            new ServeCommand(terminal, cancellation).Create(),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new VerbHelp((HelpAction)help.Action!);
        return root;
    }

    private static int CodeOf(Exception error) => error switch
    {
        _ when Terminal.IsBrokenPipe(error) => ExitCode.Ok,   // the work ends without a word
        OperationCanceledException => ExitCode.Cancelled,
        UsageException => ExitCode.Usage,
        LoadException => ExitCode.ModelNotLoadable,
        InputException => ExitCode.InputUnreadable,
        ServiceDiedException => ExitCode.ServiceDied,
        _ => ExitCode.Failed,
    };

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").TrimEnd();
}
