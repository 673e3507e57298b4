# board: q35
# proves: how tracepoints are switched: enable of one, of a system, X for some, set_event with its words, and what is refused
cd /sys/kernel/tracing
echo 0 > tracing_on
cat current_tracer tracing_on; ls events/irq events/nmi | grep -v filter
for word in 1 0 2 x ''; do echo "$word" > events/irq/irq_handler_entry/enable; echo "'$word' $? $(cat events/irq/irq_handler_entry/enable)"; done
echo 1 > events/irq/irq_handler_entry/enable
cat events/irq/enable events/irq/irq_handler_exit/enable; cat set_event
echo 1 > events/irq/enable; cat events/irq/enable
echo 0 > events/irq/enable; cat events/irq/enable
echo irq:irq_handler_exit > set_event; cat set_event
echo nmi:nmi_handler > set_event; cat set_event
echo irq:softirq_raise >> set_event; sort < set_event
echo '!nmi:nmi_handler' >> set_event; cat set_event
echo 'irq_vectors:vector_*' >> set_event; echo $?; cat set_event
echo nosuch:event > set_event; echo $?; cat set_event
echo irq: >> set_event; sort < set_event
echo > set_event; cat set_event
echo 1 > events/irq/nosuch/enable; echo $?
echo nop > current_tracer; echo $?
echo nosuch > current_tracer; echo $?
echo 64 > buffer_size_kb; echo $?; cat buffer_size_kb buffer_total_size_kb
echo 0 > buffer_size_kb; echo $?
echo x > buffer_size_kb; echo $?
echo 1408 > buffer_size_kb
echo > trace
cat trace
echo 1 > tracing_on
