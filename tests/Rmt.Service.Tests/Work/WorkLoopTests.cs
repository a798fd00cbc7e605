using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Rmt.Adapter;
using Rmt.Service.Tests.Doubles;
using Rmt.Testing;

namespace Rmt.Service.Tests.Work;

public sealed class WorkLoopTests : IDisposable
{
    private readonly Stores _stores = new() { Options = new("", 0, 1000, 3, TimeSpan.FromSeconds(60)) };
    private readonly ServiceMetrics _metrics = new();
    private readonly List<LoadedModel> _models = [];

    public void Dispose()
    {
        foreach (var model in _models)
            model.Dispose();
        _metrics.Dispose();
        _stores.Dispose();
    }

    private WorkLoop Loop(DocumentStore store, TinyModels? source = null)
    {
        source ??= new();
        var models = source.Names.Select(source.Load).ToList();
        foreach (var model in models)
            store.Know(model.Hash, model.Name, model.Labels.Names, model.EverySegment);
        _models.AddRange(models);
        return new(store, models, _metrics, new(store, _metrics, NullLogger.Instance), new(NullLogger.Instance));
    }

    private static void Finish(WorkLoop loop)
    {
        while (loop.Turn())
        {
        }
    }

    private static void IsAnswer(Classification expected, StoredDocument actual)
    {
        Assert.Equal((DocumentStatus.Done, null), (actual.Status, actual.Error));
        Assert.Equal((expected.TokensTotal, expected.TokensRead, expected.Segments), (actual.TokensTotal, actual.TokensRead, actual.Segments));
        for (var i = 0; i < actual.Scores.Length; i++)
            Assert.Equal(expected.Prediction.Scores[i].Value, actual.Scores[i], 1e-5);
    }

    /// <summary>The law: in whatever company, however often put down, on whichever process, a document gets the answer it gets alone, every segment once.</summary>
    [Fact]
    public void The_answers_of_the_service_are_those_of_each_document_alone_through_any_number_of_breaks()
    {
        var dice = new Random(1);
        var texts = Enumerable.Range(0, 60).Select(i => TinyModels.Text(dice, i % 10 == 0 ? 900 : dice.Next(0, 90))).ToArray();
        using var store = _stores.Open();
        _ = store.Accept([.. texts.Select((text, i) => Stores.Document(text, $"d{i}") with { Model = i % 3 == 0 ? "n" : "m" })]);
        using var second = _stores.Open();
        WorkLoop[] loops = [Loop(store, new("m", "n") { BatchSize = 4 }), Loop(second, new("n", "m") { BatchSize = 8 })];
        // Both take turns, not only the first that has something to do.
        while (loops.Select(loop => loop.Turn()).ToList().Contains(true) || loops.Any(loop => loop.Held > 0))
        {
            if (dice.Next(4) == 0)
                loops[dice.Next(2)].PutDown();
        }
        using var m = TinyModels.Classifier("m");
        using var n = TinyModels.Classifier("n");
        var documents = store.List(null, 0, 1000);
        Assert.Equal(60, documents.Count);
        Assert.Contains(documents, document => document.Attempts > 3);
        foreach (var document in documents)
        {
            var i = int.Parse(document.Id[1..], System.Globalization.CultureInfo.InvariantCulture);
            IsAnswer((i % 3 == 0 ? n : m).Classify(texts[i]), document);
            Assert.Equal(Enumerable.Range(0, document.Segments!.Value), store.Readings(document.Seq, -1).Select(reading => reading.Segment));
        }
    }

    [Fact]
    public void Truncation_and_blank_texts_are_as_in_classify()
    {
        using var store = _stores.Open();
        var text = TinyModels.Text(new(2), 100);
        _ = store.Accept([Stores.Document("", "blank"), Stores.Document(text, "head") with { MaxTokens = 40 }, Stores.Document(text, "both") with { MaxTokens = 40, Truncate = "head_tail" }]);
        Finish(Loop(store));
        using var classifier = TinyModels.Classifier();
        IsAnswer(classifier.Classify(""), store.Find("blank")!);
        IsAnswer(classifier.Classify([text], truncation: new(40), cancellation: TestContext.Current.CancellationToken)[0], store.Find("head")!);
        IsAnswer(classifier.Classify([text], truncation: new(40, TruncationSide.HeadTail), cancellation: TestContext.Current.CancellationToken)[0], store.Find("both")!);
    }

    [Fact]
    public void A_poison_document_is_a_dead_letter_and_the_others_are_answered_without_losing_an_attempt()
    {
        using var store = _stores.Open();
        var dice = new Random(3);
        var good = Enumerable.Range(0, 12).Select(_ => TinyModels.Text(dice, dice.Next(1, 120))).ToArray();
        _ = store.Accept([.. good.Select((text, i) => Stores.Document(text, $"d{i}")), Stores.Document("!", "poison"), Stores.Document($"{TinyModels.Text(dice, 60)} !x", "late-poison")]);
        var loop = Loop(store);
        Leaks.Settle();
        var live = TorchSharp.torch.Tensor.TotalCount;
        Finish(loop);
        if (Provider.HasExtras)
            Assert.Equal(live, TorchSharp.torch.Tensor.TotalCount);
        using var classifier = TinyModels.Classifier();
        for (var i = 0; i < good.Length; i++)
        {
            IsAnswer(classifier.Classify(good[i]), store.Find($"d{i}")!);
            Assert.Equal(1, store.Find($"d{i}")!.Attempts);
        }
        var poison = store.Find("poison")!;
        Assert.Equal((DocumentStatus.Failed, 3), (poison.Status, poison.Attempts));
        Assert.Contains("3 times", poison.Error, StringComparison.Ordinal);
        // It lost no attempt in which it got on: the first read all but its last segment.
        var late = store.Find("late-poison")!;
        Assert.Equal((DocumentStatus.Failed, 3, 4), (late.Status, late.SegmentsRead, late.Attempts));

        Assert.True(store.Requeue("poison"));
        Finish(loop);
        Assert.Equal((DocumentStatus.Failed, 6), (store.Find("poison")!.Status, store.Find("poison")!.Attempts));
    }

    [Fact]
    public void When_the_model_itself_reads_nothing_any_more_nobody_is_blamed_and_all_is_given_back()
    {
        using var store = _stores.Open();
        _ = store.Accept([.. Enumerable.Range(0, 5).Select(i => Stores.Document(TinyModels.Text(new(i), 100), $"d{i}"))]);
        var source = new TinyModels();
        var loop = Loop(store, source);
        Assert.True(loop.Turn());
        source.Break();
        _ = Assert.ThrowsAny<Exception>(() => Finish(loop));
        loop.PutDown();
        Assert.All(store.List(null, 0, 100), document => Assert.Equal(DocumentStatus.Queued, document.Status));
        using var again = _stores.Open();
        Finish(Loop(again));
        Assert.All(store.List(null, 0, 100), document => Assert.Equal(DocumentStatus.Done, document.Status));
    }

    [Fact]
    public void A_document_of_500_tokens_behind_ten_of_200_000_is_answered_within_three_steps()
    {
        using var store = _stores.Open();
        // In segments of 17 tokens: 400 and 2.
        _ = store.Accept([.. Enumerable.Range(0, 10).Select(i => Stores.Document(TinyModels.Text(new(i), 17 * 400)))]);
        var loop = Loop(store);
        while (loop.Held < 8 || store.List(null, 0, 9).Any(document => document.SegmentsRead == 0 && document.Status == DocumentStatus.Running))
            _ = loop.Turn();
        for (var round = 0; round < 5; round++)
        {
            _ = store.Accept([Stores.Document(TinyModels.Text(new(99), 20), $"short{round}")]);
            var steps = 0;
            while (store.Find($"short{round}")!.Status != DocumentStatus.Done)
            {
                var segments = store.List(null, 0, 10).Sum(document => document.SegmentsRead);
                _ = loop.Turn();
                steps += store.List(null, 0, 10).Sum(document => document.SegmentsRead) > segments ? 1 : 0;
            }
            Assert.InRange(steps, 1, 3);
        }
    }

    [Fact]
    public void A_document_on_its_way_says_how_many_tokens_were_read_of_it()
    {
        using var store = _stores.Open();
        _ = store.Accept([Stores.Document(TinyModels.Text(new(2), 100), "a"), Stores.Document(TinyModels.Text(new(2), 100), "b") with { MaxTokens = 40 }]);
        var loop = Loop(store);
        // From the right: the first segment is what the others leave.
        foreach (var (whole, cut) in new[] { (15, 6), (32, 23), (49, 40), (66, 40) })
        {
            _ = loop.Turn();
            Assert.Equal(((100, whole), (100, cut)), (Tokens("a"), Tokens("b")));
        }
        loop.PutDown();
        _ = loop.Turn();
        Assert.Equal((100, 83), Tokens("a"));
        (int?, int?) Tokens(string id) => (store.Find(id)!.TokensTotal, store.Find(id)!.TokensRead);
    }

    [Fact]
    public void A_cancelled_document_is_left_at_its_next_step()
    {
        using var store = _stores.Open();
        _ = store.Accept([Stores.Document(TinyModels.Text(new(5), 500), "a")]);
        var loop = Loop(store);
        Assert.True(loop.Turn());
        _ = store.Remove("a");
        Finish(loop);
        Assert.Equal((0, DocumentStatus.Cancelled, 1), (loop.Held, store.Find("a")!.Status, store.Find("a")!.SegmentsRead));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(5000)]
    public void A_stream_in_parts_of_any_size_is_the_whole_text_read_from_the_left_through_any_number_of_breaks(int size)
    {
        var dice = new Random(size);
        var text = TinyModels.Text(dice, size == 1 ? 40 : 300) + " déjà vu 😀 fin";
        var bytes = Encoding.UTF8.GetBytes(text);
        var store = _stores.Open();
        var loop = Loop(store);
        _ = store.Begin(Stores.Document(id: "s"));
        var parts = bytes.Chunk(size).ToArray();
        for (var i = 0; i < parts.Length; i++)
        {
            Assert.Equal((PartAcceptance.Accepted, i + 1), store.AddPart("s", i, parts[i]));
            if (dice.Next(3) == 0)
                _ = loop.Turn();
            if (dice.Next(6) == 0)
                loop.PutDown();
            if (dice.Next(12) == 0)
            {
                // The process ends without a word, another goes on.
                store.Dispose();
                store = _stores.Open();
                _ = store.TakeFromTheDead();
                loop = Loop(store);
            }
        }
        Finish(loop);
        Assert.Equal(DocumentStatus.Open, store.Find("s", DocumentKind.Stream)!.Status);
        Assert.True(store.EndStream("s"));
        Finish(loop);
        using var left = TinyModels.Classifier(alignment: SegmentAlignment.Left);
        IsAnswer(left.Classify(text), store.Find("s", DocumentKind.Stream)!);
    }

    [Fact]
    public void An_empty_stream_and_one_that_ends_with_a_full_segment_are_documents()
    {
        using var store = _stores.Open();
        using var left = TinyModels.Classifier(alignment: SegmentAlignment.Left);
        var loop = Loop(store);
        foreach (var words in new[] { 0, 17, 34 })
        {
            var (id, text) = ($"s{words}", TinyModels.Text(new(words), words));
            _ = store.Begin(Stores.Document(id: id));
            if (words > 0)
                _ = store.AddPart(id, 0, Encoding.UTF8.GetBytes(text + "\n"));
            Finish(loop);
            Assert.Equal(words / 17, store.Find(id, DocumentKind.Stream)!.SegmentsRead);
            _ = store.EndStream(id);
            Finish(loop);
            IsAnswer(left.Classify(text), store.Find(id, DocumentKind.Stream)!);
        }
    }

    [Fact]
    public void A_repeated_part_is_known_another_in_its_place_a_gap_and_a_late_one_are_refused_and_an_idle_stream_expires()
    {
        var time = new SetClock();
        using var store = _stores.Open(time);
        _ = store.Begin(Stores.Document(id: "s"));
        Assert.Equal((PartAcceptance.Accepted, 1), store.AddPart("s", 0, [65, 32]));
        Finish(Loop(store));
        Assert.Equal((PartAcceptance.Repeated, 1), store.AddPart("s", 0, [65, 32]));
        Assert.Equal((PartAcceptance.Different, 1), store.AddPart("s", 0, [66, 32]));
        Assert.Equal((PartAcceptance.Gap, 1), store.AddPart("s", 2, [65]));
        Assert.Equal(PartAcceptance.NotFound, store.AddPart("t", 0, [65]).Acceptance);
        time.Pass(TimeSpan.FromMinutes(59));
        Assert.Equal(0, store.Expire(TimeSpan.FromHours(1)));
        time.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal(1, store.Expire(TimeSpan.FromHours(1)));
        Assert.Equal(DocumentStatus.Expired, store.Find("s", DocumentKind.Stream)!.Status);
        Assert.Equal(PartAcceptance.Closed, store.AddPart("s", 1, [65]).Acceptance);
        Assert.False(store.EndStream("s"));
    }

    [Fact]
    public void A_short_document_is_in_the_step_after_it_came()
    {
        using var store = _stores.Open();
        var loop = Loop(store);
        _ = store.Accept([Stores.Document(TinyModels.Text(new(2), 900), "long")]);
        _ = loop.Turn();
        for (var i = 0; i < 20; i++)
        {
            _ = store.Accept([Stores.Document("short", $"s{i}")]);
            _ = loop.Turn();
            Assert.Equal(DocumentStatus.Done, store.Find($"s{i}")!.Status);
        }
        Assert.Equal((DocumentStatus.Running, 21), (store.Find("long")!.Status, store.Find("long")!.SegmentsRead));
    }

    /// <summary>Each is waited for until the disk has it. That a document is about to be read for the first time must be there before it is read.</summary>
    [Fact]
    public void A_step_among_waiting_documents_is_one_transaction_and_one_more_where_documents_begin()
    {
        using var store = _stores.Open();
        _ = store.Accept([.. Enumerable.Range(0, 40).Select(i => Stores.Document("short", $"d{i}"))]);
        var loop = Loop(store, new("m") { BatchSize = 4 });
        _ = loop.Turn();
        var before = _stores.Beats(store);
        for (var turn = 0; turn < 5; turn++)
            Assert.True(loop.Turn());
        Assert.Equal(24, store.Counts()[DocumentStatus.Done]);
        Assert.Equal(2 * 5, _stores.Beats(store) - before);
    }

    [Fact]
    public void A_stream_that_is_no_UTF8_fails_by_name()
    {
        using var store = _stores.Open();
        _ = store.Begin(Stores.Document(id: "s"));
        _ = store.AddPart("s", 0, [65, 32, 0xFF, 65]);
        Finish(Loop(store));
        Assert.Contains("UTF-8", store.Find("s", DocumentKind.Stream)!.Error, StringComparison.Ordinal);
    }
}
