// SPDX-License-Identifier: MIT
#include "plugin/attach.h"

#include <string.h>

PLUGIN_EXPORT int qemu_plugin_version = DEX_PLUGIN_API;

static qemu_plugin_id_t own;
static attach_translation_fn translation, next;
static void (*ending)(void);

static void register_all(void);

#if DEX_PLUGIN_API < 7
static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	translation(tb);
}

static void on_exit_of_qemu(qemu_plugin_id_t id, void *user)
{
	(void)id;
	(void)user;
	ending();
}

static void on_reset(qemu_plugin_id_t id)
{
	(void)id;
	translation = next;
	register_all();
}

static void register_all(void)
{
	qemu_plugin_register_vcpu_tb_trans_cb(own, on_translation);
	qemu_plugin_register_atexit_cb(own, on_exit_of_qemu, NULL);
}

void attach_anew(attach_translation_fn fn)
{
	next = fn;
	qemu_plugin_reset(own, on_reset);
}
#else
static void on_translation(struct qemu_plugin_tb *tb, void *user)
{
	(void)user;
	translation(tb);
}

static void on_exit_of_qemu(void *user)
{
	(void)user;
	ending();
}

static void on_reset(void *user)
{
	(void)user;
	translation = next;
	register_all();
}

static void register_all(void)
{
	qemu_plugin_register_vcpu_tb_trans_cb(own, on_translation, NULL);
	qemu_plugin_register_atexit_cb(own, on_exit_of_qemu, NULL);
}

void attach_anew(attach_translation_fn fn)
{
	next = fn;
	qemu_plugin_reset(own, on_reset, NULL);
}
#endif

void attach(qemu_plugin_id_t id, attach_translation_fn fn, void (*at_exit)(void))
{
	own = id;
	translation = fn;
	ending = at_exit;
	register_all();
}

size_t attach_bytes(const struct qemu_plugin_insn *from, uint8_t *to, size_t n)
{
#if DEX_PLUGIN_API < 3
	size_t size = qemu_plugin_insn_size(from);

	n = n < size ? n : size;
	memcpy(to, qemu_plugin_insn_data(from), n);
	return n;
#else
	return qemu_plugin_insn_data(from, to, n);
#endif
}
