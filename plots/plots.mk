# SPDX-License-Identifier: MIT
# What results look like.
# A directory's name is no text of make's or a shell's, whoever chose it.
ifneq ($(origin OUT),undefined)
override OUT := $(value OUT)
endif

plots: ## pictures of OUT=results/<plan> (default: the reference), as SVG and PNG
report: ## the same, and OUT/report.html with all of it in one file
plots report:
	@scripts/setup.sh build plots
	@$(MAKE) --no-print-directory -s bench
	@scripts/campaign/plots.sh $@ "$${OUT:-results/reference}"

reproduce: ## run the reference campaign again: all values equal, or which are not
	@scripts/setup.sh build run
	@$(MAKE) --no-print-directory -s bench build/guest.cpio
	@scripts/campaign/reproduce.sh

shown: ## write anew what documents show of results: each block between <!-- shown: COMMAND --> and <!-- end -->
	@scripts/setup.sh build check
	@$(MAKE) --no-print-directory -s bench
	@tests/docs/shown.sh $$(grep -l "^<!-- shown: " *.md docs/*.md)

.PHONY: plots report reproduce shown
