# SPDX-License-Identifier: MIT
# A campaign that runs where this tree is not.
bundle: ## the campaign of the same `make ab` as an archive that needs bash and QEMU alone: OUT=campaign.tar.zst KERNELS= CASES= MODE=
	@scripts/setup.sh build run bundle $(dax)
	@$(MAKE) --no-print-directory -s bench build/guest.cpio
	@scripts/bundle/bundle.sh

.PHONY: bundle
