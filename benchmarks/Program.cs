using System.Diagnostics;
using Tophalf.Bench;

// Every figure is the median of several rounds, and stands beside its ratio to one plain heap operation measured in the same run:
// machines differ and have bad days, ratios differ less.
int rounds = args is ["--rounds", var text] && int.TryParse(text, out int asked) && asked > 0 ? asked : 5;
double heapNs = Measure.MedianNs(rounds, HeapBaseline.Run);
Console.WriteLine($"median of {rounds} rounds; ratio to one PriorityQueue operation ({heapNs:f1} ns: dequeue and enqueue, 1000 waiting, stable order)");
Console.WriteLine();
Console.WriteLine($"{"",-52}{"measured",16}{"ratio",9}{"bytes",9}   mark");
Report("event queue: fire and schedule again", EventQueueHold.Run, "no slower than the heap", ns => ns <= heapNs);
Report("packet, 8 queues, 10 Mpps, 64 B", PacketFlood.Run, "<= 60 ns", ns => ns <= 60);
Report("packet, the same, every packet an event (--exact)", PacketFlood.RunExact, "", _ => true);
Report("interrupt, device to handler to EOI, one core", InterruptFlood.Run, ">= 1 M/s", ns => ns <= 1000);
Report("IRR bit set to first instruction of the handler", DeliveryOnly.Run, "<= 60 ns", ns => ns <= 60);
Report("top: one reading of 512 CPUs x 4000 rows, 1 % changed", TopRefresh.Run, "<= 15 ms, 0 bytes", ns => ns <= 15_000_000);
Console.WriteLine();
HostRefresh.Report(rounds);
return 0;

void Report(string what, Func<Sample> run, string mark, Func<double, bool> met)
{
    Sample[] samples = Measure.Samples(rounds, run);
    double ns = Measure.Median(samples.Select(sample => sample.Ns));
    double bytes = samples.Min(sample => sample.Bytes);
    string verdict = mark.Length == 0 ? "" : $"{mark}{(met(ns) ? "" : "   MISSED")}";
    Console.WriteLine($"{what,-52}{$"{ns:f1} ns",16}{ns / heapNs,9:f2}{bytes,9:f3}   {verdict}");
}
