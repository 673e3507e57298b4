using Tophalf.Twin.Reports;

namespace Tophalf.Advisor;

/// <summary>One thing that can be the matter with a machine.</summary>
public interface IRule
{
    /// <summary>What this rule finds, one finding for each device or line concerned; nothing when all is well.</summary>
    IEnumerable<Finding> Look(RunReport report);
}
