/* SPDX-License-Identifier: MIT */
/* What a request passes, and who draws it at random: valid, if nobody spoils it. */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "fuzz.h"

union argument {
	uint32_t size;
	uint64_t word[128];
	struct dex_info info;
	struct dex_run run;
	struct dex_watch watch;
	struct dex_events events;
	struct dex_hold hold;
	struct dex_loop loop;
	struct dex_device device;
	struct dex_job job;
	struct dex_state state;
	struct dex_private private;
	struct dex_migrate migrate;
	struct dex_frames frames;
	struct dex_hmm hmm;
};

void draw_info(struct hand *h, unsigned int fd, union argument *a);
void draw_run(struct hand *h, unsigned int fd, union argument *a);
void draw_watch(struct hand *h, unsigned int fd, union argument *a);
void draw_events(struct hand *h, unsigned int fd, union argument *a);
void draw_hold(struct hand *h, unsigned int fd, union argument *a);
void draw_loop(struct hand *h, unsigned int fd, union argument *a);
void draw_device(struct hand *h, unsigned int fd, union argument *a);
void draw_job(struct hand *h, unsigned int fd, union argument *a);
void draw_state(struct hand *h, unsigned int fd, union argument *a);
void draw_private(struct hand *h, unsigned int fd, union argument *a);
void draw_migrate(struct hand *h, unsigned int fd, union argument *a);
void draw_frames(struct hand *h, unsigned int fd, union argument *a);
void draw_hmm(struct hand *h, unsigned int fd, union argument *a);
void draw_nothing(struct hand *h, unsigned int fd, union argument *a);

#endif /* REQUESTS_H */
