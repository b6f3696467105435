# dexbench: make help lists the targets.
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := bench
include scripts/variables.mk

CC	?= gcc
CXX	?= g++
ifeq ($(origin CC),default)
CC	:= gcc
endif
ifeq ($(origin CXX),default)
CXX	:= g++
endif
OPT	?= -O2 -g
VERSION	:= $(shell cat .version 2>/dev/null || git -c safe.directory="*" describe --always --dirty 2>/dev/null || echo unknown)

# What an initializer leaves out is zero and meant so; clang warns of it even where members have names.
WARN	:= -Wall -Wextra -Wshadow -Wundef -Wno-missing-field-initializers
CFLAGS_ALL	= $(OPT) $(WARN) -std=gnu11 -Wstrict-prototypes -Wmissing-prototypes \
		  -Ibench -I. $(CFLAGS)
CXXFLAGS_ALL	= $(OPT) $(WARN) -std=c++17 -Ibench $(CXXFLAGS)

# The one there is; bench/lib/, scripts/ and kernel-module/ have a directory arch/ each.
arch	:= x86
cases	:= $(sort $(wildcard bench/cases/*.c))
gpu	:= $(sort $(wildcard bench/gpu/*.c))
objects	= $(patsubst %,build/%.o,$(1:bench/%=%))
include bench/lib/lib.mk

dexbench_src	:= $(sort $(wildcard bench/runner/*.c)) bench/runner/cbench/cbench.cc $(cases)
stats	:= $(sort $(wildcard bench/stats/*.c))
results	:= $(sort $(wildcard bench/results/*.c))
compare_src	:= $(results) $(sort $(wildcard bench/compare/*.c bench/report/*.c bench/attribute/*.c))
plan_src	:= $(results) $(sort $(wildcard bench/plan/*.c)) bench/report/layout.c

bench: build/dexbench build/dex-compare build/dex-plan plugins ## build dexbench for this machine (bare metal: run it as root)

# argp is the C library's; where that is musl, a library of its own.
argp	:= $(if $(wildcard /usr/lib/libargp.*),-largp)
# It is linked in where it can be: a look-up of a VMA walks past all that the loader maps.
md	:= $(or $(filter /%,$(shell $(CC) -print-file-name=libmd.a)),-lmd)
dexbench_libs	:= -lbenchmark -lhwloc $(md) -ljansson -lpthread -lz -ldl $(argp)
build/dexbench: $(call objects,$(dexbench_src)) build/gpu.a $(lib)
	$(CXX) $(LDFLAGS) -o $@ $^ $(dexbench_libs)

# What cases say of themselves, for whoever does not run them.  A new build that says the same makes nothing anew.
build/cases.json: build/dexbench
	@$< --list >$@.new && if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

build/results/known.c.o build/fuzz/results/known.c.o: build/cases.json

build/dex-compare: $(call objects,$(compare_src)) build/stats.a build/lib/core.a
build/dex-plan: $(call objects,$(plan_src)) build/stats.a build/lib/core.a
build/dex-compare build/dex-plan:
	$(CC) $(LDFLAGS) -o $@ $^ -ljansson -lgsl -lgslcblas -lm -lz $(argp)

include scripts/guest/guest.mk bench/plugin/plugin.mk tests/tests.mk scripts/install.mk scripts/bundle/bundle.mk plots/plots.mk

dax = $(if $(filter %/dax.config,$(CONFIG)),dax)
ab: ## compare kernels; KERNELS= CASES= MODE= BOOTS= OUT= choose, ENGINE=slurm queues; goes on with an unfinished OUT
	@scripts/setup.sh build run $(if $(PERF),perf) $(dax)
	@$(MAKE) --no-print-directory -s bench build/guest.cpio $(if $(PERF),build/guest-perf.cpio)
	@scripts/campaign/ab.sh

attribute: ## which function costs the difference? CASE=name KERNELS="A B", PARAMS= FUNCTION= CACHE=1; MODE=lockstep CPUS=
bisect: ## the commit that made a case dearer: TREE= GOOD= BAD= CASE= PARAMS= METRIC= THRESHOLD= OUT=
ladder: ## what each commit of a series costs: TREE= BASE= TIP= CASES= OUT=
attribute: script := campaign/attribute
bisect: script := series/bisect
ladder: script := series/ladder
attribute bisect ladder:
	@scripts/setup.sh build run $(dax)
	@$(MAKE) --no-print-directory -s bench build/guest.cpio
	@scripts/$(script).sh

kernels: ## build or reuse the kernels (DEBUG=1: with KASAN, lockdep); prints spec, image, tree
	@scripts/setup.sh build run
	@scripts/kernel/kernels.sh

module: ## build build/module/dexbench.ko for the running kernel, or KDIR=build-tree
	@scripts/kernel/module.sh --tree="$$(realpath "$${KDIR:-/lib/modules/$$(uname -r)/build}")" --out=$(CURDIR)/build/module

gpu: ## atomics of this machine's GPU on shared memory; OUT=, GPU=cuda|opencl|model choose
	@scripts/setup.sh build gpu
	@$(MAKE) --no-print-directory -s bench
	@scripts/campaign/gpu.sh

tune: ## governor, turbo, THP, NUMA balancing as timing wants them (root, bare metal)
	@scripts/tune.sh $@
untune: ## restore exactly what `make tune` found
	@scripts/tune.sh $@

format: ## format the C files
	@scripts/format.sh

clean: ## remove what was built here (kernels stay in the cache)
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(filter-out %.d,$(MAKEFILE_LIST)) | expand -t 13

.PHONY: FORCE bench gpu ab attribute bisect ladder kernels module tune untune format clean help

# Results name the commit that made them; a new one rebuilds one object.
build/version: FORCE
	@mkdir -p $(@D); echo $(call quote,$(VERSION)) | cmp -s - $@ || echo $(call quote,$(VERSION)) >$@
build/lib/core/version.c.o: CFLAGS_ALL += -DDEXBENCH_VERSION=$(call quote,"$(VERSION)")
build/lib/core/version.c.o: build/version

build/%.c.o: bench/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

build/%.cc.o: bench/%.cc
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS_ALL) -MMD -MP -c -o $@ $<

-include $(shell find build -name '*.d' 2>/dev/null)
