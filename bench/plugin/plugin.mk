# SPDX-License-Identifier: MIT
# One plugin for each version of QEMU's interface that is spoken; they differ in attach.c.
.PHONY: plugins
plugin_apis := 1 2 3 4 5 6 7
plugins: $(patsubst %,build/plugin/libdexplugin-%.so,$(plugin_apis))
plugin_src := $(sort $(wildcard bench/plugin/*.c)) $(wildcard bench/lib/arch/$(arch)/*.c)
build/plugin/pic/%.o: bench/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -fPIC -fvisibility=hidden -MMD -MP -c -o $@ $<
build/plugin/libdexplugin-%.so: bench/plugin/attach.c \
		$(patsubst bench/%.c,build/plugin/pic/%.o,$(filter-out bench/plugin/attach.c,$(plugin_src))) \
		$(wildcard bench/plugin/*.h bench/lib/arch/*.h bench/lib/arch/$(arch)/*.h)
	$(CC) $(CFLAGS_ALL) -DDEX_PLUGIN_API=$* -fPIC -fvisibility=hidden -shared -o $@ $(filter %.c %.o,$^)
