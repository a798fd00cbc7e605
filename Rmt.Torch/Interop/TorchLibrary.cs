using System.Reflection;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>Finds and loads the shim, which brings libtorch with it.</summary>
internal static class TorchLibrary
{
    internal const string Name = "rmt_torch";

    internal static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Name) return IntPtr.Zero;
        var beside = Path.Combine(AppContext.BaseDirectory, "librmt_torch.so");
        try
        {
            return NativeLibrary.Load(File.Exists(beside) ? beside : "librmt_torch.so");
        }
        catch (DllNotFoundException cause)
        {
            throw new DllNotFoundException(
                $"librmt_torch.so could not be loaded from {AppContext.BaseDirectory}, or the libtorch it was built against is gone. " +
                "Build it again where libtorch is found: LIBTORCH names a libtorch or a Python torch folder, or the system has it " +
                "(Debian: libtorch-dev), or LIBTORCH_USE_PYTORCH=1 takes the torch of the python3 on the path. " + cause.Message, cause);
        }
    }
}
