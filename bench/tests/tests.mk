# SPDX-License-Identifier: MIT
# What tests: the targets, then unit tests, one program a file, and what each links
# besides itself.
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
	@bench/tests/fuzz/mutated.sh "$${COUNT:-10000}" "$${SEED:-1}"

check-stats: ## simulate campaigns: how often verdicts are right (a few minutes); the table that is kept?
	@scripts/setup.sh build
	@$(MAKE) --no-print-directory -s build/tests/check_stats
	@build/tests/check_stats | tee build/check-stats.txt && cmp build/check-stats.txt results/check-stats.txt

# Of tests; the programs are built with -Werror by the part static.
syntax:
	$(CC) $(CFLAGS_ALL) -Werror -fsyntax-only $(wildcard bench/tests/*.c bench/tests/fuzz/*.c)

.PHONY: tests quick check check-long hostile check-stats selftest converge soak fuzz shell syntax

tests := $(patsubst bench/%.c,build/%,$(sort $(wildcard bench/tests/test_*.c))) build/tests/check_stats
tests: $(tests) $(addprefix build/tests/,module_test trace_check soak fuzz_module ptx_dump) \
	$(addsuffix /libcuda.so.1,$(addprefix build/tests/stub/,now old new bare)) build/tests/stub/opencl/libOpenCL.so.1 ## build the unit tests
build/tests/test_stats build/tests/test_interval build/tests/test_rank build/tests/test_warmup: \
	$(call objects,$(stats))
build/tests/check_stats: $(call objects,$(sort $(wildcard bench/tests/check_stats*.c)) $(stats))
	$(CC) $(LDFLAGS) -o $@ $^ -lgsl -lgslcblas -lm -lpthread
build/tests/test_json: $(call objects,bench/tests/child.c bench/lib/json.c bench/lib/input.c bench/lib/die.c bench/lib/quote.c)
build/tests/test_quote: $(call objects,$(addprefix bench/lib/,quote.c names.c die.c))
build/tests/test_input: $(call objects,bench/tests/child.c bench/tests/tree.c $(addprefix bench/lib/,input.c die.c quote.c))
build/tests/test_samples: $(call objects,bench/tests/child.c $(addprefix bench/lib/,samples.c json.c input.c die.c quote.c))
build/tests/test_dev: $(call objects,bench/tests/child.c bench/lib/dev.c bench/lib/die.c bench/lib/quote.c)
build/tests/test_dev: override LDFLAGS += -Wl,--wrap=open,--wrap=ioctl,--wrap=mmap
build/tests/test_device: $(call objects,bench/tests/child.c $(addprefix bench/lib/,device.c toucher.c dev.c mem.c \
			topo.c json.c input.c die.c quote.c))
build/tests/test_device: override LDFLAGS += -Wl,--wrap=open,--wrap=ioctl,--wrap=mmap,--wrap=munmap
build/tests/test_spread: $(call objects,bench/lib/spread.c)
build/tests/test_result: $(call objects,bench/tests/child.c bench/result.c bench/lib/json.c bench/lib/input.c \
			bench/lib/die.c bench/lib/quote.c bench/lib/clock.c)
build/tests/test_env: $(call objects,bench/tests/tree.c $(wildcard bench/lib/env*.c) \
			$(addprefix bench/lib/,clock.c die.c quote.c json.c input.c mem.c proc.c version.c))
build/tests/test_env: override LDFLAGS += -Wl,--wrap=klogctl
build/tests/test_family: $(call objects,bench/tests/child.c $(addprefix bench/lib/,family.c frames.c mem.c die.c quote.c))
build/tests/test_perf: $(call objects,bench/tests/tree.c $(addprefix bench/lib/,perf.c proc.c die.c quote.c))
build/tests/test_perf: override LDFLAGS += -Wl,--wrap=syscall,--wrap=ioctl,--wrap=read
build/tests/test_trace: $(call objects,bench/tests/tree.c bench/tests/child.c \
			$(addprefix bench/lib/,trace.c tracecost.c proc.c die.c quote.c))
build/tests/test_lockwait: $(call objects,$(addprefix bench/lib/,lockwait.c proc.c die.c quote.c))
build/tests/test_topo: $(call objects,bench/tests/child.c $(addprefix bench/lib/,topo.c die.c quote.c json.c input.c))
build/tests/test_topo: override LDFLAGS += -Wl,--wrap=hwloc_set_area_membind,--wrap=hwloc_get_area_memlocation
build/tests/test_team: $(call objects,bench/tests/child.c $(addprefix bench/lib/,team.c topo.c lockwait.c \
			proc.c json.c input.c die.c quote.c clock.c))
build/tests/test_frames: $(call objects,$(addprefix bench/lib/,frames.c family.c mem.c die.c quote.c))
build/tests/test_gpu: $(call objects,$(filter-out bench/gpu/select.c,$(gpu)) $(addprefix bench/lib/,die.c quote.c json.c input.c clock.c proc.c spread.c))
build/tests/test_gpu: override LDFLAGS += -Wl,--wrap=madvise
build/tests/test_plugin build/tests/test_count: $(call objects,$(addprefix bench/tests/,tree.c child.c fake_qemu.c) \
			bench/lib/die.c bench/lib/quote.c $(plugin_src))
build/tests/test_attribute build/tests/test_lockstep: $(call objects,bench/tests/tree.c bench/tests/child.c \
			$(wildcard bench/attribute/*.c) $(stats) $(addprefix bench/lib/,bounds.c die.c quote.c fields.c json.c input.c markup.c names.c samples.c))
build/tests/test_cbench: $(call objects,bench/tests/child.c bench/cbench/cbench.cc)
build/tests/test_%: build/tests/test_%.c.o
	$(CXX) $(LDFLAGS) -o $@ $^ -lcmocka -lbenchmark -lhwloc -lmd -ljansson -lgsl -lgslcblas -lm -lz
# These run in guests.
build/tests/module_test: $(call guest_objects,$(addprefix bench/tests/,module_test.c module_driver.c \
			module_device.c module_leave.c module_other.c module_owner.c \
			module_cgroup.c module_child.c module_revoke.c leftover.c) bench/lib/mem.c bench/lib/die.c bench/lib/quote.c)
	@mkdir -p $(@D)
	$(call baseline,$(CC) $(LDFLAGS)) -o $@ $^ -lpthread
build/tests/soak: $(call guest_objects,bench/tests/soak.c bench/tests/leftover.c)
	@mkdir -p $(@D)
	$(call baseline,$(CC) $(LDFLAGS)) -o $@ $^ -lpthread
build/tests/fuzz_module: $(call guest_objects,$(sort $(wildcard bench/tests/fuzz/module/*.c)) bench/tests/leftover.c)
	@mkdir -p $(@D)
	$(call baseline,$(CC) $(LDFLAGS)) -o $@ $^ -lpthread
build/tests/trace_check: $(call guest_objects,bench/tests/trace_check.c $(addprefix bench/lib/,trace.c tracecost.c \
			dev.c family.c frames.c mem.c proc.c die.c quote.c))
	@mkdir -p $(@D)
	$(call baseline,$(CC) $(LDFLAGS)) -o $@ $^ -ljansson
build/tests/ptx_dump: $(call objects,bench/tests/ptx_dump.c bench/gpu/cuda_ptx.c bench/lib/die.c bench/lib/quote.c)
	$(CC) $(LDFLAGS) -o $@ $^
# Drivers without a GPU: one as they are, one that lacks a function, one with a new name for
# another, one that has that one under no name.
build/tests/stub/%/libcuda.so.1: bench/tests/stub_libcuda.c bench/tests/stub_exclusive.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -DSTUB_$(shell echo $* | tr a-z A-Z) -fPIC -shared -o $@ $<
build/tests/stub/opencl/libOpenCL.so.1: bench/tests/stub_libopencl.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -fPIC -shared -o $@ $<
plan_tested := $(call objects,$(addprefix bench/plan/,model.c outcome.c fit.c) bench/lib/die.c bench/lib/quote.c $(stats))
build/tests/test_plan build/tests/test_plan_fit build/tests/test_plan_sim: $(plan_tested)
build/tests/test_plan_lock: $(call objects,bench/plan/lock.c bench/plan/members_fit.c bench/lib/die.c bench/lib/quote.c)
include bench/tests/fuzz/fuzz.mk
