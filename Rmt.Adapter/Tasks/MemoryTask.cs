namespace Rmt.Adapter;

/// <summary>Samples of a task, built as the paper's authors build them: facts among background, the question at the end.</summary>
/// <remarks>Each sample has random numbers of its own, so it does not matter which others are drawn, in what order or at once. A sample asks the same and has
/// the same background whatever its length. Safe to use from several threads at once.</remarks>
public sealed class MemoryTask
{
    // The authors' documents end with a [SEP] and begin with a [CLS], which are dropped before they are cut.
    private const int Frame = 2;

    private readonly IBackground background;
    private readonly IReadOnlyList<Problem> problems;
    private readonly Dictionary<string, int[]> sentences;
    private readonly int tokensPerSegment;
    private readonly FactPlacement placement;
    private readonly ulong seed;

    /// <param name="tokenizer">Of facts and questions; the background's too.</param>
    /// <param name="background">What lies between facts and question.</param>
    /// <param name="labels">The answers, in the order of the classifier's outputs.</param>
    /// <param name="problems">One of which a sample asks, all alike likely.</param>
    /// <param name="tokensPerSegment">Of a full segment: 499.</param>
    /// <param name="placement">Where facts are put.</param>
    /// <param name="split">Which of two sets of samples that share nothing.</param>
    /// <param name="seed">Which samples. A validation set is fixed by it.</param>
    /// <exception cref="ArgumentException">No problem, an answer that is no label, sentences that the vocabulary does not tell apart, or segments too short.</exception>
    public MemoryTask(ITokenizer tokenizer, IBackground background, LabelSet labels, IReadOnlyList<Problem> problems, int tokensPerSegment, FactPlacement placement, TaskSplit split, ulong seed)
    {
        if (problems.Count == 0) throw new ArgumentException("a task needs a problem", nameof(problems));
        foreach (var answer in problems.Select(problem => problem.Answer).Distinct()) _ = labels.IndexOf(answer);
        (this.background, this.problems, this.tokensPerSegment, this.placement, Labels) = (background, problems, tokensPerSegment, placement, labels);
        this.seed = SplitMix64.Seed(seed, (ulong)split);
        sentences = problems.SelectMany(problem => problem.Facts.Append(problem.Question)).Distinct().ToDictionary(sentence => sentence, sentence => tokenizer.Encode(sentence).ToArray());
        if (sentences.Values.Select(ids => string.Join(' ', ids)).Distinct().Count() < sentences.Count)
            throw new ArgumentException("to this vocabulary two sentences of the task are the same: its names, places and directions must be words of it", nameof(tokenizer));
        var needed = Frame + problems.Max(problem => problem.Facts.Append(problem.Question).Sum(sentence => sentences[sentence].Length));
        if (tokensPerSegment < needed)
            throw new ArgumentException($"segments of {tokensPerSegment} tokens are too short: facts and question need {needed}", nameof(tokensPerSegment));
    }

    /// <summary>The answers.</summary>
    public LabelSet Labels { get; }

    /// <summary>A sample.</summary>
    /// <param name="index">Which; from 0, without an end.</param>
    /// <param name="segments">N: the document has N × tokens per segment − 2 tokens, which are N segments; with <see cref="FactPlacement.Anywhere"/> up to a
    /// segment fewer, which are N segments too.</param>
    public TaskSample Sample(long index, int segments)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfLessThan(segments, 1);
        var dice = new SplitMix64(SplitMix64.Seed(seed, (ulong)index));
        var (backgroundSeed, problem) = (dice.Next(), dice.Of(problems));
        var question = sentences[problem.Question];
        var tokens = new int[checked(segments * tokensPerSegment) - Frame - Missing(dice, problem)];
        var behind = placement == FactPlacement.InFront ? Length(problem.Facts) : 0;
        background.Fill(backgroundSeed, tokens.AsSpan(behind));

        var places = placement == FactPlacement.Anywhere ? Anywhere(dice, problem, tokens.Length - question.Length) : Beginnings(dice, problem, segments);
        for (var i = 0; i < places.Length; i++)
            sentences[problem.Facts[i]].CopyTo(tokens, places[i]);
        question.CopyTo(tokens, tokens.Length - question.Length);
        return new(tokens, Labels.IndexOf(problem.Answer), problem, places);
    }

    // Tokens that the first segment lacks: its length is any that facts and question have room in.
    private int Missing(SplitMix64 dice, Problem problem) =>
        placement == FactPlacement.Anywhere ? (int)dice.Next(tokensPerSegment - Frame - Length(problem.Facts) - sentences[problem.Question].Length + 1) : 0;

    // Facts in an order that is drawn, with gaps between them that are.
    private int[] Anywhere(SplitMix64 dice, Problem problem, int room)
    {
        var free = room - Length(problem.Facts);
        var gaps = problem.Facts.Select(_ => (int)dice.Next(free + 1)).Order().ToArray();
        var order = Enumerable.Range(0, gaps.Length).Select(i => (Fact: i, Key: dice.Next())).OrderBy(drawn => drawn.Key).Select(drawn => drawn.Fact).ToArray();
        var (places, before) = (new int[gaps.Length], 0);
        for (var i = 0; i < gaps.Length; i++)
        {
            places[order[i]] = gaps[i] + before;
            before += sentences[problem.Facts[order[i]]].Length;
        }
        return places;
    }

    private int Length(IEnumerable<string> facts) => facts.Sum(fact => sentences[fact].Length);

    // A segment's first token in the authors' document, whose [CLS] is dropped afterwards: the cut from the right is two tokens further left,
    // so that a fact stands at 0 in the first segment and at 2 in others.
    private int[] Beginnings(SplitMix64 dice, Problem problem, int segments)
    {
        var places = new int[problem.Facts.Count];
        var drawn = problem.Facts.Select(_ => placement == FactPlacement.RandomSegments ? (int)dice.Next(segments) : 0).ToArray();
        for (var i = 0; i < places.Length; i++)
            places[i] = drawn[i] * tokensPerSegment + Enumerable.Range(0, i).Where(j => drawn[j] == drawn[i]).Sum(j => sentences[problem.Facts[j]].Length);
        return places;
    }
}
