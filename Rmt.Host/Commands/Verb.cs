using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Rmt.Host.Commands;

/// <summary>A command with an example and its record, which its own --help shows and the list of verbs does not.</summary>
internal sealed class Verb(string name, string description, string details) : Command(name, description)
{
    public string Details => details;
}

internal sealed class VerbHelp(HelpAction plain) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = plain.Invoke(parseResult);
        if (parseResult.CommandResult.Command is Verb verb)
            parseResult.InvocationConfiguration.Output.WriteLine(verb.Details);
        return code;
    }
}
