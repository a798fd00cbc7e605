using System.ComponentModel.DataAnnotations;
using Rmt.Adapter;
using Rmt.Loaders;

namespace Rmt.Service;

/// <summary>What a service has and how much it takes. In configuration the section <c>Rmt</c>: <c>Rmt:BatchSize</c>, in the environment <c>Rmt__BatchSize</c>.</summary>
public sealed class RmtClassifierOptions : IValidatableObject
{
    /// <summary>One or more; a request that names none gets the first.</summary>
    public IList<ServedModel> Models { get; } = [];

    /// <summary>The SQLite file of the store, on a local disk; made where it is not. Several services of a machine may share it.</summary>
    [Required]
    public string Store { get; set; } = "rmt.db";

    /// <summary>Most bytes that the store may take, 1 MB or more; 0: what the disk has.</summary>
    [Range(0, long.MaxValue)]
    public long StoreLimitBytes { get; set; }

    /// <summary>Documents that are read side by side, 1 to 1024. Answers do not depend on it.</summary>
    [Range(1, 1024)]
    public int BatchSize { get; set; } = 8;

    /// <summary>cpu, cuda or cuda:N.</summary>
    [RegularExpression("^(cpu|cuda|cuda:[0-9]{1,3})$")]
    public string Device { get; set; } = "cpu";

    /// <summary>float32, bfloat16 or, on CUDA devices, float16.</summary>
    [RegularExpression("^(float32|bfloat16|float16)$")]
    public string Dtype { get; set; } = "float32";

    /// <summary>exact, or fast: the tanh form of models whose activation is gelu, on CUDA devices in bfloat16 or float16.</summary>
    [RegularExpression("^(exact|fast)$")]
    public string Gelu { get; set; } = "exact";

    /// <summary>Threads of the CPU, up to 1024; 0: as many as processors.</summary>
    [Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>How long finished texts and results are kept; a second to ten years.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan Retain { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Attempts in a row that commit no segment, 1 to 100; then the document is a dead letter.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>How long a process may do nothing before others take its documents; a second to a day, and more than the longest step takes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LeaseTime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Documents that may wait, 1 or more; then requests are answered with 429.</summary>
    [Range(1, int.MaxValue)]
    public int MaxQueued { get; set; } = 10_000;

    /// <summary>Bytes of a request's body, 1 KiB to 1 GiB. Two million tokens take about 12 MB of English.</summary>
    [Range(1 << 10, 1 << 30)]
    public int MaxBodyBytes { get; set; } = 64 << 20;

    /// <summary>Bytes of a part of a stream, 1 KiB to 64 MiB.</summary>
    [Range(1 << 10, 64 << 20)]
    public int MaxPartBytes { get; set; } = 4 << 20;

    /// <summary>Requests whose bodies are read at the same time, 1 to 10,000; more are answered with 429.</summary>
    [Range(1, 10_000)]
    public int MaxUploads { get; set; } = 32;

    /// <summary>How long <c>POST /v1/classify</c> waits for its answer at most, 1 second to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ClassifyWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stream may wait for its next part, a second to 30 days; then it has expired.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan StreamIdle { get; set; } = TimeSpan.FromHours(1);

    /// <summary>A folder whose files are classified; null: none.</summary>
    public string? Watch { get; set; }

    /// <summary>A file with a key a line; lines that begin with # are remarks. Null: none.</summary>
    public string? KeysFile { get; set; }

    /// <summary>Keys beside those of the file. Where there is one, every request but those for <c>/health</c> needs one.</summary>
    public IList<string> Keys { get; } = [];

    internal ReadingChoice Reading => new(Device, Dtype, Gelu == "fast" ? GeluForm.Fast : GeluForm.Exact);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Models.Count == 0)
            yield return new("Rmt:Models names no model; a service needs one: Rmt:Models:0:Path, or --model DIR|HUB-ID.");
        foreach (var model in Models.Where(model => string.IsNullOrWhiteSpace(model.Path)))
            yield return new($"Rmt:Models: model '{model.Name}' has no Path; name a folder or a hub id.");
        foreach (var twice in Models.Where(model => !string.IsNullOrWhiteSpace(model.Path)).GroupBy(model => model.NameOrLast).Where(same => same.Count() > 1))
            yield return new($"Rmt:Models: two models are called '{twice.Key}'; give one another name: NAME=DIR.");
        if (Reading.Problem() is { } problem)
            yield return new($"Rmt:Device, Rmt:Dtype, Rmt:Gelu: {problem}.");
        if (Watch is not null && !Directory.Exists(Watch))
            yield return new($"Rmt:Watch: there is no folder '{Watch}'.");
        if (StoreLimitBytes is > 0 and < 1_000_000)
            yield return new($"Rmt:StoreLimitBytes is {StoreLimitBytes}; a store needs 1000000 or more, or 0 for no limit.");
        if (Keys.Any(key => key.Length < AccessKeys.Shortest))
            yield return new($"Rmt:Keys: a key has {AccessKeys.Shortest} characters or more.");
    }
}
