namespace Tophalf.Hardware.Controllers;

/// <summary>A wire somebody drives: <paramref name="active"/> is its new level, polarity already taken off. Told on changes only.</summary>
/// <param name="active">The line asks for attention.</param>
/// <param name="atPs">Moment of the change in picoseconds of virtual time.</param>
public delegate void InterruptLine(bool active, long atPs);
