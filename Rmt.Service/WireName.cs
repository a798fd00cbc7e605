using System.Text.Json;

namespace Rmt.Service;

/// <summary>The names of things as requests and answers have them.</summary>
internal static class WireName
{
    /// <summary>queued, head_tail, …</summary>
    public static string Of<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
