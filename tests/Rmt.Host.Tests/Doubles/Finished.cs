using System.Diagnostics;
using Rmt.Testing;

namespace Rmt.Host.Tests.Doubles;

/// <summary>A process of its own, with all it said.</summary>
internal sealed record Finished(int ExitCode, string Out, string Error)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The program as a user starts it.</summary>
    public static Finished Rmt(params string[] args) => Run("dotnet", [Assembly, .. args]);

    /// <summary>A line for the shell, in which <c>$RMT</c> is the program.</summary>
    public static Finished Shell(string line, string? folder = null) => Run("bash", ["-c", line], folder);

    public static Finished Run(string program, IReadOnlyList<string> args, string? folder = null, Action<ProcessStartInfo>? change = null)
    {
        var start = new ProcessStartInfo(program, args)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Repository.Root,
        };
        start.Environment["RMT"] = $"dotnet {Assembly}";
        change?.Invoke(start);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = new Piped(process.StandardOutput);
        var error = new Piped(process.StandardError);
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', args)} did not end");
        }
        return new(process.ExitCode, output.Text(), error.Text());
    }

    private static string Assembly => Path.Combine(AppContext.BaseDirectory, "rmt.dll");

    // Read on a thread of its own, so that a full pipe stops nobody.
    private sealed class Piped
    {
        private readonly Thread _thread;
        private string _text = "";

        public Piped(TextReader reader)
        {
            _thread = new Thread(() => _text = reader.ReadToEnd());
            _thread.Start();
        }

        public string Text()
        {
            _thread.Join();
            return _text;
        }
    }
}
