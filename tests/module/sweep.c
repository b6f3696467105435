// SPDX-License-Identifier: MIT
/*
 * Inside a guest: each state of the case `states` in a process of its own, until the kernel complains.
 *
 * SWEEP_STATES (a boot parameter) names them, with commas; rows without an exclusive page are left
 * out.  What a state came to goes to the console as two lines of JSON, before and after: a kernel that
 * dies between them has said which it was.  A process that does not end within SWEEP_PATIENCE seconds
 * (default 600, of the guest's) hangs: where, its stack says.  After a complaint or a hang the rest is for
 * another boot (scripts/guest/sweep.sh), because a warning comes once a boot and lockdep falls silent.
 *
 * mprotect_zero is no state of a page but the bug in results/mprotect-zero, through the module's own notifier.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/core/die.h"
#include "lib/machine/dev.h"
#include "lib/machine/proc.h"
#include "lib/mem/mem.h"
#include "lib/mm/states.h"

#define LOOK_US 100000
#define SAID	"/tmp/said"
#define OUT	"/tmp/sweep-results"

/* A page at 0, watched by a driver, and mprotect(); then the driver goes. */
static void mprotect_zero(void)
{
	const char *why = NULL;
	struct dev *dev = dev_open(1, &why);
	void *page = mmap(NULL, mem_page_size(), PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, -1, 0);

	if (!dev || page != NULL)
		_exit(1);
	dev_watch(dev, (void *)mem_page_size(), mem_page_size());
	if (mprotect(page, mem_page_size(), PROT_READ))
		_exit(1);
	dev_close(dev);
	_exit(0);
}

static void become(const char *state)
{
	char *filter = xasprintf("--benchmark_filter=^states/state:%s/order:.*/page:(first|middle)",
				 state);
	int fd = open(SAID, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	if (!strcmp(state, "mprotect_zero"))
		mprotect_zero();
	execl("/dexbench/dexbench", "dexbench", "--mode=exact", "--cases=states", filter,
	      "--out=" OUT, NULL);
	_exit(127);
}

/* Its status, or -1: it has not ended. */
static int wait_for(pid_t pid, long seconds)
{
	int status;

	for (long looks = seconds * 1000000 / LOOK_US; looks; looks--, usleep(LOOK_US))
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
	return -1;
}

/* Where @pid is in the kernel, or the first process that sleeps and cannot be woken. */
static json_t *whereabouts(pid_t pid)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	json_t *line = NULL;

	while (dir && !line && (e = readdir(dir))) {
		char *path = xasprintf("/proc/%s/stat", e->d_name);
		char *text = isdigit((unsigned char)*e->d_name) ? proc_read(path, NULL) : NULL;

		free(path);
		path = xasprintf("/proc/%s/stack", e->d_name);
		if (text && strstr(text, ") D "))
			line = proc_line(path);
		free(path);
		free(text);
	}
	if (dir)
		closedir(dir);
	if (!line) {
		char *path = xasprintf("/proc/%d/stack", (int)pid);

		line = proc_line(path);
		free(path);
	}
	return line;
}

/* The last line that it printed. */
static json_t *last_words(void)
{
	char *all = proc_read(SAID, NULL), *last = all, *line, *rest;
	json_t *words;

	for (line = all ? strtok_r(all, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest))
		last = line;
	words = last ? json_stringn(last, strnlen(last, 300)) : NULL;
	free(all);
	return words ? words : json_string("");
}

static void say(json_t *line)
{
	char *text = json_dumps(line, JSON_COMPACT | JSON_ENSURE_ASCII);

	printf("\n%s\n", text ? text : "null");
	fflush(stdout);
	free(text);
	json_decref(line);
}

static json_t *results(void)
{
	json_t *file = json_load_file(OUT "/states.json", 0, NULL);
	json_t *rows = file ? json_incref(json_object_get(file, "results")) : NULL;

	json_decref(file);
	return rows ? rows : json_array();
}

/* What the operation's documentation says. */
static json_t *promise(const char *state)
{
#define X(name) #name,
	static const char *const names[] = { STATES_LIST(X) };
#undef X

	for (size_t i = 0; i < STATES_N; i++)
		if (!strcmp(names[i], state))
			return json_string(states_table[i]->promise);
	return json_null();
}

/* 0: it has ended. */
static int one(const char *state, long patience)
{
	pid_t pid;
	int status;

	say(json_pack("{s:s, s:s}", "sweep", "begin", "state", state));
	if (system("rm -rf " OUT))
		die("%s cannot be removed", OUT);
	pid = fork();
	if (!pid)
		become(state);
	status = wait_for(pid, patience);
	say(json_pack("{s:s, s:s, s:o, s:b, s:i, s:o, s:o, s:o}", "sweep", "end", "state", state,
		      "promise", promise(state), "hangs", status < 0, "status",
		      WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), "where",
		      status < 0 ? whereabouts(pid) : json_null(), "said", last_words(), "results",
		      results()));
	return status < 0;
}

static int has_complained(const char *taint_before)
{
	char *taint = proc_read("/proc/sys/kernel/tainted", NULL);
	int changed = !taint || strcmp(taint, taint_before);

	free(taint);
	return changed || !system("dmesg | grep -qE 'BUG:|WARNING:|INFO: (possible|task|rcu)'");
}

/* A guest's own devices, as guest-init.sh gives a case its needs. */
static void prepare(void)
{
	setenv("PATH", "/bin", 1);
	if (system("insmod /dexbench/brd.ko rd_nr=1 rd_size=65536 && mkswap /dev/ram0 >/dev/null && swapon /dev/ram0"))
		say(json_pack("{s:s}", "sweep", "no swap"));
	/* What the kernel said of its own boot is no state's. */
	if (system("dmesg -c >/results/boot.txt"))
		die("the kernel's log cannot be read");
	if (system("echo 30 >/proc/sys/kernel/hung_task_timeout_secs 2>/dev/null"))
		return;
}

int main(void)
{
	const char *given = getenv("SWEEP_STATES"), *seconds = getenv("SWEEP_PATIENCE");
	char *states = xstrdup(given ? given : ""), *state, *rest;
	char *taint = proc_read("/proc/sys/kernel/tainted", NULL);

	prepare();
	if (!taint)
		die("/proc/sys/kernel/tainted cannot be read");
	for (state = strtok_r(states, ",", &rest); state; state = strtok_r(NULL, ",", &rest))
		if (one(state, seconds ? atol(seconds) : 600) || has_complained(taint))
			break;
	say(json_pack("{s:s}", "sweep", "over"));
	return 0;
}
