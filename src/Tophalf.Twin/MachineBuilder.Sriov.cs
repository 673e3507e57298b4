using Tophalf.Hardware.Devices;
using Tophalf.Hardware.Pci;
using Tophalf.Kernel.Networking;
using Tophalf.Linux;
using Tophalf.Twin.Scenarios;

namespace Tophalf.Twin;

/// <summary>Virtual functions: PCI functions of their own with queues and MSI-X entries, behind the port of the card they belong to.</summary>
public sealed partial class MachineBuilder
{
    private void AddVirtualFunctions(DeviceSpec spec, NetDevice physical, SriovSupport sriov)
    {
        physical.VirtualFunctions = new VirtualFunctions(_machine.Kernel, physical, number => MakeVirtualFunction(spec, physical, sriov, number));
        Errno error = physical.VirtualFunctions.Set(spec.VirtualFunctions);
        if (error != Errno.None) throw new DriverException(error, $"{spec.Name}: {spec.VirtualFunctions} virtual functions: {error.Text()}");
    }

    private NetDevice MakeVirtualFunction(DeviceSpec spec, NetDevice physical, SriovSupport sriov, int number)
    {
        NicModel model = sriov.Vf;
        int queues = Math.Min(model.MaxQueues, _scenario.Machine.Cpus), index = _nextNic++;
        var options = new NetworkControllerOptions
        {
            Name = DeviceSpec.NameOfVirtual(spec.Name, number),
            BitsPerSecond = spec.LinkBitsPerSecond,
            MaxQueues = queues,
            Queues = queues,
            RxRing = model.RxRing,
            TxRing = model.TxRing,
            RssTableSize = Math.Max(1, model.RssTableSize),
            FirstEntry = model.OtherFirst ? 1 : 0,
            HasTransmitEntries = model.TransmitAction is not null,
            RssKey = RandomKey(Math.Max(40, model.RssKeyBytes), DeviceSpec.NameOfVirtual(spec.Name, number)),
            ModerationKind = model.Moderation,
            Port = physical.Controller.Port,
            Exact = _machine.Kernel.Options.Exact,
            Rank = FirstDeviceRank + index * RankPerDevice,
        };
        PciAddress at = physical.Controller.Function.Address;
        int routing = at.RequesterId + sriov.Offset + number * sriov.Stride;
        var address = new PciAddress(at.Domain, (byte)(routing >> 8), (byte)(routing >> 3 & 31), (byte)(routing & 7));
        var controller = new NetworkController(options, new PciFunction(address, model.Entries(queues), _machine.Fabric), _machine.Events);
        return new NetDevice(_machine.Kernel, controller, model, index, virtualFunction: number + 1);
    }
}
