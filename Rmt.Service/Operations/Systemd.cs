using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Rmt.Service;

/// <summary>Tells systemd how the service is: a datagram to the socket that <c>NOTIFY_SOCKET</c> names. Does nothing where there is none.</summary>
internal sealed class Systemd(string? socketPath, ILogger<Systemd> log)
{
    /// <param name="message">READY=1, STOPPING=1 or WATCHDOG=1.</param>
    public void Tell(string message)
    {
        if (string.IsNullOrEmpty(socketPath))
            return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            // A name that begins with @ is no file.
            socket.Connect(new UnixDomainSocketEndPoint(socketPath[0] == '@' ? $"\0{socketPath[1..]}" : socketPath));
            _ = socket.Send(System.Text.Encoding.UTF8.GetBytes(message));
        }
        catch (SocketException error)
        {
            log.SystemdDeaf(message, error.Message);
        }
    }
}
