using System.Text.Json;

namespace Rmt.Host.Output;

/// <summary>A line a record, there for the reader as soon as it is known.</summary>
internal sealed class JsonLinesWriter(TextWriter output) : IRecordWriter
{
    private static readonly RecordJson Json = new(new JsonSerializerOptions(RecordJson.Default.Options) { Encoder = JsonText.Encoder });

    public void Write(IRecord record)
    {
        if (record is TokenizeRecord tokens)
        {
            tokens.WriteJson(output);
            return;
        }
        output.Write(JsonText.WithCharactersBeyondTheBasicPlane(JsonSerializer.Serialize(record, record.GetType(), Json)));
        output.Write('\n');
        output.Flush();
    }

    public void Dispose()
    {
    }
}
