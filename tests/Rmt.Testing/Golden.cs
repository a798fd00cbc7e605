using System.Text.Json;
using Rmt.Loaders;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Testing;

/// <summary>Reference outputs of ../shared/golden: tensors by name, and the facts beside them.</summary>
public sealed class Golden : IDisposable
{
    private readonly Checkpoint tensors;

    /// <param name="parts">The .safetensors file, below ../shared/golden.</param>
    public Golden(params string[] parts) => tensors = Checkpoint.Open(Shared.Path(["golden", .. parts]));

    public Tensor this[string name] => tensors.Read(name);

    public IEnumerable<string> Names => tensors.Entries.Select(entry => entry.Name);

    public int[] Ids(string name) => [.. this[name].to(ScalarType.Int64).data<long>().ToArray().Select(id => (int)id)];

    public static JsonElement Facts(params string[] parts) =>
        JsonDocument.Parse(File.ReadAllBytes(Shared.Path(["golden", .. parts]))).RootElement;

    public void Dispose() => tensors.Dispose();
}
