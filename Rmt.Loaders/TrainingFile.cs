using Rmt.Adapter;

namespace Rmt.Loaders;

/// <summary>A training in a file: whoever reads it finds the training as it was saved last or the one before, never half of either.</summary>
public static class TrainingFile
{
    /// <summary>Creates or replaces the file.</summary>
    /// <param name="path">In a folder that exists; the old file stays until the new one is on the disk, so there must be room for both.</param>
    /// <param name="training">What <see cref="Trainer.Save"/> writes.</param>
    public static void Save(string path, Trainer training) => AtomicFile.Write(path, training.Save);

    /// <summary>Creates or replaces the file.</summary>
    /// <param name="path">In a folder that exists; the old file stays until the new one is on the disk, so there must be room for both.</param>
    /// <param name="curriculum">What <see cref="Curriculum.Save"/> writes.</param>
    public static void Save(string path, Curriculum curriculum) => AtomicFile.Write(path, curriculum.Save);

    /// <summary>Puts back what was saved.</summary>
    /// <param name="path">The file.</param>
    /// <param name="training">Made as the saved one was.</param>
    /// <exception cref="LoadException">This is no saved training, one of something else, or a part of one; the message names the file.</exception>
    public static void Load(string path, Trainer training) => Read(path, training.Load);

    /// <summary>Puts back what was saved.</summary>
    /// <param name="path">The file.</param>
    /// <param name="curriculum">Made as the saved one was, and not begun.</param>
    /// <exception cref="LoadException">This is no saved curriculum, one of something else, or a part of one; the message names the file.</exception>
    public static void Load(string path, Curriculum curriculum) => Read(path, curriculum.Load);

    private static void Read(string path, Action<Stream> load)
    {
        try
        {
            using var stream = File.OpenRead(path);
            load(stream);
            if (stream.Position < stream.Length) throw new InvalidDataException($"{stream.Length - stream.Position} bytes follow after its end");
        }
        catch (InvalidDataException cause)
        {
            throw new LoadException(path, cause.Message);
        }
    }
}
