using Tophalf.Cli;

return CommandLine.Run(args, Terminal.OfProcess());
