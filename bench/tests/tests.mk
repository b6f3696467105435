# SPDX-License-Identifier: MIT
# Unit tests, one program a file; what each links besides itself.
tests := $(patsubst bench/%.c,build/%,$(sort $(wildcard bench/tests/test_*.c))) build/tests/check_stats
tests: $(tests) build/tests/module_test build/tests/trace_check ## build the unit tests
build/tests/test_stats build/tests/test_interval build/tests/test_rank build/tests/test_warmup: \
	$(call objects,$(stats))
build/tests/check_stats: $(call objects,$(sort $(wildcard bench/tests/check_stats*.c)) $(stats))
	$(CC) $(LDFLAGS) -o $@ $^ -lgsl -lgslcblas -lm -lpthread
build/tests/test_json: $(call objects,bench/tests/child.c bench/lib/json.c bench/lib/die.c)
build/tests/test_samples: $(call objects,bench/tests/child.c $(addprefix bench/lib/,samples.c json.c die.c))
build/tests/test_dev: $(call objects,bench/tests/child.c bench/lib/dev.c bench/lib/die.c)
build/tests/test_dev: override LDFLAGS += -Wl,--wrap=open,--wrap=ioctl,--wrap=mmap
build/tests/test_result: $(call objects,bench/tests/child.c bench/result.c bench/lib/json.c \
			bench/lib/die.c bench/lib/clock.c)
build/tests/test_env: $(call objects,bench/tests/tree.c $(wildcard bench/lib/env*.c) \
			$(addprefix bench/lib/,clock.c die.c digest.c json.c mem.c proc.c))
build/tests/test_env: override LDFLAGS += -Wl,--wrap=klogctl
build/tests/test_family: $(call objects,bench/tests/child.c bench/lib/family.c bench/lib/die.c)
build/tests/test_perf: $(call objects,bench/tests/tree.c $(addprefix bench/lib/,perf.c proc.c die.c))
build/tests/test_perf: override LDFLAGS += -Wl,--wrap=syscall,--wrap=ioctl,--wrap=read
build/tests/test_trace: $(call objects,bench/tests/tree.c bench/tests/child.c \
			$(addprefix bench/lib/,trace.c tracecost.c proc.c die.c))
build/tests/test_lockwait: $(call objects,$(addprefix bench/lib/,lockwait.c proc.c die.c))
build/tests/test_topo: $(call objects,bench/tests/child.c $(addprefix bench/lib/,topo.c die.c json.c))
build/tests/test_topo: override LDFLAGS += -Wl,--wrap=hwloc_set_area_membind,--wrap=hwloc_get_area_memlocation
build/tests/test_team: $(call objects,bench/tests/child.c $(addprefix bench/lib/,team.c topo.c lockwait.c \
			proc.c json.c die.c clock.c))
build/tests/test_plugin: $(call objects,$(addprefix bench/tests/,tree.c child.c fake_qemu.c) \
			bench/lib/die.c $(wildcard bench/plugin/*.c))
build/tests/test_attribute: $(call objects,bench/tests/tree.c bench/tests/child.c \
			$(wildcard bench/attribute/*.c) $(stats) $(addprefix bench/lib/,die.c json.c samples.c))
build/tests/test_cbench: $(call objects,bench/tests/child.c bench/cbench/cbench.cc)
build/tests/test_%: build/tests/test_%.c.o
	$(CXX) $(LDFLAGS) -o $@ $^ -lcmocka -lbenchmark -lhwloc -ljansson -lgsl -lgslcblas -lm -lz
build/tests/module_test: $(call objects,bench/tests/module_test.c bench/tests/module_driver.c \
			bench/lib/mem.c bench/lib/die.c)
	$(CC) $(LDFLAGS) -o $@ $^
build/tests/trace_check: $(call objects,bench/tests/trace_check.c $(addprefix bench/lib/,trace.c tracecost.c \
			dev.c mem.c proc.c die.c))
	$(CC) $(LDFLAGS) -o $@ $^ -ljansson
