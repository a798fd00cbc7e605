using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

public sealed class RandomTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void The_same_seed_gives_the_same_numbers()
    {
        Tensor[] Draw(long seed)
        {
            _ = manual_seed(seed);
            return [rand(5), randn(5), randint(0, 100, [5]), randperm(9), rand(9).multinomial(3), nn.functional.dropout(ones(50)), nn.init.normal_(empty(3))];
        }
        Assert.All(Draw(3).Zip(Draw(3)), pair => Assert.True(pair.First.IsSame(pair.Second)));
        Assert.False(Draw(3)[0].IsSame(Draw(4)[0]));
        Assert.Equal(4, random.initial_seed());
    }

    [Fact]
    public void A_generator_of_its_own_neither_disturbs_the_default_nor_is_disturbed()
    {
        using var one = new Generator(11);
        using var two = new Generator(11);
        var state = random.get_rng_state();
        var first = randn([4], generator: one);
        Assert.True(state.IsSame(random.get_rng_state()));
        _ = randn(4);
        Assert.True(first.IsSame(randn([4], generator: two)));
        Assert.False(first.IsSame(randn([4], generator: two)));
        Assert.True(first.IsSame(randn([4], generator: two.manual_seed(11))));
        Assert.Equal(11, two.initial_seed());
        Assert.True(randperm(20, generator: one.manual_seed(1)).IsSame(randperm(20, generator: two.manual_seed(1))));
        Assert.True(nn.init.uniform_(empty(3), generator: one).IsSame(nn.init.uniform_(empty(3), generator: two)));
    }

    [Fact]
    public void Any_number_of_64_bits_is_a_seed()
    {
        foreach (var seed in new[] { 0, -1, long.MinValue, long.MaxValue })
        {
            using var generator = manual_seed(seed);
            Assert.Equal(seed, generator.initial_seed());
        }
    }

    // The second half of a pair of normal numbers waits in the state; it must be saved with it.
    [Fact]
    public void A_restored_state_goes_on_in_the_middle()
    {
        using var generator = new Generator(5);
        _ = randn([3], generator: generator);
        var state = generator.get_state();
        var expected = randn([33], generator: generator);
        generator.set_state(state);
        Assert.True(expected.IsSame(randn([33], generator: generator)));
        Assert.Equal(uint8, state.dtype);
        using var other = new Generator(6);
        other.set_state(state);
        Assert.True(expected.IsSame(randn([33], generator: other)));
    }

    [Fact]
    public void Dropout_is_replayed_from_a_restored_state()
    {
        using var dropout = nn.Dropout(0.3);
        var state = random.get_rng_state();
        var first = dropout.call(ones(200));
        var second = dropout.call(ones(200));
        Assert.False(first.IsSame(second));
        random.set_rng_state(state);
        Assert.True(first.IsSame(dropout.call(ones(200))));
        Assert.True(second.IsSame(dropout.call(ones(200))));
        Assert.All(first.data<float>().ToArray(), x => Assert.True(x == 0 || Math.Abs(x - (1 / 0.7)) < 1e-6));
    }

    [Fact]
    public void Dropout_does_nothing_in_evaluation()
    {
        using var dropout = nn.Dropout(0.9);
        dropout.eval();
        Assert.True(ones(50).IsSame(dropout.call(ones(50))));
        var x = ones(50);
        using var inPlace = nn.Dropout(1, inplace: true);
        Assert.Same(x, inPlace.call(x));
        Assert.Equal(0, x.sum().ToSingle());
    }

    // Five standard deviations of the mean of so many.
    [Fact]
    public void Numbers_are_distributed_as_named()
    {
        using var generator = new Generator(1);
        const int count = 100_000;
        var uniform = rand([count], generator: generator);
        Assert.InRange(uniform.mean().ToDouble(), 0.5 - (5 * Math.Sqrt(1.0 / 12 / count)), 0.5 + (5 * Math.Sqrt(1.0 / 12 / count)));
        Assert.True(uniform.min().ToSingle() >= 0 && uniform.max().ToSingle() < 1);
        var normal = nn.init.normal_(empty(count), 2, 3, generator);
        Assert.InRange(normal.mean().ToDouble(), 2 - (15 / Math.Sqrt(count)), 2 + (15 / Math.Sqrt(count)));
        Assert.InRange(normal.std().ToDouble(), 2.95, 3.05);
        var whole = randint(-2, 3, [count], generator: generator);
        Assert.Equal((-2L, 2L, 5), (whole.min().ToInt64(), whole.max().ToInt64(), whole.data<long>().Distinct().Count()));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), randperm(50).data<long>().Order());
    }
}
