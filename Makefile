# dexbench: make help lists the targets.
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := bench

CC	?= gcc
CXX	?= g++
ifeq ($(origin CC),default)
CC	:= gcc
endif
ifeq ($(origin CXX),default)
CXX	:= g++
endif
OPT	?= -O2 -g
VERSION	:= $(shell git describe --always --dirty 2>/dev/null || echo unknown)

WARN	:= -Wall -Wextra -Wshadow -Wundef
CFLAGS_ALL	= $(OPT) $(WARN) -std=gnu11 -Wstrict-prototypes -Wmissing-prototypes \
		  -Ibench -I. $(CFLAGS)
CXXFLAGS_ALL	= $(OPT) $(WARN) -std=c++17 -Ibench $(CXXFLAGS)

cases	:= $(sort $(wildcard bench/cases/*.c))
lib	:= $(sort $(wildcard bench/lib/*.c))
objects	= $(patsubst bench/%,build/%.o,$(1))

dexbench_src	:= bench/main.c bench/options.c bench/run.c bench/result.c $(cases) $(lib) bench/cbench/cbench.cc
compare_src	:= $(sort $(wildcard bench/compare*.c)) bench/lib/die.c bench/lib/json.c \
		   $(sort $(wildcard bench/stats/*.c))

export KERNELS CASES MODE BOOTS OUT CPUS MEMORY PAGES SEED UPDATE JOBS

bench: build/dexbench build/dex-compare ## build dexbench for this machine (bare metal: run it as root)

build/dexbench: $(call objects,$(dexbench_src))
	$(CXX) $(LDFLAGS) -o $@ $^ -lbenchmark -lhwloc -ljansson -lpthread -lz

build/dex-compare: $(call objects,$(compare_src))
	$(CC) $(LDFLAGS) -o $@ $^ -ljansson -lm

build/guest.cpio: build/dexbench scripts/guest-init.sh scripts/guest-image.sh scripts/perf-record.sh
	scripts/guest-image.sh $< $@

# Unit tests, one program a file; what each links besides itself.
tests := $(patsubst bench/%.c,build/%,$(sort $(wildcard bench/tests/test_*.c)))
tests: $(tests) build/tests/module_test ## build the unit tests
build/tests/test_stats: $(call objects,bench/stats/quantile.c)
build/tests/test_json: $(call objects,bench/tests/child.c bench/lib/json.c bench/lib/die.c)
build/tests/test_dev: $(call objects,bench/tests/child.c bench/lib/dev.c bench/lib/die.c)
build/tests/test_dev: override LDFLAGS += -Wl,--wrap=open,--wrap=ioctl,--wrap=mmap
build/tests/test_result: $(call objects,bench/tests/child.c bench/result.c bench/lib/json.c \
			bench/lib/die.c bench/lib/clock.c)
build/tests/test_env: $(call objects,bench/tests/tree.c $(wildcard bench/lib/env*.c) \
			$(addprefix bench/lib/,clock.c die.c digest.c json.c mem.c proc.c))
build/tests/test_env: override LDFLAGS += -Wl,--wrap=klogctl
build/tests/test_perf: $(call objects,$(addprefix bench/lib/,perf.c proc.c die.c) bench/tests/tree.c)
build/tests/test_perf: override LDFLAGS += -Wl,--wrap=syscall,--wrap=ioctl,--wrap=read
build/tests/test_topo: $(call objects,bench/tests/child.c $(addprefix bench/lib/,topo.c die.c json.c))
build/tests/test_topo: override LDFLAGS += -Wl,--wrap=hwloc_set_area_membind,--wrap=hwloc_get_area_memlocation
build/tests/test_cbench: $(call objects,bench/tests/child.c bench/cbench/cbench.cc)
build/tests/test_%: build/tests/test_%.c.o
	$(CXX) $(LDFLAGS) -o $@ $^ -lcmocka -lbenchmark -lhwloc -ljansson -lm -lz
build/tests/module_test: $(call objects,bench/tests/module_test.c bench/lib/mem.c bench/lib/die.c)
	$(CC) $(LDFLAGS) -o $@ $^

ab: ## compare kernels; KERNELS= CASES= MODE= BOOTS= OUT= choose (see README)
	@scripts/setup.sh build run
	@$(MAKE) --no-print-directory -s bench build/guest.cpio
	@scripts/ab.sh

kernels: ## build or reuse the kernels; prints spec, bzImage, build tree
	@scripts/setup.sh build run
	@scripts/kernel.sh $(KERNELS)

module: ## build build/module/dexbench.ko for the running kernel, or KDIR=build-tree
	@rm -rf build/module && bash -c '. scripts/lib.sh && module_sources build/module'
	@$(MAKE) --no-print-directory -C build/module $(if $(KDIR),KDIR=$(abspath $(KDIR)))

tune: ## governor, turbo, THP, NUMA balancing as timing wants them (root, bare metal)
	@scripts/tune.sh $@
untune: ## restore exactly what `make tune` found
	@scripts/tune.sh $@

check: ## every test; ends in `N passed, N failed, N skipped`
	@scripts/setup.sh build run check
	@$(MAKE) --no-print-directory -s bench tests build/guest.cpio
	@scripts/check.sh $(PART)

all_c	:= $(dexbench_src) $(compare_src) $(wildcard bench/tests/*.c)
syntax:
	$(CC) $(CFLAGS_ALL) -Werror -fsyntax-only $(sort $(filter %.c,$(all_c)))
	$(CXX) $(CXXFLAGS_ALL) -Werror -fsyntax-only $(filter %.cc,$(all_c))

format: ## format the C files
	clang-format -i $$(git ls-files -co --exclude-standard '*.c' '*.h' '*.cc')

clean: ## remove what was built here (kernels stay in the cache)
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 10

.PHONY: FORCE bench tests ab kernels module tune untune check syntax format clean help

# Results name the commit that made them; a new one rebuilds one object.
build/version: FORCE
	@mkdir -p $(@D); echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' >$@
build/lib/env.c.o: CFLAGS_ALL += -DDEXBENCH_VERSION='"$(VERSION)"'
build/lib/env.c.o: build/version

build/%.c.o: bench/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

build/%.cc.o: bench/%.cc
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS_ALL) -MMD -MP -c -o $@ $<

-include $(shell find build -name '*.d' 2>/dev/null)
