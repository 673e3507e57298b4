namespace Tophalf.Twin.Captures;

/// <summary>
/// What the first bytes of each packet are (the tcpdump group's link-layer header types). Others may occur; their packets have no flow.
/// </summary>
public enum LinkType : ushort
{
    /// <summary>BSD loopback: an address family in the byte order of the machine that recorded.</summary>
    Null = 0,
    Ethernet = 1,

    /// <summary>Raw IP under the number some systems write for it.</summary>
    RawOld = 12,

    /// <summary>Raw IP, version 4 or 6 as its first four bits say.</summary>
    Raw = 101,

    /// <summary>OpenBSD loopback: an address family in network byte order.</summary>
    Loop = 108,

    /// <summary>Linux "cooked" version 1, the older form of tcpdump -i any.</summary>
    LinuxCooked = 113,

    /// <summary>Linux "cooked" version 2.</summary>
    LinuxCooked2 = 276,
}
