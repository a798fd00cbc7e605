using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Rmt.Service.Tests.Doubles;
using Rmt.Testing;

namespace Rmt.Service.Tests.Operations;

public sealed class OptionsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, Action<RmtClassifierOptions>> Wrong => new()
    {
        { "BatchSize", options => options.BatchSize = 0 },
        { "Device", options => options.Device = "gpu" },
        { "Dtype", options => options.Dtype = "float16" },
        { "Dtype", options => options.Dtype = "float64" },
        { "Gelu", options => options.Gelu = "quick" },
        { "Gelu", options => options.Gelu = "fast" },
        { "Threads", options => options.Threads = 1025 },
        { "Retain", options => options.Retain = TimeSpan.Zero },
        { "MaxAttempts", options => options.MaxAttempts = 0 },
        { "LeaseTime", options => options.LeaseTime = TimeSpan.FromMilliseconds(1) },
        { "MaxQueued", options => options.MaxQueued = 0 },
        { "MaxBodyBytes", options => options.MaxBodyBytes = 1 },
        { "MaxPartBytes", options => options.MaxPartBytes = 1 },
        { "MaxUploads", options => options.MaxUploads = 0 },
        { "ClassifyWait", options => options.ClassifyWait = TimeSpan.FromHours(1) },
        { "StreamIdle", options => options.StreamIdle = TimeSpan.Zero },
        { "Store", options => options.Store = "" },
        { "StoreLimitBytes", options => options.StoreLimitBytes = 5 },
        { "Watch", options => options.Watch = "no/such/folder" },
        { "Models", options => options.Models.Clear() },
        { "Models", options => options.Models.Add(new() { Path = "elsewhere/tiny" }) },
        { "Models", options => options.Models.Add(new() { Name = "x" }) },
        { "Keys", options => options.Keys.Add("short") },
    };

    [Theory, MemberData(nameof(Wrong))]
    public async Task A_setting_out_of_its_range_ends_the_host_at_its_start_and_is_named(string name, Action<RmtClassifierOptions> set)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => RunningService.StartAsync(set));
        Assert.Contains(name, string.Join(' ', error.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_that_does_not_exist_is_refused_by_name()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Rmt:BatchSizes"] = "4", ["Rmt:batchsize"] = "4", ["Other"] = "1" }).Build();
        var options = new RmtClassifierOptions { Models = { new() { Path = "tiny" } } };
        var fault = Assert.Single(new OptionsCheck(settings).Validate(null, options).Failures!);
        Assert.StartsWith("Rmt:BatchSizes: there is no such setting; there are Models, Store, ", fault, StringComparison.Ordinal);
        options.BatchSize = 0;
        Assert.Contains("Rmt:BatchSize is '0'.", string.Join(' ', new OptionsCheck(new ConfigurationBuilder().Build()).Validate(null, options).Failures!), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("@")]       // a name that is no file
    public async Task Systemd_is_told_by_a_datagram(string prefix)
    {
        var name = prefix.Length > 0 ? $"{prefix}{Path.GetRandomFileName()}" : _folder["notify"];
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(prefix.Length > 0 ? $"\0{name[1..]}" : name));
        new Systemd(name, NullLogger<Systemd>.Instance).Tell("READY=1");
        var heard = new byte[100];
        Assert.Equal("READY=1", Encoding.UTF8.GetString(heard, 0, await systemd.ReceiveAsync(heard, RunningService.Cancellation)));
        new Systemd(_folder["nobody"], NullLogger<Systemd>.Instance).Tell("READY=1");      // said in the log, and that is all
    }

    [Fact]
    public void Defaults_admit_two_million_tokens()
    {
        var options = new RmtClassifierOptions();
        Assert.InRange(options.MaxBodyBytes, 2_000_000 * 16, int.MaxValue);
        Assert.Equal(TimeSpan.FromDays(7), options.Retain);
        Assert.False(new AccessKeys([]).AreNeeded);
    }

    [Fact]
    public void Keys_come_from_a_file_and_bad_ones_are_told_by_their_place()
    {
        var keys = AccessKeys.Of(new() { KeysFile = _folder.Write("keys", "# ours\n\n0123456789abcdef \nfedcba9876543210") });
        Assert.True(keys.AreNeeded && keys.Contain("0123456789abcdef") && keys.Contain("fedcba9876543210"));
        Assert.False(keys.Contain("# ours") || keys.Contain("") || keys.Contain("0123456789abcde"));
        Assert.Contains("key 2 has 5", Assert.Throws<AccessKeysException>(() => AccessKeys.Of(new() { KeysFile = _folder.Write("keys", "0123456789abcdef\nshort") })).Message, StringComparison.Ordinal);
        Assert.Contains("no key", Assert.Throws<AccessKeysException>(() => AccessKeys.Of(new() { KeysFile = _folder.Write("keys", "#") })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_trace_of_a_request_goes_on_in_the_worker_through_the_store()
    {
        var read = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Rmt.Service" or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                lock (read)
                    read.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var service = await RunningService.StartAsync();
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        _ = await service.PostAsync("/v1/classify", new { text = TinyModels.Text(new(1), 100), id = "d" }, headers => headers.Add("traceparent", $"00-{Trace}-b7ad6b7169203331-01"));
        lock (read)
        {
            var work = Assert.Single(read, activity => activity.OperationName == "rmt.read");
            Assert.Equal((Trace, "d"), (work.TraceId.ToHexString(), work.GetTagItem("rmt.document")));
        }
    }
}
