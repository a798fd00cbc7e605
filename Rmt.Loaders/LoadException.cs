namespace Rmt.Loaders;

/// <summary>A file, key or tensor is not what it has to be. The message names the place, what was expected, what was found and what to do.</summary>
public sealed class LoadException : Exception
{
    /// <param name="path">The file or folder.</param>
    /// <param name="problem">Key or tensor, expected, found, remedy: the sentence after the path.</param>
    /// <param name="inner">What was caught, if anything.</param>
    public LoadException(string path, string problem, Exception? inner = null) : base($"{path}: {problem}", inner) => Path = path;

    /// <summary>The file or folder that could not be loaded.</summary>
    public string Path { get; }
}
