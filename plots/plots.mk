# SPDX-License-Identifier: MIT
# What results look like.
plots: ## pictures of OUT=results/<plan> (default: the reference), as SVG and PNG
report: ## the same, and OUT/report.html with all of it in one file
plots report:
	@scripts/setup.sh build plots
	@$(MAKE) --no-print-directory -s bench
	@scripts/plots.sh $@ "$(or $(OUT),results/reference)"

.PHONY: plots report
