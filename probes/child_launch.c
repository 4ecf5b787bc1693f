/* From an ask to a running process: fork, a clean start, exec. Between fork and exec only what is
 * safe in a forked copy of a process with threads: no memory is asked for, nothing is locked. */
#include "probes/child_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"

#define PATH_DEFAULT    "/usr/local/bin:/usr/bin:/bin"
#define DESCRIPTOR_LAST 65536 /* highest one closed where the kernel lacks close_range */
#define STATUS_LOST     127   /* of a child that could not even say what went wrong */

/* What goes wrong between fork and exec; written to the failure pipe as it is. */
struct failure {
	enum failure_step { STEP_SET_UP, STEP_DIRECTORY, STEP_EXEC } step;
	int number; /* errno */
};

/* All that the new process needs, made before the fork. */
struct launch {
	const struct child_ask *ask;     /* borrowed */
	char *program;                   /* owned; a path */
	const char **environment;        /* owned; its entries are borrowed */
	char *mark;                      /* owned; the last entry */
	int null, output[2], failure[2]; /* owned; -1 when closed */
	pid_t parent;
};

/* The new process. */

_Noreturn static void give_up(const struct launch *launch, enum failure_step step)
{
	const struct failure failure = {step, errno};

	(void)!write(launch->failure[1], &failure, sizeof failure);
	_exit(STATUS_LOST);
}

static void reset_signals(void)
{
	struct sigaction usual = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		(void)sigaction(number, &usual, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_on_exec(void)
{
	if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return;
	for (int fd = STDERR_FILENO + 1; fd <= DESCRIPTOR_LAST; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

_Noreturn static void become(const struct launch *launch)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		give_up(launch, STEP_SET_UP);
	if (getppid() != launch->parent) /* it died before prctl could see that */
		_exit(STATUS_LOST);
	(void)setpgid(0, 0);
	reset_signals();
	if (dup2(launch->null, STDIN_FILENO) < 0 || dup2(launch->output[1], STDOUT_FILENO) < 0 ||
	    dup2(launch->output[1], STDERR_FILENO) < 0)
		give_up(launch, STEP_SET_UP);
	close_on_exec();
	if (launch->ask->directory != NULL && chdir(launch->ask->directory) != 0)
		give_up(launch, STEP_DIRECTORY);
	(void)execve(launch->program, (char *const *)(uintptr_t)launch->ask->argv,
		     (char *const *)(uintptr_t)launch->environment);
	give_up(launch, STEP_EXEC);
}

/* What it is given. */

static const char *value_of(const char *const *environment, const char *name)
{
	size_t len = strlen(name);

	for (; environment != NULL && *environment != NULL; environment++) {
		if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=')
			return *environment + len + 1;
	}
	return NULL;
}

static bool is_program(const char *path)
{
	struct stat about;

	return stat(path, &about) == 0 && S_ISREG(about.st_mode) && access(path, X_OK) == 0;
}

/* Looks in the PATH that the child is given, so that what runs does not depend on ours. */
static char *find_program(const struct child_ask *ask, struct error *error)
{
	const char *name = ask->argv[0];
	const char *path = value_of(ask->environment, "PATH");

	if (name == NULL || name[0] == '\0') {
		(void)error_set(error, "there is no command to run");
		return NULL;
	}
	if (strchr(name, '/') != NULL)
		return mem_dup(name);
	if (path == NULL)
		path = PATH_DEFAULT;
	for (const char *at = path; at != NULL; at = strchr(at, ':')) {
		char *candidate;

		at += *at == ':' ? 1 : 0;
		candidate = mem_printf("%.*s/%s", (int)strcspn(at, ":"), at, name);
		if (is_program(candidate))
			return candidate;
		free(candidate);
	}
	(void)error_set(error,
			"cannot run \"%.100s\": no such program in %.200s; install it, or give its "
			"full path",
			name, path);
	return NULL;
}

static void make_environment(struct launch *launch)
{
	const char *const *given = launch->ask->environment;
	size_t count = 0;

	while (given != NULL && given[count] != NULL)
		count++;
	launch->environment = mem_zalloc((count + 2) * sizeof *launch->environment);
	launch->mark =
	    mem_printf("%s=%s", CHILD_MARK, launch->ask->mark != NULL ? launch->ask->mark : "");
	for (size_t i = 0, to = 0; i < count; i++) {
		if (strncmp(given[i], CHILD_MARK "=", sizeof CHILD_MARK) != 0)
			launch->environment[to++] = given[i];
	}
	for (count = 0; launch->environment[count] != NULL;)
		count++;
	launch->environment[count] = launch->mark;
}

/* Descriptors 0 to 2 are taken in the child, even when they are free here. */
static bool lift(int *fd)
{
	int higher;

	if (*fd > STDERR_FILENO)
		return true;
	higher = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	(void)close(*fd);
	*fd = higher;
	return higher >= 0;
}

static bool open_pipe(int ret_ends[2])
{
	return pipe2(ret_ends, O_CLOEXEC) == 0 && lift(&ret_ends[0]) && lift(&ret_ends[1]) &&
	       fcntl(ret_ends[0], F_SETFL, O_NONBLOCK) == 0;
}

static bool prepare(struct launch *launch, struct error *error)
{
	launch->program = find_program(launch->ask, error);
	if (launch->program == NULL)
		return false;
	make_environment(launch);
	launch->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (launch->null < 0 || !lift(&launch->null) || !open_pipe(launch->output) ||
	    !open_pipe(launch->failure))
		return error_set(error,
				 "cannot run \"%.100s\": %s: close other programs, or raise "
				 "the limit of open files (ulimit -n)",
				 launch->ask->argv[0], strerror(errno));
	return true;
}

static void close_all(struct launch *launch)
{
	const int fds[] = {launch->null, launch->output[0], launch->output[1], launch->failure[0],
			   launch->failure[1]};

	for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
		if (fds[i] >= 0)
			(void)close(fds[i]);
	}
	free(launch->program);
	free(launch->environment);
	free(launch->mark);
}

/* Signals wait during the fork, so that no handler of ours runs in the copy. */
static pid_t fork_quietly(const struct launch *launch)
{
	sigset_t all, before;
	pid_t pid;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		become(launch);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

bool child_launch(const struct child_ask *ask, struct child_process *ret_process,
		  struct error *error)
{
	struct launch launch = {
	    .ask = ask, .null = -1, .output = {-1, -1}, .failure = {-1, -1}, .parent = getpid()};
	pid_t pid = -1;

	if (prepare(&launch, error)) {
		pid = fork_quietly(&launch);
		if (pid < 0)
			(void)error_set(error,
					"cannot run \"%.100s\": %s: close other programs, or raise "
					"the limit of processes (ulimit -u)",
					ask->argv[0], strerror(errno));
	}
	if (pid > 0) {
		(void)setpgid(pid, pid); /* both sides do it: whoever comes first */
		*ret_process = (struct child_process){pid, pidfd_open(pid, 0), launch.output[0],
						      launch.failure[0]};
		launch.output[0] = launch.failure[0] = -1;
	}
	close_all(&launch);
	return pid > 0;
}

static const char *advice(const struct failure *failure)
{
	switch (failure->number) {
	case ENOENT:
		return "check the spelling, and the interpreter in its first line";
	case EACCES:
		return "make it executable and readable for us";
	case ENOEXEC:
		return "it is neither a program nor a script with a #! line";
	default:
		return "run it by hand to see what is wrong";
	}
}

bool child_launch_failed(int fd, const char *program, const char *directory, struct error *error)
{
	struct failure failure;

	if (read(fd, &failure, sizeof failure) != (ssize_t)sizeof failure)
		return false;
	if (failure.step == STEP_DIRECTORY)
		(void)error_set(error, "cannot run \"%.100s\" in the folder \"%.200s\": %s",
				program, directory, strerror(failure.number));
	else
		(void)error_set(error, "cannot run \"%.200s\": %s: %s", program,
				strerror(failure.number), advice(&failure));
	return true;
}
