// SPDX-License-Identifier: MIT
/* What takes a page away for good, and what takes the process. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/core/die.h"
#include "lib/mem/checks.h"
#include "lib/mem/huge.h"
#include "lib/mm/file.h"
#include "lib/mm/states.h"

/* man madvise(2); the C library has one of them. */
#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE 101
#endif

#define CORE	"/tmp/dexbench-core"
#define PATTERN "/proc/sys/kernel/core_pattern"

static const char *can_fail(struct state *s)
{
	struct stat st;

	(void)s;
	return stat("/proc/sys/vm/memory_failure_recovery", &st)
		       ? "this kernel survives no lost memory (CONFIG_MEMORY_FAILURE; kernels/states.config has it)"
		       : NULL;
}

static int advise_victim(struct state *s, int advice)
{
	return madvise(mem_page(&s->mem, s->victim), mem_page_size(), advice) ? errno : 0;
}

static int soft_offline(struct state *s)
{
	return advise_victim(s, MADV_SOFT_OFFLINE);
}

static int poison(struct state *s)
{
	return advise_victim(s, MADV_HWPOISON);
}

static const char *can_dump(struct state *s)
{
	struct stat st;

	if (stat("/proc/self/coredump_filter", &st))
		return "this kernel dumps no core (CONFIG_COREDUMP, CONFIG_ELF_CORE; kernels/states.config has them)";
	s->text = file_swap(PATTERN, CORE);
	return NULL;
}

static void forget_core(struct state *s)
{
	file_restore(PATTERN, s->text);
	s->text = NULL;
	unlink(CORE);
}

/* A region of its own, as the parent's is, at its address; then the end. */
static void die_with_core(struct state *s)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	void *map = mmap(s->mem.start, mem_bytes(&s->mem), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	const char *why;

	if (map == MAP_FAILED || setrlimit(RLIMIT_CORE, &all) || huge_touch(&s->mem, s->order))
		_exit(1);
	states_fill(s, &states_coredump);
	states_convert(s, dev_open(s->mem.pages, &why));
	abort();
}

/* Where in the file the memory at @at lies; 0: nowhere. */
static off_t in_core(int fd, uintptr_t at)
{
	Elf64_Ehdr file;
	Elf64_Phdr segment;

	if (pread(fd, &file, sizeof(file), 0) != sizeof(file))
		return 0;
	for (unsigned int i = 0; i < file.e_phnum; i++) {
		off_t entry = (off_t)(file.e_phoff + i * sizeof(segment));

		if (pread(fd, &segment, sizeof(segment), entry) != sizeof(segment))
			return 0;
		if (segment.p_type == PT_LOAD && at >= segment.p_vaddr &&
		    at < segment.p_vaddr + segment.p_filesz)
			return (off_t)(segment.p_offset + at - segment.p_vaddr);
	}
	return 0;
}

/* Pages whose contents are not in the core as they were. */
static size_t lost_in_core(const struct state *s)
{
	int fd = open(CORE, O_RDONLY | O_CLOEXEC), word;
	size_t lost = 0;

	for (size_t i = 0; i < s->mem.pages; i++) {
		off_t at = fd < 0 ? 0 : in_core(fd, (uintptr_t)mem_page(&s->mem, i));

		lost += !at || pread(fd, &word, sizeof(word), at) != sizeof(word) ||
			word != (int)i + 1;
	}
	if (fd >= 0)
		close(fd);
	return lost;
}

static int dump(struct state *s)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		die_with_core(s);
	status = checks_child(pid);
	s->lost = lost_in_core(s);
	return WIFSIGNALED(status) && WCOREDUMP(status) ? 0 : ECHILD;
}

const struct states_entry states_soft_offline = {
	.promise =
		"ABI/testing/sysfs-memory-page-offline: the page is migrated, and nothing is lost",
	.enter = can_fail,
	.operate = soft_offline,
	.waits = 1,
};
const struct states_entry states_hwpoison = {
	.promise = "madvise(2): the poisoned page goes, and no other",
	.enter = can_fail,
	.operate = poison,
	.waits = 1,
	.takes_victim = 1,
};
const struct states_entry states_coredump = {
	.promise = "core(5), CVE-2026-46280: the core holds what memory held at the signal",
	.enter = can_dump,
	.operate = dump,
	.leave = forget_core,
	.waits = 1,
};
