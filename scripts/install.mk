# SPDX-License-Identifier: MIT
# What runs without the source tree, under DESTDIR and PREFIX; scripts/install.sh has the list.
PREFIX	?= /usr/local

install uninstall: export VERSION := $(VERSION)
install uninstall: export PREFIX := $(PREFIX)
install uninstall: export DESTDIR := $(DESTDIR)
install: bench ## programs, man pages, completion, module source; PREFIX=/usr/local DESTDIR=
	@scripts/install.sh $@
uninstall: ## take away what `make install` with the same PREFIX and DESTDIR brought
	@scripts/install.sh $@

dist: ## build/dexbench-VERSION.tar.gz: the tree of the last commit, which builds without git
	@scripts/dist.sh

.PHONY: install uninstall dist
