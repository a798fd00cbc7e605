using System.Globalization;
using System.Text.Json;
using Rmt.Adapter;

namespace Rmt.Host.Output;

/// <summary><c>{"source","ids","tokens"}</c>. Its tokens are written one by one, since a document may have more than a string can hold.</summary>
internal sealed record TokenizeRecord(string Source, IReadOnlyList<int> Ids, ITokenizer Tokenizer) : IRecord
{
    public void WriteJson(TextWriter output)
    {
        output.Write("{\"source\":");
        WriteString(output, Source);
        output.Write(",\"ids\":");
        WriteList(output, id => output.Write(id.ToString(CultureInfo.InvariantCulture)));
        output.Write(",\"tokens\":");
        WriteList(output, id => WriteString(output, Tokenizer.Token(id)));
        output.Write("}\n");
        output.Flush();
    }

    private void WriteList(TextWriter output, Action<int> write)
    {
        output.Write('[');
        for (var i = 0; i < Ids.Count; i++)
        {
            if (i > 0)
                output.Write(',');
            write(Ids[i]);
        }
        output.Write(']');
    }

    private static void WriteString(TextWriter output, string text)
    {
        output.Write('"');
        output.Write(JsonText.WithCharactersBeyondTheBasicPlane(JsonEncodedText.Encode(text, JsonText.Encoder).ToString()));
        output.Write('"');
    }
}
