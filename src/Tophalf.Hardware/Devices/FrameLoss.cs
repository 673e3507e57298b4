namespace Tophalf.Hardware.Devices;

/// <summary>Why a card drops a frame before any of its queues has it.</summary>
public enum FrameLoss
{
    /// <summary>A flow rule says so.</summary>
    ByRule,

    /// <summary>It is for a virtual function that is not there.</summary>
    NoFunction,

    /// <summary>It is longer than the card was told to take.</summary>
    TooLong,

    /// <summary>Its tag names a VLAN that the function's filter does not have.</summary>
    UnknownVlan,
}
