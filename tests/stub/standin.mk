# SPDX-License-Identifier: MIT
# A kernel's build as far as the kernel store can see it: kbuild's targets, the files that it
# leaves, and a build tree's Makefile as 7.x writes it, with an absolute KBUILD_OUTPUT.  The image is
# mm/rmap.c, compiled by make's own rules: times decide, as in kbuild, and stale objects would show.
B := $(if $(KBUILD_OUTPUT),$(KBUILD_OUTPUT),$(O))
S := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))

allnoconfig olddefconfig:
	@mkdir -p $(B)/include/config $(B)/include/generated $(B)/scripts $(B)/mm
	@[ -z "$(KCONFIG_ALLCONFIG)" ] || grep -h '^CONFIG_' "$(KCONFIG_ALLCONFIG)" >$(B)/.config
	@if [ -e $(S)/reason ]; then echo '***'; sed 's/^/*** /' $(S)/reason; exit 1; fi
	@echo 'CONFIG_CC_VERSION_TEXT="$(shell $(CC) --version | head -n 1)"' >>$(B)/.config
	@echo 9.9.9-standin >$(B)/include/config/kernel.release
	@printf 'export KBUILD_OUTPUT = %s\ninclude %s/Makefile\n' $(B) $(S) >$(B)/Makefile
	@ln -sfn $(S) $(B)/source

bzImage: $(B)/arch/x86/boot/bzImage
modules: $(B)/lib/test_hmm.ko bzImage
	@echo lib/test_hmm.o >$(B)/modules.order
	@nm $(B)/mm/rmap.o | sed -n 's/.* T \(make_device.*\)/0x0\t\1\tvmlinux\tEXPORT_SYMBOL_GPL\t/p' >$(B)/Module.symvers

$(B)/mm/rmap.o: $(S)/mm/rmap.c
	@echo "  CC      mm/rmap.o"
	$(CC) -c -o $@ $<
$(B)/arch/x86/boot/bzImage: $(B)/mm/rmap.o
	@mkdir -p $(@D) && cp $< $@ && cp $< $(B)/vmlinux
$(B)/lib/test_hmm.ko: $(S)/include/dex.h
	@mkdir -p $(@D) && cp $< $@

# What `make -C build-tree M=dir` does: where it writes says whose tree it takes itself for.
module:
	@echo "$(S) $(B)"

.PHONY: allnoconfig olddefconfig bzImage modules module
