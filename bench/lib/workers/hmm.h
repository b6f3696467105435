/* SPDX-License-Identifier: MIT */
/*
 * Upstream's own test driver, lib/test_hmm.c, as a peer to compare with.
 *
 * Its EXCLUSIVE request converts a range and then reads every page back into
 * a bounce buffer that it copies to user space, all inside the ioctl; its ABI
 * (lib/test_hmm_uapi.h) is not exported to user space and is declared anew.
 */
#ifndef LIB_HMM_H
#define LIB_HMM_H

#include <stddef.h>
#include <stdint.h>

struct hmm;

/* NULL with the reason in *@why where test_hmm is not loaded. */
struct hmm *hmm_open(size_t max_pages, const char **why);
void hmm_close(struct hmm *hmm);

/* One EXCLUSIVE request; returns its pages, or -errno. */
long hmm_exclusive(struct hmm *hmm, const void *start, size_t pages);

#endif /* LIB_HMM_H */
