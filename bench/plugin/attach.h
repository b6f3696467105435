/* SPDX-License-Identifier: MIT */
/* What differs between the versions of QEMU's plugin interface; nobody else asks for one. */
#ifndef PLUGIN_ATTACH_H
#define PLUGIN_ATTACH_H

#include <stddef.h>
#include <stdint.h>

#include "plugin/qemu_api.h"

typedef void (*attach_translation_fn)(struct qemu_plugin_tb *tb);

/* Calls @on_translation for each block that is translated, @at_exit when QEMU ends. */
void attach(qemu_plugin_id_t id, attach_translation_fn on_translation, void (*at_exit)(void));

/* Throws away what was translated; from then on @on_translation is called. */
void attach_anew(attach_translation_fn on_translation);

/* Up to @n bytes of an instruction; how many. */
size_t attach_bytes(const struct qemu_plugin_insn *from, uint8_t *to, size_t n);

#endif /* PLUGIN_ATTACH_H */
