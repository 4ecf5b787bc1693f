/* Finding the processes of a drill again, whoever started them: by the mark in their environment.
 * https://man7.org/linux/man-pages/man5/proc_pid_environ.5.html */
#include "probes/child.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/mem.h"

#define ENVIRONMENT_LIMIT (4U << 20) /* bytes; more than execve takes by default */
#define EXEC_LOOKS        20         /* at a process in the middle of exec, 1 ms apart */
#define KILL_LOOKS        10 /* at all of them, when one that began just then is to be killed */

/* "NAME=VALUE" entries, each ended by a NUL. */
static bool holds(const struct buf *environment, const char *entry, size_t len)
{
	const char *at = environment->data, *end = at + environment->len;

	while (at < end) {
		size_t here = strnlen(at, (size_t)(end - at));

		if (here == len && memcmp(at, entry, len) == 0)
			return true;
		at += here + 1;
	}
	return false;
}

/* False: it is gone, or not ours to look at. */
static bool read_file(pid_t pid, const char *name, struct buf *ret_text)
{
	char path[48], data[4096];
	ssize_t len;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while (!ret_text->full && (len = read(fd, data, sizeof data)) > 0)
		buf_add(ret_text, data, (size_t)len);
	(void)close(fd);
	return true;
}

/* Of https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, fields 3, 20, 23 and 51. */
struct about {
	char state;
	unsigned long threads, vsize, env_end;
};

/* All 0 of one that is gone. */
static struct about read_about(pid_t pid)
{
	struct buf stat = {.limit = 4096};
	struct about about = {0};
	const char *at;

	(void)read_file(pid, "stat", &stat);
	at = strrchr(buf_text(&stat), ')'); /* ends field 2, which may hold anything */
	for (int field = 3; at != NULL && field <= 51; field++) {
		at = strchr(at + 1, ' ');
		if (at != NULL && field == 3)
			about.state = at[1];
		if (at != NULL && field == 20)
			about.threads = strtoul(at, NULL, 10);
		if (at != NULL && field == 23)
			about.vsize = strtoul(at, NULL, 10);
		if (at != NULL && field == 51)
			about.env_end = strtoul(at, NULL, 10);
	}
	buf_done(&stat);
	return about;
}

/* In the middle of exec a process has memory but no place of its environment yet. Those of other users
 * look the same; their environment cannot even be opened. */
static bool is_in_exec(pid_t pid)
{
	struct about about = read_about(pid);

	return about.vsize > 0 && about.env_end == 0;
}

/* A process whose first thread has ended goes on in the others, and its environment is seen there only. */
static void read_in_threads(pid_t pid, struct buf *ret_environment)
{
	struct about about = read_about(pid);
	char path[48];
	DIR *all = NULL;
	const struct dirent *one;

	(void)snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	if (about.state == 'Z' && about.threads > 1)
		all = opendir(path);
	while (all != NULL && ret_environment->len == 0 && (one = readdir(all)) != NULL) {
		(void)snprintf(path, sizeof path, "task/%.10s/environ", one->d_name);
		(void)read_file(pid, path, ret_environment);
	}
	if (all != NULL)
		(void)closedir(all);
}

enum marked { MARKED_NO, MARKED_YES, MARKED_UNCLEAR };

/* Reads the environment of a process in the middle of exec when it has one. False: that took too long,
 * on a slow machine or disk. */
static bool read_environment(pid_t pid, struct buf *ret_environment)
{
	for (int looks = 0; looks < EXEC_LOOKS; looks++) {
		bool opened = read_file(pid, "environ", ret_environment);

		if (ret_environment->len > 0 || (!opened && errno == EACCES))
			return true;
		if (!opened ||
		    !is_in_exec(pid)) { /* any more: it may have begun between the two looks */
			if (opened)
				(void)read_file(pid, "environ", ret_environment);
			if (ret_environment->len == 0)
				read_in_threads(pid, ret_environment);
			return true;
		}
		(void)poll(NULL, 0, 1);
	}
	return false;
}

/* No, too, for processes that are gone, or not ours to look at. */
static enum marked look_at(pid_t pid, const char *entry)
{
	struct buf environment = {.limit = ENVIRONMENT_LIMIT};
	enum marked marked = MARKED_NO;

	if (!read_environment(pid, &environment))
		marked = MARKED_UNCLEAR;
	else if (environment.len > 0 && holds(&environment, entry, strlen(entry)))
		marked = MARKED_YES;
	buf_done(&environment);
	return marked;
}

/* Through a pidfd, and looked at once more behind it: the number may have passed to another. */
static bool send_to(pid_t pid, const char *entry, int signal_number)
{
	int fd = pidfd_open(pid, 0);
	bool sent;

	if (fd < 0)
		return errno == ENOSYS && kill(pid, signal_number) == 0;
	sent =
	    look_at(pid, entry) == MARKED_YES && pidfd_send_signal(fd, signal_number, NULL, 0) == 0;
	(void)close(fd);
	return sent;
}

size_t child_signal_marked_or_unclear(const char *mark, int signal_number, size_t *ret_unclear)
{
	char *entry = mem_printf("%s=%s", CHILD_MARK, mark);
	DIR *all = opendir("/proc");
	struct dirent *one;
	size_t count = 0;

	*ret_unclear = 0;
	while (all != NULL && (one = readdir(all)) != NULL) {
		pid_t pid = isdigit((unsigned char)one->d_name[0])
				? (pid_t)strtol(one->d_name, NULL, 10)
				: 0;
		enum marked marked = pid > 0 && pid != getpid() ? look_at(pid, entry) : MARKED_NO;

		if (marked == MARKED_UNCLEAR)
			++*ret_unclear;
		else if (marked == MARKED_YES &&
			 (signal_number == 0 || send_to(pid, entry, signal_number)))
			count++;
	}
	if (all != NULL)
		(void)closedir(all);
	free(entry);
	return count;
}

size_t child_signal_marked(const char *mark, int signal_number)
{
	size_t unclear, count = child_signal_marked_or_unclear(mark, signal_number, &unclear);

	for (int looks = 1; signal_number == SIGKILL && unclear > 0 && looks < KILL_LOOKS; looks++)
		count += child_signal_marked_or_unclear(mark, signal_number, &unclear);
	return count;
}
