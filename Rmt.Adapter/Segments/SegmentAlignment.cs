namespace Rmt.Adapter;

/// <summary>Where the segment that is not full goes. Trained memory expects the one it was trained with.</summary>
public enum SegmentAlignment
{
    /// <summary>The remainder comes first, every later segment is full: the paper's.</summary>
    Right,

    /// <summary>The remainder comes last: the only one for a text whose end is not known.</summary>
    Left,

    /// <summary>All segments are as long as each other, but for the last.</summary>
    Center,
}
