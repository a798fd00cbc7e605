namespace Rmt.Host.Input;

/// <summary>A document that has not been opened yet.</summary>
/// <param name="Name">The <c>source</c> of its record: <c>FILE</c>, <c>FILE:ID</c>, <c>FILE:LINE</c> or <c>-</c>.</param>
/// <param name="Open">Its text, read as it is asked for. What cannot be read is an <see cref="InputException"/>, now or while reading.</param>
internal sealed record DocumentSource(string Name, Func<TextReader> Open)
{
    public static DocumentSource Unreadable(string name, string why) => new(name, () => throw new InputException(why));

    /// <summary>Whether an exception belongs to the document, not to the program.</summary>
    public static bool IsUnreadable(Exception error) => error is InputException or IOException or UnauthorizedAccessException;
}
