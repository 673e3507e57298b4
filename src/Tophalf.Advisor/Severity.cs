namespace Tophalf.Advisor;

/// <summary>How much a finding matters, least first.</summary>
public enum Severity
{
    /// <summary>Worth knowing; nothing is lost.</summary>
    Info,

    /// <summary>Time or latency is lost that a setting would give back.</summary>
    Warning,

    /// <summary>Data is lost, or a device does not work.</summary>
    Error,
}
