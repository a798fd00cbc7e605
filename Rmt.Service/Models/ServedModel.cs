namespace Rmt.Service;

/// <summary>A model that a service has.</summary>
public sealed class ServedModel
{
    /// <summary>How requests name it; null: the last part of <see cref="Path"/>.</summary>
    public string? Name { get; set; }

    /// <summary>A saved classifier: a folder, or a hub id that is in the hub's cache.</summary>
    public string Path { get; set; } = "";

    internal string NameOrLast => Name ?? System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(Path.Split('@')[0]));
}
