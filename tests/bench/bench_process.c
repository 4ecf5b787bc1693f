/* What one process costs from start to exit: wall and CPU time, peak resident memory.
 * usage: bench_process COMMAND [ARG...]
 * Prints what the command wrote on stdout, then one line of JSON.  A small process of its own,
 * because a child's peak memory as the kernel counts it begins with that of its parent. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double wall_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double cpu_ms(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1e3 +
	       (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e3;
}

int main(int argc, char **argv)
{
	double started_ms = wall_ms();
	struct rusage usage;
	int status = 0;
	pid_t pid;

	if (argc < 2)
		return 2;
	pid = fork();
	if (pid == 0) {
		int nowhere = open("/dev/null", O_WRONLY);

		(void)dup2(nowhere, STDERR_FILENO);
		(void)execv(argv[1], argv + 1);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
		return 1;
	(void)printf("\n{\"wall\":%.3f,\"cpu\":%.3f,\"memory\":%ld,\"code\":%d}\n",
		     wall_ms() - started_ms, cpu_ms(&usage), usage.ru_maxrss,
		     WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}
