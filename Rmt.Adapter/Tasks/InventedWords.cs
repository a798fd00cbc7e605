namespace Rmt.Adapter;

/// <summary>Words that are none, spelled as English ones are: syllables of frequent letters, and the endings that English has.</summary>
/// <remarks>Whoever learns from a fixed list of words has never seen most pieces of a vocabulary; of these every piece occurs sooner or later.</remarks>
internal sealed class InventedWords(SplitMix64 dice)
{
    // Most frequent first: a place further back is drawn more seldom.
    private static readonly string[] Onsets =
    [
        "", "s", "t", "r", "d", "l", "m", "n", "p", "b", "f", "h", "w", "g", "v", "k", "c", "st", "th", "ch", "sh", "tr", "pr", "gr", "br", "cl", "fr", "pl", "bl", "cr", "dr", "fl", "sp",
        "j", "sc", "str", "qu", "sl", "wh", "gl", "sw", "sm", "sk", "sn", "y", "ph", "thr", "z", "kn", "tw", "wr", "spr", "scr", "shr", "dw", "x",
    ];

    private static readonly string[] Vowels = ["e", "a", "i", "o", "u", "ea", "ou", "ee", "ai", "oo", "ie", "io", "au", "oi", "y", "ei", "oa", "ue", "ia", "eo", "ua", "ae", "uo"];

    private static readonly string[] Codas =
    [
        "", "n", "r", "t", "s", "l", "d", "m", "nt", "c", "st", "nd", "ng", "p", "ck", "ll", "ss", "rt", "g", "b", "th", "ch", "k", "rd", "f", "x", "rs", "sh", "ns", "v", "w", "ct", "rn", "tt",
        "pt", "rk", "ff", "rm", "mp", "ght", "nk", "lt", "z", "ft", "tch", "lf", "gg", "wn", "sk", "j", "q", "nth", "zz",
    ];

    private static readonly string[] Beginnings = ["", "", "", "re", "un", "in", "con", "de", "pre", "dis", "com", "ex", "pro", "en", "over", "sub", "inter", "mis", "trans", "anti", "super", "under"];

    private static readonly string[] Endings =
    [
        "", "", "", "s", "ed", "ing", "er", "ly", "e", "es", "tion", "ment", "ness", "al", "able", "ity", "ous", "ive", "ance", "ence", "ers", "ful", "less", "ic", "ist", "ism", "ation", "y",
        "ian", "age", "ship", "hood", "ible", "ure", "ary", "ery", "ize", "ate", "ward", "ings", "tions", "like",
    ];

    private static readonly HashSet<string> Taken =
        new([.. MovingFacts.Names, .. MovingFacts.Labels.Names, .. RelationFacts.Directions], StringComparer.OrdinalIgnoreCase);

    /// <summary>In lower case; never a name, place or direction of the memory tasks.</summary>
    public string Word()
    {
        while (true)
        {
            var word = $"{Frequent(Beginnings)}{Stem((int)dice.Next(3))}{Frequent(Endings)}";
            if (!Taken.Contains(word)) return word;
        }
    }

    /// <summary>With a capital letter.</summary>
    public string Name()
    {
        var word = Stem(1 + (int)dice.Next(2));
        return Taken.Contains(word) ? Name() : $"{char.ToUpperInvariant(word[0])}{word.AsSpan(1)}";
    }

    // One syllable and as many more.
    private string Stem(int more)
    {
        var syllable = $"{Frequent(Onsets)}{Frequent(Vowels)}{Frequent(Codas)}";
        return more == 0 ? syllable : syllable + Stem(more - 1);
    }

    private string Frequent(string[] list) => list[Math.Min(dice.Next(list.Length), dice.Next(list.Length))];
}
