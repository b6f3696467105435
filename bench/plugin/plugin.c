// SPDX-License-Identifier: MIT
/*
 * A QEMU plugin: what the guest executes between dexbench's own stamps.
 *
 * The guest is not changed for it.  A sample of any case is the difference of two readings
 * of the clock, a stamp (lib/arch/arch.h) in the module or in dexbench, and that is what the plugin
 * looks for: nothing else in a guest has fences on both sides of a reading of the clock.  Which readings belong to samples that are kept is
 * said by two no-operations that dexbench always executes around its sampling (lib/arch/mark.h).
 * So guests with and without the plugin run the same instructions, and in exact mode have
 * the same clock; the tests compare their samples bit by bit.
 *
 * Arguments: out=FILE to write when QEMU ends; entries=FILE, lines of
 *
 *   fault|trap|interrupt ADDRESS        where the processor enters the kernel
 *   after|from|to ADDRESS               of a span (record.h), if there is to be one
 *   modules ADDRESS                     what is above is no text of the kernel's
 *   stubs ADDRESS ADDRESS               from, to: interrupts' stubs (K_STUB)
 *   percpu ADDRESS ADDRESS              from, to: symbols of CPUs' own variables
 *   read_lock|sleep|... ADDRESS         a function whose calls are counted (count.h)
 *
 * in hexadecimal; cache=on to keep which lines were touched; events=on to count events, in
 * windows of the kernel and outside of them, on all CPUs; probe=on to say on standard
 * output which versions of the interface this QEMU speaks, and end it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arch/arch.h"
#include "lib/arch/decode.h"
#include "plugin/attach.h"
#include "plugin/count.h"
#include "plugin/qemu_api.h"
#include "plugin/record.h"
#include "plugin/table.h"
#include "plugin/write.h"

#define MAX_ENTRIES 256
#define MAX_BYTES   16

static struct {
	uint64_t addr;
	enum entry entry;
	enum role role;
	enum event event;
} entries[MAX_ENTRIES];
static size_t n_entries;
static uint64_t stubs_from, stubs_to;
static int is_ready; /* MARK_READY was passed */
static const char *out;
static int api;

static struct table insn_table;
static struct insn **known;
static struct {
	struct insn *candidate; /* a reading of the clock behind a fence, executed just now */
	uint64_t last_fence;
} cpu_state[RECORD_CPUS];

static void look_up(struct insn *insn)
{
	if (insn->addr >= stubs_from && insn->addr < stubs_to && insn->kind == K_STUB)
		insn->entry = E_INTERRUPT;
	for (size_t i = 0; i < n_entries; i++) {
		if (entries[i].addr != insn->addr)
			continue;
		insn->entry |= (uint8_t)entries[i].entry;
		insn->role |= (uint8_t)entries[i].role;
		insn->event |= (uint8_t)entries[i].event;
	}
	if (insn->kind == K_PAUSE)
		insn->event = EV_PAUSE;
}

/* Known by its address and its bytes: programs lie over each other, the kernel patches itself. */
static struct insn *insn_of(const struct qemu_plugin_insn *from)
{
	uint64_t addr = qemu_plugin_insn_vaddr(from), part[2] = { 0 };
	uint8_t bytes[MAX_BYTES] = { 0 };
	size_t n = attach_bytes(from, bytes, MAX_BYTES);
	struct insn *insn;
	uint32_t id;
	int new;

	memcpy(part, bytes, sizeof(part));
	id = table_index(&insn_table, table_mix(table_mix(table_mix(addr) + part[0]) + part[1]) | 1,
			 &new);
	if (!new)
		return known[id];
	insn = table_realloc(NULL, 1, sizeof(*insn));
	*insn = (struct insn){ .addr = addr, .size = (uint8_t)n };
	insn->kind = (uint8_t)decode(bytes, n);
	insn->reach = (uint8_t)decode_reach(bytes, n);
	insn->relative = decode_relative(bytes, n);
	look_up(insn);
	TABLE_ROOM(known, (size_t)id);
	known[id] = insn;
	return insn;
}

static void on_insn(unsigned int cpu, void *user)
{
	if (record_on)
		record_insn(cpu, user);
}

static void on_event(unsigned int cpu, void *user)
{
	count_insn(cpu, user);
}

static void on_access(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t addr, void *user)
{
	if (record_on)
		record_access(cpu, user, addr, qemu_plugin_mem_is_store(info));
}

/* What is known of a line must not begin with the marks. */
static void on_line(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t addr, void *user)
{
	struct qemu_plugin_hwaddr *where;

	if (!is_ready)
		return;
	where = qemu_plugin_get_hwaddr(info, addr);
	on_access(cpu, info, addr, user);
	if (where && !qemu_plugin_hwaddr_is_io(where))
		count_access(cpu, user, addr, qemu_plugin_hwaddr_phys_addr(where),
			     qemu_plugin_mem_is_store(info));
}

static void on_mark(unsigned int cpu, void *user)
{
	(void)cpu;
	if (((struct insn *)user)->kind == K_MARK_BEGIN) {
		record_begin();
		count_begin();
	} else {
		count_end();
		record_end();
	}
}

/* It is a stamp once a fence was seen on either side of it; the warm-up sees to that. */
static void on_reading(unsigned int cpu, void *user)
{
	struct insn *insn = user;

	if (insn->is_stamp)
		record_stamp(cpu, arch_is_kernel(insn->addr) ? IN_KERNEL : IN_USER);
	cpu_state[cpu].candidate =
		cpu_state[cpu].last_fence + ARCH_FENCE_BYTES == insn->addr ? insn : NULL;
}

static void on_fence(unsigned int cpu, void *user)
{
	struct insn *candidate = cpu_state[cpu].candidate;
	uint64_t addr = ((struct insn *)user)->addr;

	cpu_state[cpu].last_fence = addr;
	if (candidate && !candidate->is_stamp && candidate->addr + candidate->size == addr)
		record_new_stamp(candidate);
}

static void on_ready(unsigned int cpu, void *user);

/* What is called for an instruction is called in this order. */
static void watch(struct qemu_plugin_insn *handle, struct insn *insn)
{
	qemu_plugin_vcpu_udata_cb_t more = NULL;

	if (insn->kind == K_READING)
		more = on_reading;
	else if (insn->kind == K_FENCE)
		more = on_fence;
	else if (insn->kind == K_MARK_BEGIN || insn->kind == K_MARK_END)
		more = on_mark;
	else if (insn->kind == K_MARK_READY)
		more = on_ready;
	else if (record_events && (insn->event || insn->kind == K_CALL))
		more = on_event;
	qemu_plugin_register_vcpu_insn_exec_cb(handle, on_insn, QEMU_PLUGIN_CB_NO_REGS, insn);
	if (more)
		qemu_plugin_register_vcpu_insn_exec_cb(handle, more, QEMU_PLUGIN_CB_NO_REGS, insn);
	qemu_plugin_register_vcpu_mem_cb(handle, record_events ? on_line : on_access,
					 QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, insn);
}

static void on_translation(struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *handle = qemu_plugin_tb_get_insn(tb, i);

		watch(handle, insn_of(handle));
	}
}

/*
 * Afterwards everything is watched.  With events it is from the start: to translate anew is
 * work that QEMU's loop over several CPUs is interrupted for, and in lockstep mode others'
 * turns would begin elsewhere.
 */
static void on_ready(unsigned int cpu, void *user)
{
	(void)cpu;
	(void)user;
	if (!is_ready && !record_events)
		attach_anew(on_translation);
	is_ready = 1;
}

/* Of the kernel's boot, which is most of what a guest executes, nothing is wanted. */
static void on_early_translation(struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *handle = qemu_plugin_tb_get_insn(tb, i);
		uint8_t bytes[MAX_BYTES];

		if (decode(bytes, attach_bytes(handle, bytes, MAX_BYTES)) == K_MARK_READY)
			qemu_plugin_register_vcpu_insn_exec_cb(handle, on_ready,
							       QEMU_PLUGIN_CB_NO_REGS, NULL);
	}
}

static void on_exit_of_qemu(void)
{
	if (write_record(out, api))
		fprintf(stderr, "dexplugin: cannot write %s: %s\n", out, strerror(errno));
}

static int add_entry(const char *word, uint64_t addr)
{
	static const struct {
		const char *word;
		enum entry entry;
		enum role role;
	} words[] = { { "fault", E_FAULT, R_NONE },	    { "trap", E_TRAP, R_NONE },
		      { "interrupt", E_INTERRUPT, R_NONE }, { "after", E_NONE, R_AFTER },
		      { "from", E_NONE, R_FROM },	    { "to", E_NONE, R_TO } };

	if (!strcmp(word, "modules")) {
		record_modules = addr;
		return 1;
	}
	if (count_event_of(word) && n_entries < MAX_ENTRIES) {
		entries[n_entries].addr = addr;
		entries[n_entries++].event = count_event_of(word);
		return 1;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && n_entries < MAX_ENTRIES; i++) {
		if (strcmp(words[i].word, word))
			continue;
		entries[n_entries].addr = addr;
		entries[n_entries].role = words[i].role;
		entries[n_entries++].entry = words[i].entry;
		return 1;
	}
	return 0;
}

/* How many lines were understood, or -1. */
static int read_entries(const char *path)
{
	FILE *f = fopen(path, "r");
	uint64_t from, to;
	char line[128], word[16];
	int n = 0, fields;

	while (f && fgets(line, sizeof(line), f)) {
		fields = sscanf(line, "%15s %" SCNx64 " %" SCNx64, word, &from, &to);
		if (fields == 3 && !strcmp(word, "stubs")) {
			stubs_from = from;
			stubs_to = to;
		} else if (fields == 3 && !strcmp(word, "percpu")) {
			count_percpu(from, to);
		} else if (fields != 2 || !add_entry(word, from)) {
			n = -1;
			break;
		}
		n++;
	}
	if (f)
		fclose(f);
	return f ? n : -1;
}

static int take(const char *argument)
{
	if (!strncmp(argument, "out=", 4))
		out = argument + 4;
	else if (!strncmp(argument, "entries=", 8))
		return read_entries(argument + 8) > 0;
	else if (!strcmp(argument, "cache=on") || !strcmp(argument, "cache=off"))
		record_touches = argument[7] == 'n';
	else if (!strcmp(argument, "events=on"))
		record_events = 1;
	else
		return 0;
	return 1;
}

PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
				      char **argv)
{
	if (argc == 1 && !strcmp(argv[0], "probe=on")) {
		printf("{\"min\": %d, \"cur\": %d}\n", info->version.min, info->version.cur);
		exit(0);
	}
	for (int i = 0; i < argc; i++)
		if (!take(argv[i])) {
			fprintf(stderr, "dexplugin: cannot use the argument %s\n", argv[i]);
			return -1;
		}
	if (!info->system_emulation || strcmp(info->target_name, ARCH_QEMU_TARGET) || !out) {
		fprintf(stderr, "dexplugin: for qemu-system-" ARCH_QEMU_TARGET ", with out=FILE\n");
		return -1;
	}
	if (info->system.max_vcpus > RECORD_CPUS) {
		fprintf(stderr, "dexplugin: for a machine of up to %d CPUs\n", RECORD_CPUS);
		return -1;
	}
	api = info->version.cur;
	attach(id, record_events ? on_translation : on_early_translation, on_exit_of_qemu);
	return 0;
}
