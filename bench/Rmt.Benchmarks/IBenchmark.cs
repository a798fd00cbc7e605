namespace Rmt.Benchmarks;

/// <summary>One thing that is measured.</summary>
internal interface IBenchmark
{
    /// <summary>What it is called on the command line and in its records.</summary>
    string Name { get; }

    /// <summary>One line for --help.</summary>
    string Description { get; }

    /// <summary>Whether it takes many minutes, or reads models and data that are no part of the repository, and so runs only when named.</summary>
    bool OnlyWhenNamed { get; }

    /// <summary>Measures and reports.</summary>
    /// <returns>False where something that does not depend on the machine is wrong.</returns>
    bool Run(Options options, Report report);
}
