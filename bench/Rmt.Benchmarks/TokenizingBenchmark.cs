using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Rmt.Adapter;
using Rmt.Loaders;

namespace Rmt.Benchmarks;

/// <summary>Files of any size to token ids, on one thread and on all.</summary>
internal sealed class TokenizingBenchmark : IBenchmark
{
    public string Name => "tokenizing";

    public string Description => "MB/s of text files to token ids, one thread and all: tokenizing FILE… --model DIR";

    public bool OnlyWhenNamed => true;

    public bool Run(Options options, Report report)
    {
        if (options.Files.Count == 0 || options.Model is null)
            throw new FormatException("'tokenizing' needs text files and --model DIR, a folder with a tokenizer");
        var tokenizer = PretrainedTokenizer.Load(options.Model);
        var bytes = options.Files.Sum(file => new FileInfo(file).Length);
        _ = Tokenize(options.Files[0], tokenizer, 1).Take(100).Count();     // compiled, and the file in the cache
        string? same = null;
        var right = true;
        foreach (var threads in new[] { 1, Environment.ProcessorCount }.Distinct())
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var count = 0L;
            var (clock, busy) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
            foreach (var ids in options.Files.SelectMany(file => Tokenize(file, tokenizer, threads)))
                count += ids.Count;
            var seconds = clock.Elapsed.TotalSeconds;
            var cores = (Environment.CpuUsage.TotalTime - busy).TotalSeconds / seconds;
            foreach (var ids in options.Files.SelectMany(file => Tokenize(file, tokenizer, threads)))      // again: hashing takes time too
                hash.AppendData(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(ids)));
            var digest = Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
            right &= (same ??= digest) == digest;
            report.Add(("threads", threads), ("bytes", bytes), ("seconds", seconds), ("mb_per_s", bytes / seconds / 1e6), ("cores", cores), ("mb_per_processor_s", bytes / seconds / cores / 1e6),
                ("tokens", count), ("tokens_per_s", count / seconds), ("ids", digest), ("peak_mb", Resident.Peak()));
        }
        return right;
    }

    // Each file is a document.
    private static IEnumerable<List<int>> Tokenize(string file, PretrainedTokenizer tokenizer, int threads)
    {
        using var text = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan),
            Encoding.UTF8, detectEncodingFromByteOrderMarks: false, bufferSize: 1 << 16);
        foreach (var ids in new StreamTokenizer(tokenizer, threads).Tokenize(text))
            yield return ids;
    }
}
