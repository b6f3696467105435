// SPDX-License-Identifier: MIT
/*
 * mprotect() of a mapping at address 0 starts an MMU notifier invalidation that never ends.
 *
 * A child opens /dev/hmm_dmirror0 (the kernel's own lib/test_hmm.c, CONFIG_TEST_HMM=m),
 * which puts an interval notifier on the child's address space, calls mprotect() of one
 * populated page, and closes the file, which removes the notifier.  With the page anywhere
 * but at 0 it ends.  With the page at 0 it waits for ever, and not even SIGKILL helps.
 *
 * Needs root, or vm.mmap_min_addr = 0, and test_hmm loaded; in a guest it loads
 * /dexbench/test_hmm.ko.  Exit status: 0 if both happened as told, 1 otherwise.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	 4096ul
#define PATIENCE 5000 /* looks, 1 ms apart */

static void child(char *at)
{
	int fd = open("/dev/hmm_dmirror0", O_RDWR);
	char *page = mmap(at, PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, -1, 0);

	if (fd < 0 || page != at || mprotect(at, PAGE, PROT_READ)) {
		perror("mprotect_zero");
		_exit(1);
	}
	close(fd); /* mmu_interval_notifier_remove() */
	_exit(0);
}

static void show(pid_t pid, const char *file)
{
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		printf("mprotect_zero:   %s: %s", file, line);
	if (f)
		fclose(f);
}

/* 1 if the child ends, 0 if it does not, even when killed. */
static int ends(char *at)
{
	pid_t pid = fork();
	int status, looks;

	if (!pid)
		child(at);
	for (looks = 0; looks < PATIENCE; looks++, usleep(1000)) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) && !WEXITSTATUS(status);
		if (looks == PATIENCE / 2)
			kill(pid, SIGKILL);
	}
	show(pid, "stack");
	return 0;
}

int main(void)
{
	int ko = open("/dexbench/test_hmm.ko", O_RDONLY), other, zero;

	setbuf(stdout, NULL);
	if (ko >= 0)
		syscall(SYS_finit_module, ko, "", 0);
	other = ends((char *)0x10000);
	printf("mprotect_zero: mprotect(0x10000): the task %s\n", other ? "ends" : "FAILS");
	zero = ends(NULL);
	printf("mprotect_zero: mprotect(0): the task %s\n",
	       zero ? "ends" : "cannot be killed: the bug is there");
	return !(other && !zero);
}
