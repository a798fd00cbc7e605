namespace TorchSharp;

public static partial class torch
{
    private static ScalarType defaultType = float32;
    private static Device? defaultDevice;

    /// <summary>The type of new tensors of fractions where none is named: float32, until it is set.</summary>
    public static ScalarType get_default_dtype() => defaultType;

    /// <exception cref="ArgumentException">A type of whole numbers.</exception>
    public static void set_default_dtype(ScalarType dtype) =>
        defaultType = Tensor.IsFloating(dtype) ? dtype : throw new ArgumentException($"the default is a type of fractions; {dtype} is none", nameof(dtype));

    /// <summary>Where new tensors are made if nobody says where: the CPU, until it is set.</summary>
    public static Device get_default_device() => defaultDevice ?? CPU;

    public static void set_default_device(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        defaultDevice = device;
    }

    public static void set_default_device(string device) => set_default_device(new Device(device));
}
