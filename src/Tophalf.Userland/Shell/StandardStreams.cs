using Tophalf.Userland.Files;

namespace Tophalf.Userland.Shell;

/// <summary>File descriptors 0, 1 and 2 of a command; the shell opens no others.</summary>
internal readonly record struct StandardStreams(TextInput Input, OutputTarget Output, OutputTarget Error);
