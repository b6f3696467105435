# SPDX-License-Identifier: MIT
# Parsers under libFuzzer, with AddressSanitizer and UndefinedBehaviorSanitizer: the programs' own
# sources, compiled to run in tests/fuzz/room.h's room.
fuzz_cc		?= clang
fuzz_flags	= -O2 -g -std=gnu11 -Ibench -I. -fno-omit-frame-pointer -fno-sanitize-recover=undefined \
		  -fsanitize=fuzzer-no-link,address,undefined
# The program's, not the room's.
fuzz_names	= -D_GNU_SOURCE= -Dmain=room_program $(foreach f,malloc calloc realloc free strndup fopen fclose open_memstream mkdir,-D$f=room_$f) -include tests/fuzz/room.h
fuzz_room	:= $(addprefix build/fuzz/tests/fuzz/,room.c.o memory.c.o mutate.c.o)
fuzz_targets	:= $(addprefix build/fuzz/fuzz_,compare hub plan attribute windows series)

fuzz-parsers: $(fuzz_targets) ## build/fuzz/fuzz_*: dex-compare, its compare.json, dex-plan, attribution, the plugin's windows, reports on series under libFuzzer

fuzz_tool	:= $(stats) $(wildcard bench/lib/core/*.c)
fuzz_objects	= $(patsubst bench/%,build/fuzz/%.o,$(filter-out bench/lib/core/die.c,$(1)))
build/fuzz/fuzz_compare build/fuzz/fuzz_hub build/fuzz/fuzz_attribute: $(call fuzz_objects,$(compare_src) $(fuzz_tool))
build/fuzz/fuzz_plan: $(call fuzz_objects,$(plan_src) $(fuzz_tool))
build/fuzz/fuzz_windows: $(call fuzz_objects,$(filter-out bench/compare/% bench/report/% bench/results/% bench/attribute/attribute.c,$(compare_src) $(fuzz_tool)))
build/fuzz/fuzz_series: $(call fuzz_objects,$(filter-out %/main.c,$(compare_src)) $(fuzz_tool))
$(fuzz_targets): build/fuzz/fuzz_%: build/fuzz/tests/fuzz/fuzz_%.c.o $(fuzz_room)
	$(fuzz_cc) -fsanitize=fuzzer,address,undefined $(LDFLAGS) -o $@ $^ -ljansson -lgsl -lgslcblas -lm -lz

build/fuzz/tests/fuzz/%.c.o: tests/fuzz/%.c
	@mkdir -p $(@D)
	$(fuzz_cc) $(fuzz_flags) -MMD -MP -c -o $@ $<
# Its files are the room's; what it checks of JSON is its own.
build/fuzz/lib/core/input.c.o: fuzz_names += $(foreach f,within exists read unpack,-Dinput_$f=disk_$f)
build/fuzz/lib/core/version.c.o: fuzz_flags += -DDEXBENCH_VERSION='"fuzz"'
build/fuzz/%.c.o: bench/%.c
	@mkdir -p $(@D)
	$(fuzz_cc) $(fuzz_flags) $(fuzz_names) -MMD -MP -c -o $@ $<

.PHONY: fuzz-parsers
