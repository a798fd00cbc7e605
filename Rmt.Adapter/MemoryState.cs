using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>What one segment hands to the next: the hidden states of the memory tokens. Returned, never changed in place.</summary>
/// <param name="Tokens">[B, m, H]</param>
public readonly record struct MemoryState(Tensor Tokens);

/// <summary>What a recurrent step leaves.</summary>
/// <param name="Hidden">[A, R, H]: last hidden states of the documents that took part, in the rows that are read.</param>
/// <param name="Memory">[B, m, H]: of all documents; those that have not begun keep what they had.</param>
public readonly record struct AdapterOutput(Tensor Hidden, MemoryState Memory);
