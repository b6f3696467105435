# SPDX-License-Identifier: MIT
# One for each version of QEMU's plugin interface that is spoken; see qemu_api.h.
.PHONY: plugins
plugins: build/plugin/libdexplugin-1.so build/plugin/libdexplugin-4.so
build/plugin/libdexplugin-%.so: $(wildcard bench/plugin/*.[ch]) bench/lib/mark.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -DDEX_PLUGIN_API=$* -fPIC -fvisibility=hidden -shared -o $@ $(filter %.c,$^)
