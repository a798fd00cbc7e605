namespace Rmt.Host.Output;

/// <summary>Where a verb's records go. Disposed when the last was written.</summary>
internal interface IRecordWriter : IDisposable
{
    void Write(IRecord record);
}
