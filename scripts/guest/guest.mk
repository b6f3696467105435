# SPDX-License-Identifier: MIT
# What runs in guests is for their CPU, the oldest of its kind, whatever machine this is and CFLAGS
# say: it is compiled apart from what runs here, without options for a machine.
guest_objects	= $(patsubst %,build/guest/%.o,$(1:bench/%=%))
guest_lib	:= $(addprefix build/guest/,$(rooms))
baseline_flags	:= $(shell sed -n 's/^baseline_flags	//p' scripts/arch/$(arch).tsv)
baseline	= $(filter-out -m%,$(1)) $(baseline_flags)

build/guest.cpio: build/guest/dexbench build/needs scripts/guest/guest-init.sh scripts/guest/guest-image.sh scripts/perf-record.sh
	scripts/guest/guest-image.sh $< $@

# What each case needs, as guest-init.sh reads it: a line a need, CASE KIND [NAME].
build/needs: build/cases.json
	@jq -r '.[] | "\(.case) " + (.needs | (select(.module) | "module \(.module)"), (select(.swap) | "swap"), (select(.fsdax) | "fsdax"))' $< >$@

build/guest-perf.cpio: build/guest.cpio
	PERF_BINARY=$$(command -v perf) scripts/guest/guest-image.sh build/guest/dexbench $@

# Linked as on the host; Debian ships no static libbenchmark.
build/guest/dexbench: $(call guest_objects,$(dexbench_src)) build/guest/gpu.a $(guest_lib)
	$(call baseline,$(CXX) $(LDFLAGS)) -o $@ $^ $(dexbench_libs)

build/guest/lib/core/version.c.o: CFLAGS_ALL += -DDEXBENCH_VERSION='"$(VERSION)"'
build/guest/lib/core/version.c.o: build/version

build/guest/%.c.o: bench/%.c
	@mkdir -p $(@D)
	$(call baseline,$(CC) $(CFLAGS_ALL)) -MMD -MP -c -o $@ $<

build/guest/%.cc.o: bench/%.cc
	@mkdir -p $(@D)
	$(call baseline,$(CXX) $(CXXFLAGS_ALL)) -MMD -MP -c -o $@ $<

build/guest/%.a: bench/% $$(call guest_objects,$$(sort $$(wildcard bench/$$*/*.c)))
	$(archive)
