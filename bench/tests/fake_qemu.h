/* SPDX-License-Identifier: MIT */
/* A QEMU for tests of the plugin: it executes one instruction at a time, which is a block. */
#ifndef TESTS_FAKE_QEMU_H
#define TESTS_FAKE_QEMU_H

#include "plugin/qemu_api.h"

#define FAKE_CALLBACKS 2

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

/* Translate and execute. */
void fake_run(uint64_t addr, const char *bytes, size_t size);

#endif /* TESTS_FAKE_QEMU_H */
