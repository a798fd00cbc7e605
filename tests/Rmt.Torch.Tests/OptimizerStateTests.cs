using Rmt.Testing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Rmt.Torch.Tests;

/// <summary>Training that was saved and put back is the training that was never stopped, bit for bit.</summary>
public sealed class OptimizerStateTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TempFolder folder = new();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    private string Saved => Path.Combine(folder.Path, "optimizer");

    private static Sequential Network()
    {
        random.manual_seed(7);
        return Sequential(Linear(4, 8), Tanh(), Linear(8, 2));
    }

    private static void Train(Sequential network, torch.optim.Optimizer optimizer, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            using var step = NewDisposeScope();
            random.manual_seed(i);
            optimizer.zero_grad();
            functional.mse_loss(network.call(randn(8, 4)), randn(8, 2)).backward();
            _ = optimizer.step();
        }
    }

    private static OptimizerHelper New(string kind, Sequential network) => kind switch
    {
        "AdamW" => torch.optim.AdamW([new AdamW.ParamGroup(network.parameters().Take(2), lr: 0.05, weight_decay: 0.1), new AdamW.ParamGroup(network.parameters().Skip(2), lr: 0.01)]),
        "AMSGrad" => torch.optim.AdamW(network.parameters(), 0.05, amsgrad: true),
        "SGD" => torch.optim.SGD(network.parameters(), 0.05),
        _ => torch.optim.SGD(network.parameters(), 0.05, momentum: 0.9, dampening: 0.1),
    };

    [Theory]
    [InlineData("AdamW", true)]
    [InlineData("AMSGrad", true)]
    [InlineData("SGD", true)]
    [InlineData("momentum", true)]
    [InlineData("AdamW", false)]
    [InlineData("momentum", false)]
    public void Training_goes_on_exactly_where_it_was_saved(string kind, bool throughFile)
    {
        using var straight = Network();
        using var one = New(kind, straight);
        Train(straight, one, 0, 6);

        using var first = Network();
        using var before = New(kind, first);
        Train(first, before, 0, 3);
        using var second = Network();
        using var after = New(kind, second);
        Train(second, after, 10, 12);               // what it had done is forgotten
        _ = second.load_state_dict(first.state_dict());
        using (NewDisposeScope())                   // the state outlives it
        {
            if (throughFile)
            {
                before.save_state_dict(Saved);
                after.load_state_dict(Saved);
            }
            else
            {
                after.load_state_dict(before.state_dict());
            }
        }
        Assert.All(before.state_dict().State.Zip(after.state_dict().State), pair => Assert.True(pair.First.ApproximatelyEquals(pair.Second)));
        Train(second, after, 3, 6);
        Train(first, before, 3, 6);                 // and shares nothing with the one it came from
        Assert.All(straight.parameters().Zip(second.parameters()), pair => Assert.True(pair.First.IsSame(pair.Second)));
        Assert.All(straight.parameters().Zip(first.parameters()), pair => Assert.True(pair.First.IsSame(pair.Second)));
    }

    [Fact]
    public void Settings_and_rates_come_back_with_the_state()
    {
        using var network = Network();
        using var optimizer = New("AdamW", network);
        optimizer.ParamGroups.First().LearningRate = 0.001;
        optimizer.save_state_dict(Saved);
        using var other = torch.optim.AdamW([new AdamW.ParamGroup(network.parameters().Take(2), beta1: 0.5), new AdamW.ParamGroup(network.parameters().Skip(2))]);
        other.load_state_dict(Saved);
        Assert.Equal([0.001, 0.01], other.ParamGroups.Select(group => group.LearningRate));
        Assert.Equal([0.05, 0.01], other.ParamGroups.Select(group => group.InitialLearningRate));
        var options = (AdamW.Options)other.state_dict().Options[0];
        Assert.Equal((0.9, 0.1, false), (options.beta1, options.weight_decay, options.amsgrad));
    }

    [Fact]
    public void The_state_is_listed_in_the_order_of_the_parameters()
    {
        using var network = Network();
        using var optimizer = New("AdamW", network);
        Train(network, optimizer, 0, 2);
        var state = optimizer.state_dict();
        Assert.Equal([[0, 1], [2, 3]], state.StateIndexRef);
        foreach (var (parameter, entry) in optimizer.parameters().Zip(state.State.Cast<AdamW.State>()))
        {
            Assert.Equal(2, entry.step);
            Assert.Equal(parameter.shape, entry.exp_avg.shape);
            Assert.Equal(parameter.shape, entry.exp_avg_sq.shape);
            Assert.Null(entry.max_exp_avg_sq);
            Assert.False(entry.exp_avg.requires_grad);
        }
    }

    [Fact]
    public void A_state_that_does_not_fit_is_refused_and_nothing_is_changed()
    {
        using var network = Network();
        using var optimizer = New("AdamW", network);
        Train(network, optimizer, 0, 2);
        var kept = optimizer.state_dict().State.Cast<AdamW.State>().Select(state => state.exp_avg.clone()).ToList();
        using var wide = Sequential(Linear(4, 8), Tanh(), Linear(8, 3));
        using var another = New("AdamW", wide);
        Train2(wide, another);
        Assert.Contains("shape [3, 8]", Assert.Throws<ArgumentException>(() => optimizer.load_state_dict(another.state_dict())).Message);
        another.save_state_dict(Saved);
        Assert.Contains("[3, 8]", Assert.Throws<ArgumentException>(() => optimizer.load_state_dict(Saved)).Message);
        using var ungrouped = New("AMSGrad", network);
        Assert.Contains("1 groups", Assert.Throws<ArgumentException>(() => optimizer.load_state_dict(ungrouped.state_dict())).Message);
        using var sgd = New("SGD", network);
        Assert.Contains("SGD", Assert.Throws<ArgumentException>(() => ungrouped.load_state_dict(sgd.state_dict())).Message);
        sgd.save_state_dict(Saved);
        Assert.Contains("SGD", Assert.Throws<InvalidDataException>(() => ungrouped.load_state_dict(Saved)).Message);
        Assert.All(optimizer.state_dict().State.Cast<AdamW.State>().Zip(kept), pair => Assert.True(pair.First.exp_avg.IsSame(pair.Second)));

        static void Train2(Sequential network, torch.optim.Optimizer optimizer)
        {
            network.call(ones(1, 4)).sum().backward();
            _ = optimizer.step();
        }
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused_and_nothing_is_changed()
    {
        using var network = Sequential(Linear(2, 1));
        using var optimizer = torch.optim.AdamW(network.parameters(), 0.1);
        network.call(ones(1, 2)).sum().backward();
        _ = optimizer.step();
        optimizer.save_state_dict(Saved);
        var whole = File.ReadAllBytes(Saved);
        network.call(ones(1, 2)).sum().backward();
        _ = optimizer.step();
        Leaks.None(() =>
        {
            for (var length = 0; length < whole.Length; length++)
            {
                File.WriteAllBytes(Saved, whole[..length]);
                _ = Assert.Throws<InvalidDataException>(() => optimizer.load_state_dict(Saved));
            }
        });
        Assert.All(optimizer.state_dict().State.Cast<AdamW.State>(), state => Assert.Equal(2, state.step));
        File.WriteAllBytes(Saved, whole);
        optimizer.load_state_dict(Saved);
        Assert.All(optimizer.state_dict().State.Cast<AdamW.State>(), state => Assert.Equal(1, state.step));
        optimizer.to(CPU);
    }
}
