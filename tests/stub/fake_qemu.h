/* SPDX-License-Identifier: MIT */
/* A QEMU for tests of the plugin: it executes one instruction at a time, which is a block. */
#ifndef TESTS_FAKE_QEMU_H
#define TESTS_FAKE_QEMU_H

#include "plugin/qemu_api.h"

#define FAKE_CALLBACKS 2
#define FAKE_DEVICE    0xffffc90000001000u /* the address of one; all else is memory */

struct qemu_plugin_insn {
	uint64_t addr;
	uint8_t bytes[16];
	size_t size, n;
	qemu_plugin_vcpu_udata_cb_t cb[FAKE_CALLBACKS];
	void *user[FAKE_CALLBACKS];
	qemu_plugin_vcpu_mem_cb_t access;
	void *access_user;
};

struct qemu_plugin_tb {
	struct qemu_plugin_insn insn;
};

extern struct qemu_plugin_tb fake_now; /* executed last */
extern size_t fake_resets;

/* Load the plugin with "entries=" a file that says @entries, and @argument. */
int fake_load(const char *entries, char *argument);
/* Load it in a child, for nothing but what it says of @argument: the child's status, 3 for no. */
int fake_load_alone(char *argument, int cpus, char *said, size_t size);

/* Translate and execute, on the first CPU or on another. */
void fake_run(uint64_t addr, const char *bytes, size_t size);
void fake_run_on(unsigned int cpu, uint64_t addr, const char *bytes, size_t size);
void fake_mark(uint32_t number);
/* What was executed last reads or writes; physical addresses are the low halves. */
void fake_access(unsigned int cpu, uint64_t addr, int is_store);

#endif /* TESTS_FAKE_QEMU_H */
