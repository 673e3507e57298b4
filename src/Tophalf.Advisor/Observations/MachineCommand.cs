using Tophalf.Linux;

namespace Tophalf.Advisor.Observations;

/// <summary>Commands a machine may not have, or not let us run.</summary>
internal static class MachineCommand
{
    /// <summary>What the command printed; null when it failed, and then <paramref name="problem"/> says how.</summary>
    public static string? Output(ILinuxMachine machine, string command, out string problem)
    {
        problem = "";
        try
        {
            CommandResult result = machine.Run(command);
            if (result.Status == 0)
                return result.Output;
            string error = result.Error.Split('\n')[0].Trim();
            problem = $"{command}: {(error.Length > 0 ? error : $"exit status {result.Status}")}";
        }
        catch (LinuxException failed)
        {
            problem = $"{command}: {failed.Errno.Text()}";
        }
        return null;
    }
}
