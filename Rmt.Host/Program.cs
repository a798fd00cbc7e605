using Rmt.Host;
using Rmt.Host.Reading;

using var interruption = new Interruption();
using var terminal = Terminal.OfThisProcess(interruption.Token);
return CommandLine.Run(args, terminal, Models.OfThisBuild(line => terminal.Error.WriteLine($"rmt: {line}")), interruption.Token);
