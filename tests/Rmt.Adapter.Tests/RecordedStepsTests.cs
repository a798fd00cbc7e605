using Rmt.Bert;
using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter.Tests;

/// <summary>Documents that are read in recorded steps get the answers of each alone, whatever comes between; where recording fails they get them too.</summary>
public sealed class RecordedStepsTests
{
    public static TheoryData<string, int, bool> Cases => new(from device in DeviceKinds.All from batch in new[] { 1, 5, 8 } from answersOnly in new[] { false, true } select (device, batch, answersOnly));

    public static TheoryData<string> EveryDevice => new(DeviceKinds.All);

    // On a device in the type that steps are recorded in, whose rounding is what is allowed; on a CPU in float32.
    private static RecurrentClassifier Model(string device, int memoryTokens = 4) => Recorded(Tiny.Classifier(memoryTokens, fusion: Fusion.Everywhere), device);

    private static RecurrentClassifier Recorded(RecurrentClassifier model, string device)
    {
        model.eval();
        if (device == "cuda") _ = model.to(new Device(device), bfloat16);
        model.PrepareReading();
        model.Recorded.Everywhere = true;
        return model;
    }

    private static double Allowed(string device) => device == "cuda" ? 0.03 : 1e-5;

    private static Dictionary<int, IReadOnlyList<float>> Read(RecurrentClassifier model, int[][] documents, int batch, bool answersOnly = false, int seed = 1)
    {
        var answers = new Dictionary<int, IReadOnlyList<float>>();
        var dice = new Random(seed);
        using var scheduler = new SegmentScheduler(model, new Segmenter(Tiny.Layout()), batch) { AnswersOnly = answersOnly, HandsOutMemory = !answersOnly };
        for (var next = 0; next < documents.Length || scheduler.Count > 0;)
        {
            for (var arriving = dice.Next(3); arriving > 0 && next < documents.Length; arriving--) scheduler.Add(documents[next], next++);
            foreach (var reading in scheduler.Step())
            {
                Assert.Equal(answersOnly ? 0 : 4 * 16, reading.Memory.Length);
                if (reading.IsLast) answers.Add((int)reading.Document.Tag!, reading.Logits);
            }
        }
        return answers;
    }

    private static int[][] Documents(int count, int seed = 3)
    {
        var dice = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Tiny.Document(dice, dice.Next(0, 120)))];
    }

    private static void SameAsAlone(RecurrentClassifier model, int[][] documents, Dictionary<int, IReadOnlyList<float>> answers, double allowed)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var segmenter = new Segmenter(Tiny.Layout());
        Assert.Equal(documents.Length, answers.Count);
        for (var i = 0; i < documents.Length; i++)
        {
            var alone = model.call(segmenter.Batch([documents[i]], model.Adapter.Device))[0].to(float32).cpu().data<float>().ToArray();
            for (var c = 0; c < alone.Length; c++) Assert.Equal(alone[c], answers[i][c], allowed);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Each_answer_is_that_of_the_document_alone(string device, int batch, bool answersOnly)
    {
        var empty = Leaks.Baseline();
        using (var model = Model(device))
        {
            var documents = Documents(25);
            var before = Leaks.Baseline();
            var answers = Read(model, documents, batch, answersOnly);
            Assert.InRange(model.Recorded.Count, 1, RecordedSteps.Most);
            Assert.Equal(model.Recorded.Count, model.Recorded.Shapes.Known.Count);
            SameAsAlone(model, documents, answers, Allowed(device));
            model.Recorded.Forget();
            Assert.Equal(0, model.Recorded.Count);
            Leaks.Same(before);
        }
        Leaks.Same(empty);
    }

    [Theory, MemberData(nameof(EveryDevice))]
    public void A_document_goes_on_where_it_stood_whoever_reads_it(string device)
    {
        using var model = Model(device);
        var document = Documents(1, seed: 8)[0].Concat(Enumerable.Repeat(5, 60)).ToArray();
        var whole = Read(model, [document], 1)[0];
        // One segment recorded, one computed, and so on; then from numbers that were written down.
        using var scheduler = new SegmentScheduler(model, new Segmenter(Tiny.Layout()), 1) { HandsOutMemory = true };
        var reading = default(SegmentReading);
        scheduler.Add(document);
        while (scheduler.Count > 0)
        {
            model.Recorded.IsOn = !model.Recorded.IsOn;
            reading = scheduler.Step()[0];
            if (reading.IsLast) break;
            scheduler.Remove(reading.Document);
            scheduler.Add(document, new ReadingState(reading.Segment + 1, reading.Memory));
        }
        for (var c = 0; c < whole.Count; c++) Assert.Equal(whole[c], reading!.Logits[c], Allowed(device));
    }

    [Theory, MemberData(nameof(EveryDevice))]
    public void Weights_that_learn_are_read_as_they_are_and_those_that_move_are_recorded_anew(string device)
    {
        using var model = Model(device);
        var documents = Documents(4);
        var first = Read(model, documents, 4);
        using (no_grad())
            foreach (var parameter in model.parameters()) _ = parameter.mul_(1.1);
        var second = Read(model, documents, 4);
        Assert.NotEqual(first[0], second[0]);
        SameAsAlone(model, documents, second, Allowed(device));
        _ = model.to(device == "cuda" ? float16 : float64).to(device == "cuda" ? bfloat16 : float32);
        SameAsAlone(model, documents, Read(model, documents, 4), Allowed(device));
        model.PrepareReading();
        Assert.Equal(0, model.Recorded.Count);
        SameAsAlone(model, documents, Read(model, documents, 4), Allowed(device));
    }

    public static TheoryData<string, int> Memories => new(from device in DeviceKinds.All from memoryTokens in new[] { 0, 4 } select (device, memoryTokens));

    // A moved model was told by where its memory is: none is nowhere, and what was freed is handed out again, so that memory may come to lie where it was and other weights elsewhere.
    [Theory, MemberData(nameof(Memories))]
    public void Weights_that_move_are_noticed_wherever_memory_is(string device, int memoryTokens)
    {
        using var model = Model(device, memoryTokens);
        using var scheduler = new SegmentScheduler(model, new Segmenter(Tiny.Layout(memoryTokens)), 1);
        var recordings = 0;
        model.Recorded.Recording = () => recordings++;
        _ = scheduler.Add(Tiny.Document(new(5), 17 * 4));
        _ = scheduler.Step();
        _ = scheduler.Step();
        Assert.Equal(1, recordings);
        _ = model.Adapter.Backbone.Module.to(device == "cuda" ? float16 : float64).to(device == "cuda" ? bfloat16 : float32);
        _ = scheduler.Step();
        Assert.Equal(2, recordings);
    }

    // The numbers of one type were read as those of another, and written where there was no room for them.
    [Theory, MemberData(nameof(EveryDevice))]
    public void A_document_goes_on_where_it_stood_when_its_model_is_moved(string device)
    {
        foreach (var recorded in new[] { true, false })
        {
            using var model = Model(device);
            model.Recorded.IsOn = recorded;
            var document = Tiny.Document(new(6), 17 * 4);
            using var scheduler = new SegmentScheduler(model, new Segmenter(Tiny.Layout()), 2);
            _ = scheduler.Add(document);
            _ = scheduler.Step();
            _ = scheduler.Step();
            _ = model.to(device == "cuda" ? float16 : float64);
            _ = scheduler.Step();
            SameAsAlone(model, [document], new() { [0] = scheduler.Step()[0].Logits }, Allowed(device));
            Assert.Equal(0, scheduler.Count);
        }
    }

    [Theory, MemberData(nameof(EveryDevice))]
    public void Where_recording_fails_it_is_said_once_and_all_documents_are_answered(string device)
    {
        using var model = Model(device);
        var documents = Documents(9);
        var said = new List<string>();
        model.Recorded.TellTo(said.Add);
        Assert.Empty(said);
        var recordings = 0;
        model.Recorded.Recording = () =>
        {
            if (++recordings == 2) _ = ones(2) + ones(3);
        };
        SameAsAlone(model, documents, Read(model, documents, 4), Allowed(device));
        Assert.StartsWith("steps are not recorded any more: one of ", Assert.Single(said), StringComparison.Ordinal);
        Assert.Equal(said[0], model.Recorded.WhyNot);
        Assert.False(model.Recorded.Apply);
        Assert.Equal(0, model.Recorded.Count);
    }

    [Theory, MemberData(nameof(EveryDevice))]
    public async Task Two_threads_that_read_with_one_model_get_the_answers_of_each_document(string device)
    {
        using var model = Model(device);
        var documents = Documents(16);
        var both = await Task.WhenAll(Enumerable.Range(1, 2).Select(seed => Task.Run(() => Read(model, documents, 4, seed: seed))));
        foreach (var answers in both) SameAsAlone(model, documents, answers, Allowed(device));
    }

    // Graphs of a device share their memory and the stream they are recorded on. Each model kept only its own threads apart.
    [Fact]
    public async Task Steps_of_two_models_are_not_recorded_at_once()
    {
        using RecurrentClassifier first = Model("cpu"), second = Model("cpu");
        using var other = new ManualResetEventSlim();
        var together = false;
        var reading = Task.CompletedTask;
        second.Recorded.Recording = other.Set;
        first.Recorded.Recording = () =>
        {
            first.Recorded.Recording = null;
            reading = Task.Run(() => Read(second, Documents(2), 2));
            together = other.Wait(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);
        };
        _ = Read(first, Documents(2), 2);
        await reading;
        Assert.True(other.IsSet);
        Assert.False(together);
    }

    // Recorded steps changed memories where they were. What failed behind one, in the head or for want of memory, was read again from memories that had the segment in them already, and answered otherwise.
    [Theory, MemberData(nameof(EveryDevice))]
    public void Where_a_step_fails_behind_its_recording_no_document_has_moved_on(string device)
    {
        random.manual_seed(7);
        var failing = new FailsOnce(new BertBackbone(new BertModel(Tiny.Bert)));
        using var model = Recorded(new(new(failing, Tiny.Layout()), 3), device);
        var documents = Documents(6);
        var answers = new Dictionary<int, IReadOnlyList<float>>();
        using var scheduler = new SegmentScheduler(model, new Segmenter(Tiny.Layout()), 4);
        foreach (var (i, document) in documents.Index()) _ = scheduler.Add(document, i);
        for (var step = 0; scheduler.Count > 0; step++)
        {
            failing.IsDue = step == 1;
            foreach (var reading in scheduler.Step().Where(reading => reading.IsLast)) answers.Add((int)reading.Document.Tag!, reading.Logits);
        }
        SameAsAlone(model, documents, answers, Allowed(device));
    }

    [Fact]
    public void A_model_that_is_learning_is_not_recorded_nor_is_one_in_float32_on_a_cpu()
    {
        using var model = Model("cpu");
        model.train();
        Assert.False(model.Recorded.Apply);
        model.eval();
        Assert.True(model.Recorded.Apply);
        model.Recorded.Everywhere = false;
        Assert.False(model.Recorded.Apply);
    }

    [Fact]
    public void No_more_graphs_are_kept_than_there_may_be()
    {
        using var model = Model("cpu");
        model.Recorded.MayKeep = 2;
        SameAsAlone(model, Documents(30), Read(model, Documents(30), 8), 1e-5);
        Assert.InRange(model.Recorded.Count, 1, 2);
        Assert.Equal(model.Recorded.Count, model.Recorded.Shapes.Known.Count);
    }

    // Has no memory left where the head begins, once.
    private sealed class FailsOnce(IBackbone inner) : PassingBackbone(inner)
    {
        public bool IsDue { get; set; }

        public override Tensor Pool(Tensor hidden)
        {
            if (!IsDue) return base.Pool(hidden);
            IsDue = false;
            throw new OutOfDeviceMemoryException();
        }
    }
}
