// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/machine/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../kernel-module/dex_uapi.h"
#include "lib/core/die.h"
#include "lib/core/pages.h"
#include "lib/machine/clock.h"

/* Of one request: no buffer is smaller, see dev_open(). */
#define AT_ONCE (PAGES_LEAST / DEX_STAGES)

const char *private_make(struct dev *dev, size_t pages)
{
	struct dex_private private = { .size = sizeof(private), .pages = (uint32_t)pages };

	if (pages > DEX_MAX_PRIVATE)
		die_usage(
			"%zu pages are more than the %u of device-private memory; use fewer --pages",
			pages, DEX_MAX_PRIVATE);
	if (!ioctl(dev_fd(dev), DEX_IOC_PRIVATE, &private))
		return NULL;
	if (errno != EOPNOTSUPP)
		die("PRIVATE request of %zu pages: %s", pages, strerror(errno));
	return "the module knows no device-private memory in this kernel (migrate_device_range() and zone_device_page_init(), 6.2 and later)";
}

void private_remove(struct dev *dev)
{
	struct dex_private none = { .size = sizeof(none) };

	if (ioctl(dev_fd(dev), DEX_IOC_PRIVATE, &none))
		die("PRIVATE request to remove: %s", strerror(errno));
}

static struct private_sample sample_of(const struct dev *dev, size_t i)
{
	struct dev_sample first = dev_sample(dev, i + DEX_STAGE_SETUP);

	return (struct private_sample){
		.ticks = { .setup = first.ticks,
			   .copy = dev_sample(dev, i + DEX_STAGE_COPY).ticks,
			   .pages = dev_sample(dev, i + DEX_STAGE_PAGES).ticks,
			   .finalize = dev_sample(dev, i + DEX_STAGE_FINALIZE).ticks },
		.error = first.error,
		.moved = first.ok,
	};
}

static struct dev_result migrate(struct dev *dev, const char *start, unsigned int batch,
				 size_t count, struct private_sample *samples)
{
	uint64_t bytes = batch * (uint64_t)sysconf(_SC_PAGESIZE), begin = clock_stamp(), end;
	struct dex_migrate request = { .size = sizeof(request),
				       .run = { .size = sizeof(request.run),
						.start = (uintptr_t)start,
						.stride = bytes,
						.count = count,
						.batch = batch } };

	if (ioctl(dev_fd(dev), DEX_IOC_MIGRATE, &request))
		die("MIGRATE request of %zu migrations: %s", count, strerror(errno));
	end = clock_stamp();
	for (size_t i = 0; i < count; i++)
		samples[i] = sample_of(dev, i * DEX_STAGES);
	return (struct dev_result){ .attempted = request.run.attempted,
				    .succeeded = request.run.succeeded,
				    .ticks = end - begin };
}

struct dev_result private_migrate(struct dev *dev, const char *start, unsigned int batch,
				  size_t count, struct private_sample *samples)
{
	size_t bytes = batch * (size_t)sysconf(_SC_PAGESIZE);
	struct dev_result all = { 0 };

	for (size_t i = 0; i < count; i += AT_ONCE) {
		struct dev_result some =
			migrate(dev, start + i * bytes, batch,
				count - i < AT_ONCE ? count - i : AT_ONCE, samples + i);

		all.attempted += some.attempted;
		all.succeeded += some.succeeded;
		all.ticks += some.ticks;
	}
	return all;
}

void private_fill(struct dev *dev, const char *start, size_t pages)
{
	struct private_sample *samples = xcalloc(pages, sizeof(*samples));
	struct dev_result all = private_migrate(dev, start, 1, pages, samples);

	if (all.succeeded != pages)
		die("only %llu of %zu pages are in device-private memory before the touch",
		    (unsigned long long)all.succeeded, pages);
	free(samples);
}

struct private_counts private_counts(struct dev *dev)
{
	struct dex_frames frames = { .size = sizeof(frames) };

	if (ioctl(dev_fd(dev), DEX_IOC_FRAMES, &frames))
		die("FRAMES request: %s", strerror(errno));
	return (struct private_counts){ frames.used, frames.faults, frames.empty };
}
