using System.IO.Enumeration;
using Rmt.Loaders;

namespace Rmt.Host.Input;

/// <summary>INPUT… as documents: files, folders with all below them, <c>-</c> for stdin.</summary>
/// <param name="inputs">As given on the command line.</param>
/// <param name="encoding">Of every file; <see langword="null"/> is UTF-8, or what a byte-order mark says.</param>
/// <param name="openInput">Opens stdin.</param>
internal sealed class Inputs(IReadOnlyList<string> inputs, string? encoding, Func<Stream> openInput)
{
    /// <summary>The documents in order, opened one by one as they are asked for.</summary>
    public IEnumerable<DocumentSource> Documents() => inputs.SelectMany(Of);

    private IEnumerable<DocumentSource> Of(string input)
    {
        if (input == "-")
            return [new DocumentSource("-", () => Text(openInput(), encoding))];
        if (Directory.Exists(input))
            return InFolder(input);
        return File.Exists(input) ? InFile(input) : [DocumentSource.Unreadable(input, "no such file or folder")];
    }

    private IEnumerable<DocumentSource> InFile(string path) =>
        path.EndsWith(".jsonl", StringComparison.Ordinal)
            ? new JsonLines(path, encoding).Documents()
            : [new DocumentSource(path, () => Text(Open(path), encoding))];

    private IEnumerable<DocumentSource> InFolder(string folder)
    {
        List<string> files;
        string? problem = null;
        try
        {
            files = InOrder(folder);
        }
        catch (Exception error) when (DocumentSource.IsUnreadable(error))
        {
            (files, problem) = ([], error.Message);
        }

        if (files.Count == 0)
            return [DocumentSource.Unreadable(folder, problem ?? "the folder holds no *.txt and no *.jsonl")];
        return files.SelectMany(InFile);
    }

    /// <summary>All *.txt and *.jsonl below a folder, in the same order on every machine and in every language.</summary>
    internal static List<string> InOrder(string folder)
    {
        List<string> files = [.. Files(folder)];
        files.Sort(string.CompareOrdinal);
        return files;
    }

    // Links to folders are not followed: they may lead back.
    private static FileSystemEnumerable<string> Files(string folder) =>
        new(folder, (ref FileSystemEntry entry) => entry.ToSpecifiedFullPath(),
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = false })
        {
            ShouldRecursePredicate = (ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory
                && (entry.FileName.EndsWith(".txt", StringComparison.Ordinal) || entry.FileName.EndsWith(".jsonl", StringComparison.Ordinal)),
        };

    /// <summary>The text of a stream whose encoding the user may name; disposes it.</summary>
    internal static StrictTextReader Text(Stream stream, string? encoding) => new(stream, encoding, "name the file's encoding with --encoding NAME");

    /// <exception cref="InputException">It is a folder, of which the runtime says that access is denied.</exception>
    internal static FileStream Open(string path) => Directory.Exists(path) ? throw new InputException("it is a folder; expected is a file")
        : new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
}
