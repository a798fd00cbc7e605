using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rmt.Host.Output;

/// <summary>A line a record, there for the reader as soon as it is known.</summary>
internal sealed class JsonLinesWriter(TextWriter output) : IRecordWriter
{
    /// <summary>Escapes only what JSON demands: nobody wants to read \u escapes, and this is not put into HTML.</summary>
    public static JavaScriptEncoder Encoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    private static readonly RecordJson Json = new(new JsonSerializerOptions(RecordJson.Default.Options) { Encoder = Encoder });

    public void Write(IRecord record)
    {
        if (record is TokenizeRecord tokens)
        {
            tokens.WriteJson(output);
            return;
        }
        output.Write(JsonSerializer.Serialize(record, record.GetType(), Json));
        output.Write('\n');
        output.Flush();
    }

    public void Dispose()
    {
    }
}
