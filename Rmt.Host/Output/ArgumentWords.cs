namespace Rmt.Host.Output;

/// <summary>What a library says of an argument, for people who gave an option.</summary>
internal static class ArgumentWords
{
    /// <summary>The message without the parameter's name, which .NET puts behind it.</summary>
    public static string InWords(this ArgumentException error) => error.Message.Split(" (Parameter ")[0];
}
