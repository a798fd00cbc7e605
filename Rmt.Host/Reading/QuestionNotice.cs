using Rmt.Adapter;
using Rmt.Loaders;

namespace Rmt.Host.Reading;

/// <summary>Says, once, that a text does not end in a question that the model was made to answer.</summary>
internal sealed class QuestionNotice
{
    private readonly string _model, _told;
    private readonly Problem _example;
    private readonly HashSet<string> _questions;
    private readonly IReadOnlyList<int> _lengths;
    private readonly Action<string> _say;
    private bool _said;

    private QuestionNotice(string model, string told, IReadOnlyList<Problem> problems, ITokenizer tokenizer, Action<string> say)
    {
        (_model, _told, _example, _say) = (model, told, problems[0], say);
        var questions = problems.Select(problem => problem.Question).Distinct().Select(question => tokenizer.Encode(question).ToArray()).ToList();
        (_questions, _lengths) = ([.. questions.Select(Key)], [.. questions.Select(question => question.Length).Distinct()]);
    }

    /// <summary>For a model that was made for a memory task; null for every other.</summary>
    /// <param name="notes">What it says it was made for.</param>
    /// <param name="model">How it is called.</param>
    /// <param name="tokenizer">Its own.</param>
    /// <param name="say">Told the sentence.</param>
    public static QuestionNotice? For(TrainingNotes notes, string model, ITokenizer tokenizer, Action<string> say) => notes.Task switch
    {
        "memorize" or "detect" => new(model, "says where people went", MovingFacts.All, tokenizer, say),
        "reason" => new(model, "says which place is north, south, east or west of which", [.. RelationFacts.Of(TaskSplit.Train), .. RelationFacts.Of(TaskSplit.Validation)], tokenizer, say),
        _ => null,
    };

    /// <summary>A text that is read.</summary>
    /// <param name="source">Its name.</param>
    /// <param name="tokens">What is read of it.</param>
    public void See(string source, ReadOnlySpan<int> tokens)
    {
        if (_said || EndsInQuestion(tokens))
            return;
        _said = true;
        _say($"rmt: {_model} answers \"{_example.Question}\" at the end of a text that {_told}; {(source == "-" ? "this text" : source)} asks nothing of the kind. Try: echo '{string.Join(' ', _example.Facts)} {_example.Question}' | rmt classify -");
    }

    private bool EndsInQuestion(ReadOnlySpan<int> tokens)
    {
        foreach (var length in _lengths)
            if (tokens.Length >= length && _questions.Contains(Key(tokens[^length..].ToArray())))
                return true;
        return false;
    }

    private static string Key(int[] ids) => string.Join(' ', ids);
}
