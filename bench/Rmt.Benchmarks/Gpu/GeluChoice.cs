using System.Reflection;
using Rmt.Adapter;

namespace Rmt.Benchmarks.Gpu;

/// <summary>The cheaper GELU, where a backbone or its module offers one: a property named Gelu… or …Gelu that can be set to true or to a value named Fast.</summary>
/// <remarks>Looked for and not named, so that this measures what there is with any backbone and with one that has no such choice.</remarks>
internal static class GeluChoice
{
    /// <summary>Takes it.</summary>
    /// <returns>False where there is none; then nothing is changed.</returns>
    public static bool TryTakeFast(IBackbone backbone) => TryTakeFast((object)backbone) || TryTakeFast(backbone.Module);

    public static bool TryTakeFast(object owner)
    {
        foreach (var property in owner.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.Name.Contains("Gelu", StringComparison.Ordinal) && property.SetMethod is { IsPublic: true }))
        {
            object? fast = property.PropertyType == typeof(bool) ? true : property.PropertyType.IsEnum && Enum.TryParse(property.PropertyType, "Fast", out var named) ? named : null;
            if (fast is null) continue;
            property.SetValue(owner, fast);
            return true;
        }
        return false;
    }
}
