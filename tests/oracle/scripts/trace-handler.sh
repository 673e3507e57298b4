# board: q35
# proves: what the trace says of an interrupt: header, columns and context of the handler's entry and exit on an idle or busy CPU
# range: 0..999999 ^# entries-in-buffer/entries-written: (\d+)/(\d+)
# again: the interrupt may come while the CPU is at something else
cd /sys/kernel/tracing
echo 0 > tracing_on
echo > trace
echo 'irq:irq_handler_entry' > set_event
echo 'irq:irq_handler_exit' >> set_event
echo 1 > tracing_on
sleep 1
echo 0 > tracing_on
head -n 11 trace | grep -v entries-in
grep 'irq=23' trace | head -n 4 | sed 's/.*: irq_/irq_/'
grep 'irq=23' trace | grep -vc '^ *[^ ]*-[0-9]*  *\[00[01]\] [dD][.N][hH][.1]\.  *[0-9]*\.[0-9]*: irq_handler_e'
echo > set_event
echo > trace
echo 1 > tracing_on
