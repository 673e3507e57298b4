// SPDX-License-Identifier: GPL-2.0
/*
 * Drives the interrupt core from a script: one command per write to /proc/tophalf_test; reading gives what that command brought about.
 *
 * The module has the interrupt lines 48 to 55, without hardware behind them. "raise" calls the flow handler with
 * interrupts off, as an entry from hardware does. Every call the core makes to the line's chip, and every run of a handler, is a line of the log. Commands:
 *
 *   flow IRQ level|edge|fasteoi|simple|untracked   the line's flow handler; the line must be free
 *   flow IRQ none|chained                       no chip at all; a demultiplexer that raises the next line
 *   status IRQ WORD [off]                       irq_modify_status. Words: norequest noprobe nothread nested unlazy noautoen
 *   chip WORD [off]                             what the chip does from now on. Words: refuse_type refuse_resources wake (it has irq_set_wake)
 *   request IRQ NAME [WORD...]                  request_threaded_irq; answers 0 or -errno. Words: shared oneshot noautoen probe_shared percpu no_thread
 *                                               rising falling high low (flags); handled none wake bogus (what the handler returns, "handled" if not said);
 *                                               nohandler (NULL), thread (a thread function), thread_none (one that returns IRQ_NONE), nodev (a NULL dev_id);
 *                                               tasklet work timer (the handler starts one of these), slow (the thread sleeps 400 ms)
 *   any IRQ NAME [WORD...], percpu IRQ          request_any_context_irq; request_percpu_irq
 *   crowd IRQ COUNT [WORD...], disperse IRQ     requests until one is refused or COUNT are there; frees all of the line
 *   free IRQ NAME
 *   raise IRQ [COUNT]                           an interrupt; the log is kept for the first eight only
 *   flood IRQ MOST                              interrupts until the line is disabled; answers how many there were
 *   enable IRQ, disable IRQ, nosync IRQ         enable_irq, disable_irq, disable_irq_nosync
 *   nested IRQ                                  handle_nested_irq
 *   sync IRQ, hard IRQ                          synchronize_irq; disable_hardirq
 *   inject IRQ                                  irq_inject_interrupt
 *   type IRQ rising|falling|high|low|both       irq_set_irq_type
 *   wake IRQ on|off                             irq_set_irq_wake
 *   state IRQ                                   the line's state bits
 *   edu intx|msi|off                            binds the edu device's interrupt, shared under INTx, as "edu"
 *   edu raise VALUE, edu deaf, edu hear         raises it; stops and starts answering its interrupts
 *   edu hint MASK                               irq_update_affinity_hint; 0 takes it back
 *   probe on|off                                probe_irq_on; probe_irq_off
 *   place KIND...                               where code of each kind runs: its context, its task with policy and priority, what is off. Kinds: task bh spin raw
 *                                               tasklet hi work highpri timer hrtimer hrtimer_soft hrtimer_hard irqwork irqwork_hard irqwork_lazy; interrupts are
 *                                               requested with the word place instead; rcu is a callback of call_rcu, sync what stands behind synchronize_rcu
 *   rounds interrupt|bh|task COUNT              a tasklet that schedules itself COUNT times in all; answers how many ran outside ksoftirqd before it took over
 *   rcu COUNT                                   call_rcu of so many callbacks, then synchronize_rcu and rcu_barrier: what ran where, and in which order
 *   wheel PHASE DELTA...                        arms timers when jiffies is PHASE beyond a multiple of 512, each for DELTA jiffies later
 *   fired                                       after how many jiffies each of them fired
 *   pressure on COUNT, pressure off             allocates lines that have a vector each and nothing else, and requests them until one is refused; frees them
 */
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irq_work.h>
#include <linux/irqdesc.h>
#include <linux/irqdomain.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <asm/hw_irq.h>

#define LINES		8
#define FIRST_IRQ	48
#define ACTIONS		80
#define PRESSURE	1024
#define LOG_BYTES	8192

struct action {
	bool used;
	int irq;
	char name[24];
	irqreturn_t result, thread_result;
	bool tasklet, work, timer, slow, nodev, place;
	struct tasklet_struct tl;
	struct work_struct ws;
	struct timer_list tm;
};

static struct action actions[ACTIONS];
static char log_text[LOG_BYTES];
static size_t log_used;
static bool log_off;
static DEFINE_RAW_SPINLOCK(log_lock);
static DEFINE_MUTEX(command_lock);

static __printf(1, 2) void note(const char *format, ...)
{
	unsigned long flags;
	va_list args;

	if (READ_ONCE(log_off))
		return;
	raw_spin_lock_irqsave(&log_lock, flags);
	va_start(args, format);
	log_used += vscnprintf(log_text + log_used, LOG_BYTES - log_used, format, args);
	va_end(args);
	raw_spin_unlock_irqrestore(&log_lock, flags);
}

static const char *context_name(void)
{
	if (in_nmi())
		return "nmi";
	if (in_hardirq())
		return "hardirq";
	if (in_serving_softirq())
		return "softirq";
	return "task";
}

/* Where the running code is, and in whose name. */
static void note_place(const char *kind)
{
	note("%s: %s, irqs %s, bh %s, preempt %#x, %s policy %u priority %u\n", kind, context_name(), irqs_disabled() ? "off" : "on",
	     in_softirq() ? "off" : "on", preempt_count(), current->comm, current->policy, current->rt_priority);
}

/* ---- the chip ------------------------------------------------------------ */

static void chip_mask(struct irq_data *data)
{
	note("chip: mask\n");
}

static void chip_unmask(struct irq_data *data)
{
	note("chip: unmask\n");
}

static void chip_ack(struct irq_data *data)
{
	note("chip: ack\n");
}

static void chip_eoi(struct irq_data *data)
{
	note("chip: eoi\n");
}

static int type_error, resource_error;

static int chip_set_type(struct irq_data *data, unsigned int type)
{
	if (type_error)
		return type_error;
	note("chip: type %u\n", type);
	return IRQ_SET_MASK_OK;
}

static int chip_set_wake(struct irq_data *data, unsigned int on)
{
	note("chip: wake %u\n", on);
	return 0;
}

static int chip_request_resources(struct irq_data *data)
{
	return resource_error;
}

static struct irq_chip chip = {
	.name		= "tophalf",
	.irq_mask	= chip_mask,
	.irq_unmask	= chip_unmask,
	.irq_ack	= chip_ack,
	.irq_eoi	= chip_eoi,
	.irq_set_type	= chip_set_type,
	.irq_request_resources = chip_request_resources,
};

static void do_chip(const char *word, bool on)
{
	if (!strcmp(word, "refuse_type"))
		type_error = on ? -EINVAL : 0;
	else if (!strcmp(word, "refuse_resources"))
		resource_error = on ? -EPERM : 0;
	else if (!strcmp(word, "wake"))
		chip.irq_set_wake = on ? chip_set_wake : NULL;
	else
		note("chip what\n");
}

/* ---- handlers ------------------------------------------------------------ */

static const char *result_name(irqreturn_t result)
{
	switch (result) {
	case IRQ_NONE:
		return "none";
	case IRQ_HANDLED:
		return "handled";
	case IRQ_WAKE_THREAD:
		return "wake";
	default:
		return "bogus";
	}
}

static void run_tasklet(struct tasklet_struct *tl)
{
	note("tasklet %s in %s\n", container_of(tl, struct action, tl)->name, context_name());
}

static void run_work(struct work_struct *ws)
{
	note("work %s in %s\n", container_of(ws, struct action, ws)->name, context_name());
}

static void run_timer(struct timer_list *tm)
{
	note("timer %s in %s\n", container_of(tm, struct action, tm)->name, context_name());
}

static irqreturn_t handler(int irq, void *dev)
{
	struct action *action = dev;

	if (action->place)
		note_place(action->name);
	else
		note("handler %s in %s: %s\n", action->name, context_name(), result_name(action->result));
	if (action->tasklet)
		tasklet_schedule(&action->tl);
	if (action->work)
		schedule_work(&action->ws);
	if (action->timer)
		mod_timer(&action->tm, jiffies + 1);
	return action->result;
}

static irqreturn_t thread(int irq, void *dev)
{
	struct action *action = dev;

	if (action->place) {
		note_place("thread");
		return action->thread_result;
	}
	note("thread %s (%s, policy %u, priority %u) in %s: %s\n", action->name, current->comm, current->policy, current->rt_priority, context_name(),
	     result_name(action->thread_result));
	if (action->slow) {
		msleep(400);
		note("thread %s slept\n", action->name);
	}
	return action->thread_result;
}

/* ---- the edu device: docs/specs/edu.txt of QEMU --------------------------- */

#define EDU_STATUS	0x24
#define EDU_RAISE	0x60
#define EDU_ACK		0x64

static struct pci_dev *edu;
static void __iomem *edu_registers;
static int edu_irq;
static bool edu_deaf;
static struct cpumask edu_hint;

static irqreturn_t edu_handler(int irq, void *dev)
{
	u32 status = readl(edu_registers + EDU_STATUS);

	if (!status || READ_ONCE(edu_deaf))
		return IRQ_NONE;
	writel(status, edu_registers + EDU_ACK);
	note("edu: status %#x in %s\n", status, context_name());
	return IRQ_HANDLED;
}

static void edu_off(void)
{
	if (!edu)
		return;
	if (edu_irq) {
		irq_update_affinity_hint(edu_irq, NULL);
		free_irq(edu_irq, edu);
	}
	pci_free_irq_vectors(edu);
	iounmap(edu_registers);
	pci_disable_device(edu);
	pci_dev_put(edu);
	edu = NULL;
	edu_irq = 0;
}

static int edu_on(bool msi)
{
	int error;

	edu_off();
	edu = pci_get_device(0x1234, 0x11e8, NULL);
	if (!edu)
		return -ENODEV;
	error = pci_enable_device(edu);
	if (error)
		goto put;
	pci_set_master(edu);
	edu_registers = pci_iomap(edu, 0, 0);
	error = pci_alloc_irq_vectors(edu, 1, 1, msi ? PCI_IRQ_MSI : PCI_IRQ_LEGACY);
	if (error < 0)
		goto disable;
	error = request_irq(pci_irq_vector(edu, 0), edu_handler, msi ? 0 : IRQF_SHARED, "edu", edu);
	if (error)
		goto vectors;
	edu_irq = pci_irq_vector(edu, 0);
	return 0;
vectors:
	pci_free_irq_vectors(edu);
disable:
	pci_iounmap(edu, edu_registers);
	pci_disable_device(edu);
put:
	pci_dev_put(edu);
	edu = NULL;
	return error;
}

static void do_edu(int argc, char **argv)
{
	unsigned int value;

	if (argc < 2)
		note("edu what\n");
	else if (!strcmp(argv[1], "off"))
		edu_off();
	else if (!strcmp(argv[1], "intx") || !strcmp(argv[1], "msi"))
		note("edu %s: %d\n", argv[1], edu_on(argv[1][0] == 'm'));
	else if (!edu)
		note("edu is off\n");
	else if (!strcmp(argv[1], "deaf") || !strcmp(argv[1], "hear"))
		WRITE_ONCE(edu_deaf, argv[1][0] == 'd');
	else if (!strcmp(argv[1], "raise") && argc == 3 && !kstrtouint(argv[2], 0, &value))
		writel(value, edu_registers + EDU_RAISE);
	else if (!strcmp(argv[1], "hint") && argc == 3 && !kstrtouint(argv[2], 0, &value)) {
		cpumask_clear(&edu_hint);
		cpumask_bits(&edu_hint)[0] = value;
		note("edu hint: %d\n", irq_update_affinity_hint(edu_irq, value ? &edu_hint : NULL));
	} else
		note("edu what\n");
}

/* ---- commands ------------------------------------------------------------ */

static const struct word {
	const char *name;
	unsigned long flag;
} flag_words[] = {
	{ "shared", IRQF_SHARED }, { "oneshot", IRQF_ONESHOT }, { "noautoen", IRQF_NO_AUTOEN }, { "probe_shared", IRQF_PROBE_SHARED },
	{ "percpu", IRQF_PERCPU }, { "no_thread", IRQF_NO_THREAD }, { "no_suspend", IRQF_NO_SUSPEND }, { "cond_suspend", IRQF_COND_SUSPEND },
	{ "rising", IRQF_TRIGGER_RISING }, { "falling", IRQF_TRIGGER_FALLING }, { "high", IRQF_TRIGGER_HIGH }, { "low", IRQF_TRIGGER_LOW },
};

static unsigned long flag_of(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flag_words); i++)
		if (!strcmp(flag_words[i].name, word))
			return flag_words[i].flag;
	return 0;
}

static struct action *find(int irq, const char *name)
{
	size_t i;

	for (i = 0; i < ACTIONS; i++)
		if (name ? actions[i].used && actions[i].irq == irq && !strcmp(actions[i].name, name) : !actions[i].used)
			return &actions[i];
	return NULL;
}

/* What the words of a request say; all but the line and the name. */
static unsigned long read_words(struct action *action, int argc, char **argv, irq_handler_t *hard, irq_handler_t *threaded)
{
	unsigned long flags = 0;
	int i;

	action->result = action->thread_result = IRQ_HANDLED;
	*hard = handler;
	*threaded = NULL;
	for (i = 0; i < argc; i++) {
		flags |= flag_of(argv[i]);
		if (!strcmp(argv[i], "none"))
			action->result = IRQ_NONE;
		if (!strcmp(argv[i], "wake"))
			action->result = IRQ_WAKE_THREAD;
		if (!strcmp(argv[i], "bogus"))
			action->result = 8;
		if (!strcmp(argv[i], "nohandler"))
			*hard = NULL;
		if (!strncmp(argv[i], "thread", 6))
			*threaded = thread;
		if (!strcmp(argv[i], "thread_none"))
			action->thread_result = IRQ_NONE;
		action->tasklet |= !strcmp(argv[i], "tasklet");
		action->work |= !strcmp(argv[i], "work");
		action->timer |= !strcmp(argv[i], "timer");
		action->slow |= !strcmp(argv[i], "slow");
		action->nodev |= !strcmp(argv[i], "nodev");
		action->place |= !strcmp(argv[i], "place");
	}
	return flags;
}

static int request(struct action *action, bool any, int irq, const char *name, int argc, char **argv)
{
	irq_handler_t hard, threaded;
	unsigned long flags;
	int result;

	memset(action, 0, sizeof(*action));
	action->irq = irq;
	strscpy(action->name, name, sizeof(action->name));
	tasklet_setup(&action->tl, run_tasklet);
	INIT_WORK(&action->ws, run_work);
	timer_setup(&action->tm, run_timer, 0);
	flags = read_words(action, argc, argv, &hard, &threaded);
	if (any)
		result = request_any_context_irq(irq, hard, flags, action->name, action);
	else
		result = request_threaded_irq(irq, hard, threaded, flags, action->name, action->nodev ? NULL : action);
	action->used = result >= 0;
	return result;
}

static void do_request(bool any, int irq, int argc, char **argv)
{
	struct action *action = find(irq, NULL);

	if (!action || argc < 3)
		note("request what\n");
	else
		note("%s %d %.23s: %d\n", argv[0], irq, argv[2], request(action, any, irq, argv[2], argc - 3, argv + 3));
}

static void do_crowd(int irq, unsigned int most, int argc, char **argv)
{
	struct action *action;
	unsigned int count = 0;
	char name[16];
	int error = 0;

	for (; count < most && !error; count += !error) {
		action = find(irq, NULL);
		if (!action)
			break;
		snprintf(name, sizeof(name), "c%u", count);
		error = request(action, false, irq, name, argc, argv);
	}
	note("crowd %d: %u requested, error %d\n", irq, count, error);
}

static void release(struct action *action)
{
	free_irq(action->irq, action);
	tasklet_kill(&action->tl);
	cancel_work_sync(&action->ws);
	del_timer_sync(&action->tm);
	action->used = false;
}

static void do_disperse(int irq)
{
	size_t i;

	for (i = 0; i < ACTIONS; i++)
		if (actions[i].used && actions[i].irq == irq)
			release(&actions[i]);
}

static void do_free(int irq, const char *name)
{
	struct action *action = find(irq, name);

	if (!action) {
		note("free %d %s: no such action\n", irq, name);
		return;
	}
	release(action);
	note("free %d %s\n", irq, name);
}

static void do_raise(int irq)
{
	unsigned long flags;

	local_irq_save(flags);
	__irq_enter();
	generic_handle_irq(irq);
	__irq_exit();
	local_irq_restore(flags);
}

static void do_flood(int irq, unsigned int most)
{
	struct irq_data *data = irq_get_irq_data(irq);
	unsigned int n;

	for (n = 0; n < most && !irqd_irq_disabled(data); n++) {
		do_raise(irq);
		if (n == 7)
			WRITE_ONCE(log_off, true);
		if (n % 1024 == 0)
			cond_resched();
	}
	WRITE_ONCE(log_off, false);
	note("flood %d: %u, %s\n", irq, n, irqd_irq_disabled(data) ? "disabled" : "enabled");
}

static void do_state(int irq)
{
	struct irq_data *data = irq_get_irq_data(irq);

	note("state %d:%s%s%s%s%s type %u\n", irq, irqd_irq_disabled(data) ? " disabled" : "", irqd_irq_masked(data) ? " masked" : "",
	     irqd_is_started(data) ? " started" : "", irqd_is_activated(data) ? " activated" : "", irqd_is_wakeup_set(data) ? " wakeup" : "",
	     irqd_get_trigger_type(data));
}

static void demultiplex(struct irq_desc *desc)
{
	note("demultiplexer of %d in %s\n", irq_desc_get_irq(desc), context_name());
	generic_handle_irq(irq_desc_get_irq(desc) + 1);
}

static const struct flow {
	const char *name;
	irq_flow_handler_t handle;
} flows[] = {
	{ "level", handle_level_irq }, { "edge", handle_edge_irq }, { "fasteoi", handle_fasteoi_irq }, { "simple", handle_simple_irq },
	{ "untracked", handle_untracked_irq },
};

static void do_flow(int irq, const char *name)
{
	size_t i;

	if (!strcmp(name, "none"))
		irq_set_chip_and_handler_name(irq, NULL, handle_bad_irq, NULL);
	if (!strcmp(name, "chained"))
		irq_set_chained_handler(irq, demultiplex);
	for (i = 0; i < ARRAY_SIZE(flows); i++)
		if (!strcmp(name, flows[i].name))
			irq_set_chip_and_handler_name(irq, &chip, flows[i].handle, flows[i].name);
}

static const struct word status_words[] = {
	{ "norequest", IRQ_NOREQUEST }, { "noprobe", IRQ_NOPROBE }, { "nothread", IRQ_NOTHREAD }, { "nested", IRQ_NESTED_THREAD },
	{ "unlazy", IRQ_DISABLE_UNLAZY }, { "noautoen", IRQ_NOAUTOEN },
};

static void do_status(int irq, const char *name, bool on)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(status_words); i++)
		if (!strcmp(name, status_words[i].name))
			irq_modify_status(irq, on ? 0 : status_words[i].flag, on ? status_words[i].flag : 0);
}

/* ---- where code runs ------------------------------------------------------ */

static struct tasklet_struct place_tl;
static struct work_struct place_ws;
static struct timer_list place_tm;
static struct hrtimer place_hr;
static struct irq_work place_iw;
static struct rcu_head place_rh;
static DEFINE_SPINLOCK(place_lock);
static DEFINE_RAW_SPINLOCK(place_raw_lock);
static const char *place_kind;

static void place_tasklet(struct tasklet_struct *tl)
{
	note_place(place_kind);
}

static void place_work(struct work_struct *ws)
{
	note_place(place_kind);
}

static void place_timer(struct timer_list *tm)
{
	note_place(place_kind);
}

static enum hrtimer_restart place_hrtimer(struct hrtimer *hr)
{
	note_place(place_kind);
	return HRTIMER_NORESTART;
}

static void place_irq_work(struct irq_work *iw)
{
	note_place(place_kind);
}

static void place_rcu(struct rcu_head *rh)
{
	note_place(place_kind);
}

static void place_now(const char *kind)
{
	if (!strcmp(kind, "bh")) {
		local_bh_disable();
		note_place(kind);
		local_bh_enable();
	} else if (!strcmp(kind, "spin")) {
		spin_lock(&place_lock);
		note_place(kind);
		spin_unlock(&place_lock);
	} else if (!strcmp(kind, "raw")) {
		raw_spin_lock(&place_raw_lock);
		note_place(kind);
		raw_spin_unlock(&place_raw_lock);
	} else if (!strcmp(kind, "sync")) {
		synchronize_rcu();
		note_place(kind);
	} else {
		note_place(kind);
	}
}

static void place_start_hrtimer(enum hrtimer_mode mode)
{
	hrtimer_init(&place_hr, CLOCK_MONOTONIC, mode);
	place_hr.function = place_hrtimer;
	hrtimer_start(&place_hr, ms_to_ktime(3), mode);
}

static void do_place(const char *kind)
{
	place_kind = kind;
	tasklet_setup(&place_tl, place_tasklet);
	INIT_WORK(&place_ws, place_work);
	timer_setup(&place_tm, place_timer, 0);
	if (!strcmp(kind, "tasklet"))
		tasklet_schedule(&place_tl);
	else if (!strcmp(kind, "hi"))
		tasklet_hi_schedule(&place_tl);
	else if (!strcmp(kind, "work"))
		schedule_work(&place_ws);
	else if (!strcmp(kind, "highpri"))
		queue_work(system_highpri_wq, &place_ws);
	else if (!strcmp(kind, "timer"))
		mod_timer(&place_tm, jiffies + 1);
	else if (!strcmp(kind, "hrtimer"))
		place_start_hrtimer(HRTIMER_MODE_REL_PINNED);
	else if (!strcmp(kind, "hrtimer_soft"))
		place_start_hrtimer(HRTIMER_MODE_REL_PINNED_SOFT);
	else if (!strcmp(kind, "hrtimer_hard"))
		place_start_hrtimer(HRTIMER_MODE_REL_PINNED_HARD);
	else if (!strncmp(kind, "irqwork", 7)) {
		place_iw = !strcmp(kind, "irqwork_hard") ? IRQ_WORK_INIT_HARD(place_irq_work) :
			!strcmp(kind, "irqwork_lazy") ? IRQ_WORK_INIT_LAZY(place_irq_work) : IRQ_WORK_INIT(place_irq_work);
		irq_work_queue(&place_iw);
		/* The interrupt that it sends itself comes now, not in the sleep. */
		udelay(10);
	} else if (!strcmp(kind, "rcu")) {
		call_rcu(&place_rh, place_rcu);
		rcu_barrier();
		return;
	} else {
		place_now(kind);
		return;
	}
	msleep(20);
}

/* ---- grace periods -------------------------------------------------------- */

#define CALLBACKS	32

static struct counted_head {
	struct rcu_head rh;
	unsigned int number;
} rcu_heads[CALLBACKS];

static void count_callback(struct rcu_head *rh)
{
	note("callback %u in %s\n", container_of(rh, struct counted_head, rh)->number, context_name());
}

static void do_rcu(unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		rcu_heads[i].number = i;
		call_rcu(&rcu_heads[i].rh, count_callback);
	}
	note("%u called\n", count);
	synchronize_rcu();
	note("synchronize_rcu in %s\n", context_name());
	rcu_barrier();
	note("rcu_barrier\n");
}

/* ---- rounds of softirqs --------------------------------------------------- */

static unsigned int rounds_left, rounds_before;
static bool rounds_taken_over;

static void round_tasklet(struct tasklet_struct *tl)
{
	rounds_taken_over |= !strncmp(current->comm, "ksoftirqd", 9);
	rounds_before += !rounds_taken_over;
	if (--rounds_left)
		tasklet_schedule(tl);
}

static enum hrtimer_restart round_hrtimer(struct hrtimer *hr)
{
	tasklet_schedule(&place_tl);
	return HRTIMER_NORESTART;
}

static void do_rounds(const char *from, unsigned int count)
{
	rounds_left = count;
	rounds_before = 0;
	rounds_taken_over = false;
	tasklet_setup(&place_tl, round_tasklet);
	if (!strcmp(from, "interrupt")) {
		hrtimer_init(&place_hr, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
		place_hr.function = round_hrtimer;
		hrtimer_start(&place_hr, ms_to_ktime(3), HRTIMER_MODE_REL_PINNED_HARD);
	} else if (!strcmp(from, "bh")) {
		local_bh_disable();
		tasklet_schedule(&place_tl);
		local_bh_enable();
	} else {
		tasklet_schedule(&place_tl);
	}
	msleep(40);
	note("rounds %s: %u of %u before ksoftirqd, %u left\n", from, rounds_before, count, rounds_left);
}

/* ---- the granules of the timer wheel -------------------------------------- */

#define WHEEL_TIMERS	12
#define WHEEL_PHASE	512

static struct wheel_timer {
	struct timer_list tm;
	unsigned int delta;
	unsigned long fired;
} wheel[WHEEL_TIMERS];
static int wheel_timers;
static unsigned long wheel_begin;

static void wheel_fired(struct timer_list *tm)
{
	container_of(tm, struct wheel_timer, tm)->fired = jiffies;
}

static void wheel_off(void)
{
	while (wheel_timers)
		del_timer_sync(&wheel[--wheel_timers].tm);
}

static void do_wheel(int argc, char **argv)
{
	unsigned int phase;
	int i;

	wheel_off();
	if (argc < 1 || kstrtouint(argv[0], 0, &phase) || phase >= WHEEL_PHASE) {
		note("wheel what\n");
		return;
	}
	while ((jiffies & (WHEEL_PHASE - 1)) != phase)
		usleep_range(1000, 1000);
	wheel_begin = jiffies;
	for (i = 1; i < argc && wheel_timers < WHEEL_TIMERS; i++) {
		struct wheel_timer *timer = &wheel[wheel_timers];

		if (kstrtouint(argv[i], 0, &timer->delta))
			break;
		timer->fired = 0;
		timer_setup(&timer->tm, wheel_fired, 0);
		mod_timer(&timer->tm, wheel_begin + timer->delta);
		wheel_timers++;
	}
	note("wheel: %d timers\n", wheel_timers);
}

static void do_fired(void)
{
	int i;

	for (i = 0; i < wheel_timers; i++) {
		if (wheel[i].fired)
			note("wheel %u: after %lu\n", wheel[i].delta, wheel[i].fired - wheel_begin);
		else
			note("wheel %u: not yet\n", wheel[i].delta);
	}
}

/* ---- the whole machine's lines -------------------------------------------- */

static unsigned long probed;

static void do_probe(bool on)
{
	if (on)
		probed = probe_irq_on();
	else
		note("probe: %d\n", probe_irq_off(probed));
}

static int pressed[PRESSURE];
static unsigned int pressed_lines, pressed_requests;

static irqreturn_t pressed_handler(int irq, void *dev)
{
	return IRQ_HANDLED;
}

static void pressure_off(void)
{
	unsigned int i;

	for (i = 0; i < pressed_lines; i++) {
		if (i < pressed_requests)
			free_irq(pressed[i], pressed);
		irq_dispose_mapping(pressed[i]);
	}
	pressed_lines = pressed_requests = 0;
}

/* The domain of vectors lies behind every line of the I/O APIC; that of acpi is always there. */
static void pressure_on(unsigned int count)
{
	struct irq_data *data = irq_get_irq_data(9);
	struct irq_alloc_info info = { };
	int error = 0, irq;

	pressure_off();
	if (!data || !data->parent_data) {
		note("pressure: no domain\n");
		return;
	}
	while (pressed_lines < min_t(unsigned int, count, PRESSURE)) {
		irq = irq_domain_alloc_irqs(data->parent_data->domain, 1, NUMA_NO_NODE, &info);
		if (irq < 0)
			break;
		irq_set_handler(irq, handle_edge_irq);
		pressed[pressed_lines++] = irq;
	}
	for (; pressed_requests < pressed_lines && !error; pressed_requests += !error)
		error = request_irq(pressed[pressed_requests], pressed_handler, 0, "pressed", pressed);
	note("pressure: %u lines, %u requested, error %d\n", pressed_lines, pressed_requests, error);
}

static DEFINE_PER_CPU(int, instance);

static unsigned int type_of(const char *name)
{
	return !strcmp(name, "both") ? IRQ_TYPE_EDGE_BOTH : flag_of(name);
}

static void run(char *line)
{
	char *argv[16];
	int argc = 0, irq = 0;
	unsigned int number = 1, i;

	while (argc < ARRAY_SIZE(argv) && (argv[argc] = strsep(&line, " \n")))
		if (*argv[argc])
			argc++;
	if (!argc)
		return;
	if (!strcmp(argv[0], "edu")) {
		do_edu(argc, argv);
		return;
	}
	if (!strcmp(argv[0], "chip") && argc > 1) {
		do_chip(argv[1], argc == 2);
		return;
	}
	if (!strcmp(argv[0], "probe") && argc > 1) {
		do_probe(argv[1][1] == 'n');
		return;
	}
	if (!strcmp(argv[0], "place")) {
		for (i = 1; i < argc; i++)
			do_place(argv[i]);
		return;
	}
	if (!strcmp(argv[0], "rcu") && argc > 1 && !kstrtouint(argv[1], 0, &number) && number && number <= CALLBACKS) {
		do_rcu(number);
		return;
	}
	if (!strcmp(argv[0], "rounds") && argc > 2 && !kstrtouint(argv[2], 0, &number) && number) {
		do_rounds(argv[1], number);
		return;
	}
	if (!strcmp(argv[0], "wheel")) {
		do_wheel(argc - 1, argv + 1);
		return;
	}
	if (!strcmp(argv[0], "fired")) {
		do_fired();
		return;
	}
	if (!strcmp(argv[0], "pressure") && argc > 1) {
		if (argc > 2 && !kstrtouint(argv[2], 0, &number))
			pressure_on(number);
		else
			pressure_off();
		return;
	}
	if (argc < 2 || kstrtoint(argv[1], 0, &irq)) {
		note("%s what\n", argv[0]);
		return;
	}
	if (!strcmp(argv[0], "request") || !strcmp(argv[0], "any")) {
		do_request(argv[0][0] == 'a', irq, argc, argv);
		return;
	}
	if (irq < FIRST_IRQ || irq >= FIRST_IRQ + LINES) {
		note("%d is no line of this module\n", irq);
		return;
	}
	if (argc > 2 && (!strcmp(argv[0], "raise") || !strcmp(argv[0], "flood") || !strcmp(argv[0], "crowd")) && kstrtouint(argv[2], 0, &number))
		number = 1;
	if (!strcmp(argv[0], "raise"))
		for (i = 0; i < min(number, 8u); i++)
			do_raise(irq);
	else if (!strcmp(argv[0], "flood"))
		do_flood(irq, number);
	else if (!strcmp(argv[0], "free") && argc > 2)
		do_free(irq, argv[2]);
	else if (!strcmp(argv[0], "flow") && argc > 2)
		do_flow(irq, argv[2]);
	else if (!strcmp(argv[0], "status") && argc > 2)
		do_status(irq, argv[2], argc == 3);
	else if (!strcmp(argv[0], "crowd") && argc > 2)
		do_crowd(irq, number, argc - 3, argv + 3);
	else if (!strcmp(argv[0], "disperse"))
		do_disperse(irq);
	else if (!strcmp(argv[0], "percpu"))
		note("percpu %d: %d\n", irq, request_percpu_irq(irq, handler, "percpu", &instance));
	else if (!strcmp(argv[0], "nested"))
		handle_nested_irq(irq);
	else if (!strcmp(argv[0], "sync")) {
		synchronize_irq(irq);
		note("sync %d\n", irq);
	} else if (!strcmp(argv[0], "hard"))
		note("hard %d: %d\n", irq, disable_hardirq(irq));
	else if (!strcmp(argv[0], "enable"))
		enable_irq(irq);
	else if (!strcmp(argv[0], "disable"))
		disable_irq(irq);
	else if (!strcmp(argv[0], "nosync"))
		disable_irq_nosync(irq);
	else if (!strcmp(argv[0], "inject"))
		note("inject %d: %d\n", irq, irq_inject_interrupt(irq));
	else if (!strcmp(argv[0], "type") && argc > 2)
		note("type %d: %d\n", irq, irq_set_irq_type(irq, type_of(argv[2])));
	else if (!strcmp(argv[0], "wake") && argc > 2)
		note("wake %d: %d\n", irq, irq_set_irq_wake(irq, argv[2][1] == 'n'));
	else if (!strcmp(argv[0], "state"))
		do_state(irq);
	else
		note("no such command: %s\n", argv[0]);
}

static ssize_t command(struct file *file, const char __user *from, size_t count, loff_t *offset)
{
	char *line;

	if (count > 256)
		return -EINVAL;
	line = memdup_user_nul(from, count);
	if (IS_ERR(line))
		return PTR_ERR(line);
	mutex_lock(&command_lock);
	log_used = 0;
	run(line);
	/* Threads, tasklets, work and timers that it started come to an end. */
	msleep(30);
	mutex_unlock(&command_lock);
	kfree(line);
	return count;
}

static int show(struct seq_file *m, void *v)
{
	seq_write(m, log_text, log_used);
	return 0;
}

static int open(struct inode *inode, struct file *file)
{
	return single_open(file, show, NULL);
}

static const struct proc_ops operations = {
	.proc_open	= open,
	.proc_read	= seq_read,
	.proc_lseek	= seq_lseek,
	.proc_release	= single_release,
	.proc_write	= command,
};

static int __init test_init(void)
{
	int error, i;

	error = irq_alloc_descs(FIRST_IRQ, FIRST_IRQ, LINES, NUMA_NO_NODE);
	if (error < 0)
		return error;
	for (i = 0; i < LINES; i++) {
		do_flow(FIRST_IRQ + i, "level");
		irq_modify_status(FIRST_IRQ + i, IRQ_NOREQUEST, 0);
	}
	if (!proc_create("tophalf_test", 0644, NULL, &operations)) {
		irq_free_descs(FIRST_IRQ, LINES);
		return -ENOMEM;
	}
	return 0;
}

static void __exit test_exit(void)
{
	size_t i;

	remove_proc_entry("tophalf_test", NULL);
	for (i = 0; i < ACTIONS; i++)
		if (actions[i].used)
			do_free(actions[i].irq, actions[i].name);
	edu_off();
	wheel_off();
	pressure_off();
	rcu_barrier();
	irq_free_descs(FIRST_IRQ, LINES);
}

module_init(test_init);
module_exit(test_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Drives the interrupt core from a script");
