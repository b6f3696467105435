# SPDX-License-Identifier: MIT
# What tests: the targets, then the programs.  A unit test is one file, tests/unit/test_NAME.c.
selftest: ## inject known instructions and find them; MODE=parallel: how often it does
	@scripts/setup.sh build run
	@$(MAKE) --no-print-directory -s bench build/guest.cpio
	@scripts/campaign/selftest.sh

converge: ## lockstep mode with other turns and other prices of a PAUSE: how far do rows move?
	@scripts/setup.sh build run
	@$(MAKE) --no-print-directory -s bench build/guest.cpio
	@scripts/campaign/converge.sh

soak: ## treat the software device roughly, on kernels with KASAN and lockdep; SOAK_SECONDS=600
	@scripts/setup.sh build run unit
	@$(MAKE) --no-print-directory -s bench tests build/guest.cpio
	@scripts/guest/soak.sh

fuzz: ## hostile requests to the module, in guests; COUNT= SEED= KERNELS= DEBUG= MODE= FUZZ=requests|kills|failures
	@scripts/setup.sh build run
	@$(MAKE) --no-print-directory -s bench build/tests/fuzz_module build/guest.cpio
	@scripts/guest/fuzz.sh

sweep: ## what else mm does to an exclusive page, a line a state and kernel; KERNELS= DEBUG=1|0 STATES= OUT=
	@scripts/setup.sh build run
	@$(MAKE) --no-print-directory -s bench build/tests/sweep build/guest.cpio
	@scripts/guest/sweep.sh

# What parts need is looked for and built, then they run.
set_up_parts	= @steps=$$(scripts/parts.sh steps $(1)) && scripts/setup.sh $(2) $$steps $${JUNIT:+junit}
build_parts	= +@targets=$$(scripts/parts.sh targets $(1)) && $(MAKE) --no-print-directory -s $$targets

quick: ## tests that need no network, no root and no guest, in under a minute; K= as for check
	$(call set_up_parts,quick,--install-nothing)
	$(call build_parts,quick)
	@scripts/check.sh quick

check: ## every test, quick ones first; PART="x y" parts, K=REGEX checks by name (and those that these rely on); TAP=1, JUNIT=FILE
	$(call set_up_parts,$${PART:-check})
	$(call build_parts,$${PART:-check})
	@scripts/check.sh $${PART:-check}

check-long: ## what check has no time for: kernels of another compiler, configuration, series, fuzzing; PART= chooses
	$(call set_up_parts,$${PART:-long})
	$(call build_parts,$${PART:-long})
	@scripts/check.sh $${PART:-long}

shell: ## a guest with a prompt on this terminal, module loaded; KERNEL=spec MODE= CPUS= MEMORY=; GDB=1: it waits for gdb
	@KERNELS="| $$KERNEL" scripts/setup.sh build run
	@$(MAKE) --no-print-directory -s build/guest.cpio
	@scripts/guest/shell.sh

hostile: ## 10,000 spoiled directories of results, a quarter of an hour; COUNT= SEED= choose
	@scripts/setup.sh build plots
	@$(MAKE) --no-print-directory -s bench
	@tests/fuzz/mutated.sh "$${COUNT:-10000}" "$${SEED:-1}"

check-stats: ## simulate campaigns: how often verdicts are right (a few minutes); the table that is kept?
	@scripts/setup.sh build
	@$(MAKE) --no-print-directory -s build/tests/check_stats
	@build/tests/check_stats | tee build/check-stats.txt && cmp build/check-stats.txt results/check-stats.txt

# Of tests; the programs are built with -Werror by the part static.
syntax:
	$(CC) $(CFLAGS_ALL) -Werror -fsyntax-only $(wildcard tests/*/*.c)

.PHONY: tests quick check check-long hostile check-stats selftest converge soak fuzz sweep shell syntax

tests := $(patsubst tests/unit/%.c,build/tests/%,$(sort $(wildcard tests/unit/test_*.c))) $(addprefix build/tests/,check_stats ptx_dump)
guest_tests := $(addprefix build/tests/,module_test trace_check soak sweep fuzz_module)
tests: $(tests) $(guest_tests) $(addsuffix /libcuda.so.1,$(addprefix build/tests/stub/,now old new bare)) \
	build/tests/stub/opencl/libOpenCL.so.1 ## build the unit tests

# The linker takes what a test needs out of all that the programs are made of, and the tests' helpers; a file
# of which a test defines all that is asked for stays out.  The plugin and dex-compare have a table_find() each;
# the one that stands first is taken, and dex-compare's would bring the rest of dex-compare along.
suite := $(plugin_src) $(filter-out %/main.c,$(sort $(shell find bench -name '*.c' -o -name '*.cc'))) \
	$(filter-out tests/unit/test_%,$(sort $(wildcard tests/unit/*.c))) tests/stub/fake_qemu.c
build/tests/suite.a: $(call objects,$(suite))
	@rm -f $@
	ar rcs --thin $@ $^

# A function that a test has as __wrap_NAME is called in place of NAME.
wrapped = $(addprefix -Wl$(comma)--wrap=,$(sort $(shell grep -ohE '\<__wrap_[a-z0-9_]+' $(1) | sed 's/__wrap_//')))
comma := ,
linked = $(filter %.o,$^) $(filter %.a,$^)
build/tests/test_%: tests/unit/test_%.c build/tests/unit/test_%.c.o
	$(CXX) $(LDFLAGS) $(call wrapped,$<) -o $@ $(linked) $(suite_libs)
build/tests/check_stats: $(call objects,$(sort $(wildcard tests/sim/check_stats*.c)))
build/tests/ptx_dump: $(call objects,tests/stub/ptx_dump.c)
build/tests/check_stats build/tests/ptx_dump:
	$(CXX) $(LDFLAGS) -o $@ $(linked) $(suite_libs)
suite_libs := -lcmocka -lbenchmark -lhwloc -lmd -ljansson -lgsl -lgslcblas -lm -lz -lpthread
$(tests): build/tests/suite.a

# These run in guests.
build/guest/tests/suite.a: $(call guest_objects,$(sort $(shell find bench/lib -name '*.c')) tests/module/leftover.c)
	@rm -f $@
	ar rcs --thin $@ $^
build/tests/module_test: $(call guest_objects,$(sort $(wildcard tests/module/module_*.c)))
build/tests/fuzz_module: $(call guest_objects,$(sort $(wildcard tests/fuzz/module/*.c)))
build/tests/soak: $(call guest_objects,tests/module/soak.c)
build/tests/sweep: $(call guest_objects,tests/module/sweep.c)
build/tests/trace_check: $(call guest_objects,tests/module/trace_check.c)
$(guest_tests): build/guest/tests/suite.a
	@mkdir -p $(@D)
	$(call baseline,$(CC) $(LDFLAGS)) -Wl,--as-needed -o $@ $(linked) -ljansson -lpthread

# Drivers without a GPU: one as they are, one that lacks a function, one with a new name for
# another, one that has that one under no name.
build/tests/stub/%/libcuda.so.1: tests/stub/stub_libcuda.c tests/stub/stub_exclusive.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -DSTUB_$(shell echo $* | tr a-z A-Z) -fPIC -shared -o $@ $<
build/tests/stub/opencl/libOpenCL.so.1: tests/stub/stub_libopencl.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -fPIC -shared -o $@ $<
build/tests/%.c.o: tests/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<
build/guest/tests/%.c.o: tests/%.c
	@mkdir -p $(@D)
	$(call baseline,$(CC) $(CFLAGS_ALL)) -MMD -MP -c -o $@ $<
include tests/fuzz/fuzz.mk
