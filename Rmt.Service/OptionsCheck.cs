using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Rmt.Service;

/// <summary>Checks the settings when the host starts. What is wrong is told by the name that it has in the configuration; a setting that does not exist is one.</summary>
internal sealed class OptionsCheck(IConfiguration configuration) : IValidateOptions<RmtClassifierOptions>
{
    /// <summary>Of the configuration.</summary>
    public const string Section = "Rmt";

    private static readonly string[] Names = [.. typeof(RmtClassifierOptions).GetProperties().Select(property => property.Name)];

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, RmtClassifierOptions options)
    {
        var results = new List<ValidationResult>();
        _ = Validator.TryValidateObject(options, new(options), results, validateAllProperties: true);
        var faults = results.Select(result => result.MemberNames.FirstOrDefault() is { } member
            ? $"{Section}:{member} is '{typeof(RmtClassifierOptions).GetProperty(member)!.GetValue(options)}'. {result.ErrorMessage}" : result.ErrorMessage!).ToList();
        faults.AddRange(configuration.GetSection(Section).GetChildren().Where(setting => !Names.Contains(setting.Key, StringComparer.OrdinalIgnoreCase))
            .Select(setting => $"{setting.Path}: there is no such setting; there are {string.Join(", ", Names)}."));
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}
