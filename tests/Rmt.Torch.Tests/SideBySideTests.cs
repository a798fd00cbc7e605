using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Torch.Tests;

/// <summary>Parameters that lie side by side are the same parameters.</summary>
public class SideBySideTests
{
    [Fact]
    public void Put_side_by_side_they_hold_what_they_held_and_are_one_tensor_that_follows_them() => Leaks.None(() =>
    {
        using var scope = NewDisposeScope();
        var a = nn.Parameter(randn(2, 3));
        var b = nn.Parameter(randn(4, 3));
        var before = cat([a, b], 0);
        Assert.Null(SideBySide.Whole(a, b));
        SideBySide.Put(a, b);
        var whole = SideBySide.Whole(a, b)!;
        Assert.True(a.requires_grad && b.is_leaf && !whole.requires_grad);
        Near.Equal(before, whole, 0, "put side by side");
        using (no_grad()) b.mul_(2);
        Near.Equal(cat([a, b], 0), whole, 0, "after a step in place");
        Assert.Null(SideBySide.Whole(b, a));
        a.Dispose();
        b.Dispose();
    });

    [Fact]
    public void A_module_learns_saves_and_moves_with_them_as_without()
    {
        using var scope = NewDisposeScope();
        using var joined = nn.Linear(3, 2);
        using var plain = nn.Linear(3, 2);
        using var beside = nn.Linear(3, 5);
        plain.load_state_dict(joined.state_dict());
        SideBySide.Put(beside.weight!, joined.weight!);
        var x = randn(7, 3);
        foreach (var net in new[] { joined, plain })
        {
            using var optimizer = optim.AdamW(net.parameters(), lr: 0.1);
            net.call(x).square().sum().backward();
            optimizer.step();
        }
        Near.Equal(plain.weight!, joined.weight!, 0, "after a step of AdamW");
        Assert.NotNull(SideBySide.Whole(beside.weight!, joined.weight!));
        joined.to(float64);
        Near.Equal(plain.weight!, joined.weight!, 0, "after a move");
        Assert.Null(SideBySide.Whole(beside.weight!, joined.weight!));
    }

    [Fact]
    public void Tensors_that_cannot_be_one_are_refused_and_stay_as_they_are()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (ones(2, 3), ones(2, 4));
        foreach (var others in new[] { [a, b], [a, ones(2, 3, float64)], [tensor(1f), tensor(2f)], Array.Empty<Tensor>() })
            Assert.ThrowsAny<Exception>(() => SideBySide.Put(others));
        Assert.Equal(6, a.sum().item<float>());
    }
}
