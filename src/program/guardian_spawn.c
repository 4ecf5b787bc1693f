/* Starting a guardian. posix_spawn(3): nothing of ours runs between fork and exec. */
#include "src/program/guardian_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/program/wire.h"

#define OWN_PROGRAM "/proc/self/exe"
#define FREE_FD     10 /* above those that the new process gets */

static void close_fd(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

/* Above those that it is to get, so that putting one in its place does not overwrite the other. */
static int lifted(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, FREE_FD);
}

static bool add_files(posix_spawn_file_actions_t *files, int socket, int locks)
{
	return posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDWR, 0) == 0 &&
	       posix_spawn_file_actions_adddup2(files, STDIN_FILENO, STDOUT_FILENO) == 0 &&
	       posix_spawn_file_actions_adddup2(files, STDIN_FILENO, STDERR_FILENO) == 0 &&
	       posix_spawn_file_actions_adddup2(files, socket, WIRE_SOCKET) == 0 &&
	       posix_spawn_file_actions_adddup2(files, locks, WIRE_LOCKS) == 0 &&
	       posix_spawn_file_actions_addclosefrom_np(files, WIRE_LOCKS + 1) == 0;
}

/* This very program. By its name, so that process lists show it and tools that stand between us and
 * the kernel can follow; when another version has taken its place, by what is running. */
static const char *own_program(char ret_path[PATH_MAX])
{
	ssize_t len = readlink(OWN_PROGRAM, ret_path, PATH_MAX - 1);

	if (len <= 0)
		return OWN_PROGRAM;
	ret_path[len] = '\0';
	return access(ret_path, X_OK) == 0 ? ret_path
					   : OWN_PROGRAM; /* "... (deleted)" is not there */
}

/* Its own session: no Ctrl-C of our terminal reaches it. All signals wait until it ignores them. */
static int spawn(char *config, int socket, int locks, pid_t *ret_pid)
{
	char *const argv[] = {"firedrill", "guardian", "--config", config, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	char path[PATH_MAX];
	sigset_t all;
	int number = ENOMEM;

	(void)sigfillset(&all);
	if (posix_spawn_file_actions_init(&files) != 0)
		return number;
	if (posix_spawnattr_init(&how) == 0) {
		if (add_files(&files, socket, locks) &&
		    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK) ==
			0 &&
		    posix_spawnattr_setsigmask(&how, &all) == 0)
			number =
			    posix_spawn(ret_pid, own_program(path), &files, &how, argv, environ);
		(void)posix_spawnattr_destroy(&how);
	}
	(void)posix_spawn_file_actions_destroy(&files);
	return number;
}

bool guardian_spawn(const char *config, int locks, pid_t *ret_pid, int *ret_socket,
		    struct error *error)
{
	int ends[2] = {-1, -1}, theirs = -1, their_locks = -1, number = 0;
	char *config_word = mem_dup(config); /* argv is not const */

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0 ||
	    (theirs = lifted(ends[1])) < 0 || (their_locks = lifted(locks)) < 0)
		number = errno;
	else
		number = spawn(config_word, theirs, their_locks, ret_pid);
	free(config_word);
	close_fd(ends[1]);
	close_fd(theirs);
	close_fd(their_locks);
	if (number == 0) {
		*ret_socket = ends[0];
		return true;
	}
	close_fd(ends[0]);
	return error_set(error,
			 "the guardian cannot be started (%s): close other programs, or raise the "
			 "limits of processes and open files (ulimit -u, -n)",
			 strerror(number));
}
