// SPDX-License-Identifier: MIT
#include "fake_qemu.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/child.h"
#include "lib/arch/mark.h"
#include "tests/unit/tree.h"

struct qemu_plugin_tb fake_now;
size_t fake_resets;
static qemu_plugin_vcpu_tb_trans_cb_t translate;

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_tb_trans_cb_t cb)
{
	assert_int_equal(id, 7);
	translate = cb;
}

void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, qemu_plugin_udata_cb_t cb, void *user)
{
	(void)user;
	assert_true(id == 7 && cb);
}

void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    qemu_plugin_vcpu_udata_cb_t cb,
					    enum qemu_plugin_cb_flags flags, void *user)
{
	assert_true(flags == QEMU_PLUGIN_CB_NO_REGS && insn->n < FAKE_CALLBACKS);
	insn->cb[insn->n] = cb;
	insn->user[insn->n++] = user;
}

void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, qemu_plugin_vcpu_mem_cb_t cb,
				      enum qemu_plugin_cb_flags flags, enum qemu_plugin_mem_rw rw,
				      void *user)
{
	assert_true(flags == QEMU_PLUGIN_CB_NO_REGS && rw == QEMU_PLUGIN_MEM_RW);
	insn->access = cb;
	insn->access_user = user;
}

void qemu_plugin_reset(qemu_plugin_id_t id, qemu_plugin_simple_cb_t cb)
{
	fake_resets++;
	cb(id);
}

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb)
{
	(void)tb;
	return 1;
}

struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i)
{
	assert_int_equal(i, 0);
	return (struct qemu_plugin_insn *)&tb->insn;
}

uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn)
{
	return insn->addr;
}

size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn)
{
	return insn->size;
}

const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn)
{
	return insn->bytes;
}

bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info)
{
	return info;
}

struct qemu_plugin_hwaddr {
	uint64_t addr;
};

struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t info, uint64_t vaddr)
{
	static struct qemu_plugin_hwaddr last;

	(void)info;
	last.addr = vaddr;
	return &last;
}

bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *address)
{
	return address->addr == FAKE_DEVICE;
}

uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *address)
{
	return (uint32_t)address->addr; /* as far as the tests go */
}

void fake_run(uint64_t addr, const char *bytes, size_t size)
{
	fake_run_on(0, addr, bytes, size);
}

void fake_run_on(unsigned int cpu, uint64_t addr, const char *bytes, size_t size)
{
	fake_now = (struct qemu_plugin_tb){ .insn = { .addr = addr, .size = size } };
	memcpy(fake_now.insn.bytes, bytes, size);
	translate(7, &fake_now);
	for (size_t i = 0; i < fake_now.insn.n; i++)
		fake_now.insn.cb[i](cpu, fake_now.insn.user[i]);
}

void fake_access(unsigned int cpu, uint64_t addr, int is_store)
{
	fake_now.insn.access(cpu, (qemu_plugin_meminfo_t)is_store, addr, fake_now.insn.access_user);
}

void fake_mark(uint32_t number)
{
	char bytes[8] = { 0x0f, 0x1f, (char)0x84, 0 };
	uint32_t code = MARK_CODE + number;

	memcpy(bytes + 4, &code, sizeof(code));
	fake_run(0x555555554100u, bytes, sizeof(bytes));
}

static int load(int n, char **argv, int cpus)
{
	const qemu_info_t info = { .target_name = "x86_64",
				   .version = { 0, 1 },
				   .system_emulation = true,
				   .system = { cpus, cpus } };

	return qemu_plugin_install(7, &info, n, argv);
}

int fake_load(const char *entries, char *argument)
{
	char path[256], *argv[] = { "out=/dev/null", path, argument };

	snprintf(path, sizeof(path), "entries=%s/entries", tree_make());
	tree_put("/entries", entries);
	return load(3, argv, 2);
}

struct alone {
	char *argument;
	int cpus;
};

static void load_alone(void *user)
{
	struct alone *alone = user;

	_Exit(load(1, &alone->argument, alone->cpus) ? 3 : 0);
}

int fake_load_alone(char *argument, int cpus, char *said, size_t size)
{
	return child_run(load_alone, &(struct alone){ argument, cpus }, said, size);
}
