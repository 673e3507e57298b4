using Tophalf.Cli;

Terminal terminal = Terminal.OfProcess();
int status = CommandLine.Run(args, terminal);
try
{
    terminal.Output.Flush();
}
catch (IOException)
{
    // The reader has gone, as `head` does when it has enough.
}

return status;
