# board: q35
# proves: the format files of tracepoints: fields with types, offsets and sizes, and the print format
# erase: ^ID: (\d+)
cd /sys/kernel/tracing/events
cat irq/*/format nmi/nmi_handler/format napi/napi_poll/format
cat irq_vectors/vector_*/format irq_vectors/local_timer_*/format irq_vectors/reschedule_*/format irq_vectors/call_function*/format irq_vectors/irq_work_*/format
for event in alloc alloc_managed assign assign_system free offline online remove_managed remove_reserved reserve reserve_managed; do cat irq_matrix/irq_matrix_$event/format; done
cat sched/sched_switch/format sched/sched_wakeup/format sched/sched_waking/format
