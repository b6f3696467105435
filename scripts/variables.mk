# SPDX-License-Identifier: MIT
# Variables from the command line: only those of scripts/variables.txt, and what is asked for is
# data.  Make would expand it, and a shell run it; so the value is taken as it was typed, and
# recipes have it from the environment.
quote	= '$(subst ','\'',$(1))'
table	:= $(shell sed '/^\#/d; s/ /:/' scripts/variables.txt)
names	= $(patsubst %:$(1),%,$(filter %:$(1),$(table)))
given	:= $(strip $(foreach v,$(.VARIABLES),$(if $(filter command,$(origin $v)),$v)))
unknown	:= $(firstword $(filter-out $(foreach kind,asked host place make,$(call names,$(kind))),$(given)))

# A make that called this one may have variables of its own.
ifeq ($(MAKELEVEL),0)
ifneq ($(unknown),)
nearest	:= $(shell awk -f scripts/nearest.awk -- $(call quote,$(unknown)) <scripts/variables.txt)
$(error $(unknown): no such variable; $(if $(nearest),did you mean $(nearest)?,docs/reference.md lists them))
endif
ifneq ($(filter KERNEL,$(given)),)
ifeq ($(filter shell help,$(MAKECMDGOALS)),)
$(error KERNEL: make shell takes one; did you mean KERNELS?)
endif
endif
endif

typed	:= $(filter $(foreach kind,asked host place,$(call names,$(kind))),$(given))
$(foreach v,$(typed),$(eval override $v := $$(value $v))$(eval export $v))
