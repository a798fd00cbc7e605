namespace Rmt.Host.Input;

/// <summary>A document cannot be read. The message is the <c>error</c> of its record; the others go on.</summary>
internal sealed class InputException(string message) : Exception(message);
