using Rmt.Adapter;

namespace Rmt.Host.Training;

/// <summary>What is to be learnt. Its labels are known before there is a model; where it has none, it is what a language model learns.</summary>
internal interface ILesson
{
    LabelSet? Labels { get; }

    /// <summary>Its documents as a model reads them.</summary>
    /// <exception cref="Input.InputException">One cannot be read.</exception>
    IDocuments Prepare(TrainingStart start);
}

/// <summary>Documents, stage by stage.</summary>
internal interface IDocuments
{
    /// <summary>The same stages, where what they are depends on the documents.</summary>
    IReadOnlyList<StageToTrain> Stages(IReadOnlyList<StageToTrain> planned) => planned;

    StageDocuments Of(StageToTrain stage);
}
