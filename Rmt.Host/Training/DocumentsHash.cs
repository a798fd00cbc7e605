using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Rmt.Adapter;
using Rmt.Host.Backgrounds;

namespace Rmt.Host.Training;

/// <summary>Tells documents of files from others: a training whose file was changed must not go on as if it had not been.</summary>
internal static class DocumentsHash
{
    /// <param name="documents">Their tokens count, their labels and their order.</param>
    /// <param name="labels">What the labels are called.</param>
    public static string Of(StageDocuments documents, IEnumerable<string> labels)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var document in documents.Training.Concat(documents.Validation))
        {
            hash.AppendData(MemoryMarshal.AsBytes<int>([document.Tokens.Length, document.Label]));
            hash.AppendData(MemoryMarshal.AsBytes(document.Tokens.Span));
        }
        foreach (var label in labels)
            hash.AppendData(Encoding.UTF8.GetBytes($"{label}\0"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Of what a task's documents are made from; null: of nothing but the seed.</summary>
    /// <exception cref="Input.InputException">The background cannot be read.</exception>
    public static string? OfTask(BackgroundTexts? background, IReadOnlyList<Problem>? table)
    {
        if (background is null && table is null)
            return null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(background?.Hash() ?? []);
        foreach (var problem in table ?? [])
            hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\0', [.. problem.Facts, problem.Question, problem.Answer, ""])));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
