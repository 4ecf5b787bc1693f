/* A machine on which a program takes long to begin, as /proc tells of it: one process seems to be in
 * the middle of exec, or to be another user's.  It takes the place of open.  All of it may stand
 * still while somebody waits in poll. */
#include "tests/probes/slow_proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct slow_proc slow;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);

int __real_poll(struct pollfd *list, nfds_t count, int ms);
int __wrap_poll(struct pollfd *list, nfds_t count, int ms);

int __wrap_poll(struct pollfd *list, nfds_t count, int ms)
{
	if (slow.standstills == 0)
		return __real_poll(list, count, ms);
	slow.standstills--;
	return 0;
}

struct slow_proc *slow_proc(void)
{
	return &slow;
}

/* With memory, field 23, and without a place of its environment, field 51. */
static int open_stat(void)
{
	static const char before[] = "1 (sh) S", vsize[] = " 4096";
	int ends[2];

	if (pipe(ends) != 0)
		return -1;
	(void)!write(ends[1], before, strlen(before));
	for (int field = 4; field <= 51; field++)
		(void)!write(ends[1], field == 23 ? vsize : " 0", field == 23 ? strlen(vsize) : 2);
	(void)close(ends[1]);
	return ends[0];
}

static bool is_file(const char *path, const char *name)
{
	char wanted[48];

	(void)snprintf(wanted, sizeof wanted, "/proc/%d/%s", (int)slow.pid, name);
	return slow.pid > 0 && strcmp(path, wanted) == 0;
}

/* Others of this machine may be in the middle of exec just now. */
static bool is_of_another(const char *path)
{
	const char *name = strrchr(path, '/');

	return slow.pid > 0 && strncmp(path, "/proc/", 6) == 0 && name != NULL &&
	       strcmp(name, "/environ") == 0 && !is_file(path, "environ");
}

/* Whoever opens something here creates no file. */
int __wrap_open(const char *path, int flags, ...)
{
	bool environment = is_file(path, "environ");

	if (is_of_another(path)) {
		errno = ENOENT;
		return -1;
	}
	slow.asked += environment ? 1 : 0;
	if (environment && slow.looks > 0)
		slow.looks--;
	else if (environment && slow.is_of_another_user) {
		errno = EACCES;
		return -1;
	} else if (!is_file(path, "stat") || (slow.looks == 0 && !slow.is_of_another_user))
		return __real_open(path, flags);
	return environment ? __real_open("/dev/null", flags) : open_stat();
}
