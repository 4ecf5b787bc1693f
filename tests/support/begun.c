/* Which programs run, as /proc tells of them.
 * https://man7.org/linux/man-pages/man5/proc_pid_comm.5.html */
#include "tests/support/begun.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "probes/child.h"

/* What fits of a file of a process; 0 bytes when that is gone, or not ours to look at. */
static size_t read_file(const char *pid, const char *name, char *ret_text, size_t size)
{
	char path[320];
	FILE *file;
	size_t len;

	(void)snprintf(path, sizeof path, "/proc/%s/%s", pid, name);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	len = fread(ret_text, 1, size, file);
	(void)fclose(file);
	return len;
}

/* The name first: a process has it a moment before its environment, and then no other environment any more. */
static bool has_begun(const char *pid, const char *mark, const char *program)
{
	char name[32] = "", wanted[64], environment[65536];
	size_t len = read_file(pid, "comm", name, sizeof name - 1);

	name[strcspn(name, "\n")] = '\0';
	if (len == 0 || strcmp(name, program) != 0)
		return false;
	len = read_file(pid, "environ", environment, sizeof environment);
	(void)snprintf(wanted, sizeof wanted, CHILD_MARK "=%s", mark);
	return memmem(environment, len, wanted, strlen(wanted) + 1) != NULL;
}

size_t begun_count(const char *mark, const char *program)
{
	DIR *all = opendir("/proc");
	const struct dirent *one;
	size_t count = 0;

	while (all != NULL && (one = readdir(all)) != NULL) {
		if (isdigit((unsigned char)one->d_name[0]) && has_begun(one->d_name, mark, program))
			count++;
	}
	if (all != NULL)
		(void)closedir(all);
	return count;
}
