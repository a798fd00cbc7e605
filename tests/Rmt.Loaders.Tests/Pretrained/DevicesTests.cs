using TorchSharp;

namespace Rmt.Loaders.Tests.Pretrained;

public sealed class DevicesTests
{
    [Theory]
    [InlineData("gpu")]
    [InlineData("")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:first")]
    public void A_name_that_is_none_is_refused_with_those_there_are(string name) =>
        Assert.Contains($"no device '{name}'", Assert.Throws<ArgumentException>(() => Devices.Named(name)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_device_that_is_not_there_is_refused_with_how_many_there_are()
    {
        Assert.Equal(DeviceType.CPU, Devices.Named("cpu").type);
        Assert.Contains($"libtorch sees {torch.cuda.device_count()} CUDA devices", Assert.Throws<LoadException>(() => Devices.Named("cuda:999")).Message, StringComparison.Ordinal);
    }
}
