using System.Reflection;
using Rmt.Testing;

namespace Rmt.Architecture.Tests;

/// <summary>The public API of each library is the approved one: a change of it is seen in a commit, not by a user.</summary>
public class PublicApiTests
{
    public static TheoryData<string> Libraries => ["Rmt.Torch", "Rmt.Adapter", .. ReferenceTests.Backbones, "Rmt.Loaders", "Rmt.Service"];

    [Theory, MemberData(nameof(Libraries))]
    public void Is_as_approved(string library)
    {
        var approved = Path.Combine(Repository.Root, "tests", "Rmt.Architecture.Tests", "PublicApi", $"{library}.approved.txt");
        var now = PublicApi.Of(Assembly.Load(library).GetTypes());
        if (Environment.GetEnvironmentVariable("RMT_ACCEPT") == "1")
            File.WriteAllText(approved, now);

        var before = File.Exists(approved) ? File.ReadAllText(approved) : "";
        if (now == before)
            return;
        var received = Path.Combine(AppContext.BaseDirectory, $"{library}.received.txt");
        File.WriteAllText(received, now);
        var gone = before.Split('\n').Except(now.Split('\n')).Select(line => $"- {line}");
        var come = now.Split('\n').Except(before.Split('\n')).Select(line => $"+ {line}");
        Assert.Fail($"the public API of {library} has changed. If it should, run: RMT_ACCEPT=1 ./rmt test Architecture\n{string.Join('\n', gone.Concat(come).Take(40))}\nwhole: {received}");
    }

    [Fact]
    public void A_changed_default_or_a_lost_member_would_be_seen()
    {
        var text = PublicApi.Of([typeof(Sample)]);
        Assert.Equal("""
            sealed class Rmt.Architecture.Tests.PublicApiTests.Sample
                .ctor()
                String Name { get; init }
                T? Of<T>(T value, Int32 times = 3)

            """, text);
    }

    public sealed class Sample
    {
        public string Name { get; init; } = "";
        public T? Of<T>(T value, int times = 3) where T : struct => times > 0 ? value : null;
        internal static void Hidden() => throw new NotSupportedException();
    }
}
