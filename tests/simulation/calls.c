/* The C library as the simulation has it. */
#include "tests/simulation/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/simulation/plan.h"
#include "tests/simulation/sim.h"
#include "tests/simulation/world.h"

#define FDS        1024
#define TURNS_MAX  200000 /* of the loop without time passing */
#define NOT_OURS   (-1)
#define THE_FOLDER (-2)

static struct {
	struct sim *sim; /* borrowed; NULL: the C library is as ever */
	bool counting;
	int files[FDS]; /* by descriptor: the ledger's file, NOT_OURS or THE_FOLDER, plus 3 */
} calls;

void calls_attach(struct sim *sim)
{
	calls.sim = sim;
}

struct sim *calls_sim(void)
{
	return calls.sim;
}

void calls_begin(void)
{
	calls.counting = true;
}

void calls_end(void)
{
	calls.counting = false;
}

/* By a signal: tools that look for leaks must not look at half a life. */
static void end_here(void)
{
	sim_trace(calls.sim, "crash at call %lld: %s", (long long)calls.sim->life.calls,
		  calls.sim->life.crash_what);
	calls.sim->life.crashed = true;
	(void)kill(getpid(), SIGKILL);
}

void calls_point(const char *what)
{
	struct sim_life *life = &calls.sim->life;

	if (!calls.counting || ++life->calls != life->crash_at)
		return;
	(void)snprintf(life->crash_what, sizeof life->crash_what, "%s", what);
	end_here();
}

/* Will the next point be the last? */
static bool is_nearly_over(void)
{
	return calls.counting && calls.sim->life.calls + 1 == calls.sim->life.crash_at;
}

int64_t calls_real_ms(void)
{
	struct timespec now = {0};

	(void)syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Time. */

int clock_gettime(clockid_t id, struct timespec *ret_time)
{
	const struct sim *sim = calls.sim;
	int64_t us;

	if (sim == NULL)
		return (int)syscall(SYS_clock_gettime, id, ret_time);
	us = id == CLOCK_REALTIME ? sim->now_us + sim->wall_us : sim->now_us - sim->boot_us;
	*ret_time = (struct timespec){us / 1000000, us % 1000000 * 1000};
	return 0;
}

int gettimeofday(struct timeval *restrict ret_time, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	*ret_time = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
	return 0;
}

time_t time(time_t *ret_time)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (ret_time != NULL)
		*ret_time = now.tv_sec;
	return now.tv_sec;
}

/* Nothing but timers ever wakes the loop. */
int epoll_wait(int fd, struct epoll_event *events, int count, int timeout_ms)
{
	struct sim *sim = calls.sim;

	if (sim == NULL)
		return (int)syscall(SYS_epoll_pwait, fd, events, count, timeout_ms, NULL,
				    (size_t)_NSIG / 8);
	calls_point("epoll_wait");
	if (timeout_ms < 0) {
		sim_break(sim, 6, "the loop waits for nothing: it would hang for ever");
		_exit(SIM_BROKEN);
	}
	if (timeout_ms > 0) {
		world_pass(sim, (int64_t)timeout_ms * 1000);
		sim->life.turns = 0;
	} else if (++sim->life.turns > TURNS_MAX) {
		sim_break(sim, 6, "the loop turns without end");
		_exit(SIM_BROKEN);
	}
	return 0;
}

ssize_t getrandom(void *bytes, size_t len, unsigned flags)
{
	unsigned char *at = bytes;

	if (calls.sim == NULL)
		return syscall(SYS_getrandom, bytes, len, flags);
	for (size_t i = 0; i < len; i++)
		at[i] = (unsigned char)(dice_bits(&calls.sim->names) >> 32);
	return (ssize_t)len;
}

/* The ledger's disk. */

static int file_of(int fd)
{
	return fd >= 0 && fd < FDS ? calls.files[fd] - 3 : NOT_OURS - 3;
}

static bool is_ledger(int fd)
{
	return file_of(fd) >= 0;
}

/* Does one write fail, and the next one not? */
static bool fails_once(struct sim *sim)
{
	return !sim->healed && dice_below(&sim->dice, 1000) < sim->plan->odds.disk_fails;
}

/* 0, or the errno of what is wrong with the disk. */
static int disk_trouble(void)
{
	struct sim *sim = calls.sim;

	if (world_has_trouble(sim, TROUBLE_READ_ONLY, 0)) {
		sim_count(sim, COUNT_DISK_READ_ONLY);
		sim->life.had_disk_trouble = true;
		return EROFS;
	}
	if (world_has_trouble(sim, TROUBLE_FULL, 0) || fails_once(sim)) {
		sim_count(sim, COUNT_DISK_FULL);
		sim->life.had_disk_trouble = true;
		return ENOSPC;
	}
	return 0;
}

static int fail(int number)
{
	errno = number;
	return -1;
}

static int open_counted(const char *path, int flags, mode_t mode, int file)
{
	bool makes = (flags & O_CREAT) != 0 && access(path, F_OK) != 0;
	int number = 0, fd;

	calls_point("open");
	if (file != THE_FOLDER && (makes || (flags & O_ACCMODE) != O_RDONLY))
		number = disk_trouble();
	if (number == EROFS || (number == ENOSPC && makes))
		return fail(number);
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	if (fd >= 0 && makes)
		disk_made(&calls.sim->disk, file);
	calls_point("opened");
	return fd;
}

static int open_file(const char *path, int flags, mode_t mode)
{
	int file = NOT_OURS, fd;

	if (calls.sim != NULL && strcmp(path, calls.sim->folder) == 0)
		file = THE_FOLDER;
	else if (calls.sim != NULL)
		file = disk_file_of(&calls.sim->disk, path);
	if (file != NOT_OURS && calls.counting)
		fd = open_counted(path, flags, mode, file);
	else
		fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	if (fd >= 0 && fd < FDS)
		calls.files[fd] = file + 3;
	return fd;
}

int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open_file(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open_file(path, flags, mode);
}

int close(int fd)
{
	if (fd >= 0 && fd < FDS)
		calls.files[fd] = 0;
	return (int)syscall(SYS_close, fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	ssize_t wrote;
	int number;

	if (!calls.counting || !is_ledger(fd))
		return syscall(SYS_pwrite64, fd, bytes, len, at);
	calls_point("write");
	number = disk_trouble();
	if (number != 0)
		return fail(number);
	if (is_nearly_over())
		len = (len + 1) / 2;
	wrote = syscall(SYS_pwrite64, fd, bytes, len, at);
	if (wrote > 0)
		disk_wrote(&calls.sim->disk, file_of(fd), at, bytes, (size_t)wrote);
	calls_point("written");
	return wrote;
}

static int sync_file(int fd)
{
	struct sim *sim = calls.sim;

	if (!calls.counting || (!is_ledger(fd) && file_of(fd) != THE_FOLDER))
		return 0; /* nothing here outlives the machine */
	calls_point("sync");
	/* SQLite passes over a folder that cannot be synced, so that does not fail here. */
	if (is_ledger(fd) && (world_has_trouble(sim, TROUBLE_BROKEN, 0) || fails_once(sim))) {
		sim->life.had_disk_trouble = true;
		sim_count(sim, COUNT_DISK_BROKEN);
		return fail(EIO);
	}
	if (is_ledger(fd))
		disk_synced(&sim->disk, file_of(fd));
	else
		disk_folder_synced(&sim->disk);
	calls_point("synced");
	return 0;
}

int fsync(int fd)
{
	return sync_file(fd);
}

int fdatasync(int fd)
{
	return sync_file(fd);
}

int ftruncate64(int fd, off64_t size)
{
	int rc;

	if (!calls.counting || !is_ledger(fd))
		return (int)syscall(SYS_ftruncate, fd, size);
	calls_point("truncate");
	if (world_has_trouble(calls.sim, TROUBLE_READ_ONLY, 0))
		return fail(EROFS);
	rc = (int)syscall(SYS_ftruncate, fd, size);
	if (rc == 0)
		disk_resized(&calls.sim->disk, file_of(fd), size);
	calls_point("truncated");
	return rc;
}

int unlink(const char *path)
{
	int file = calls.counting ? disk_file_of(&calls.sim->disk, path) : NOT_OURS;
	int rc;

	if (file < 0)
		return (int)syscall(SYS_unlink, path);
	calls_point("unlink");
	if (world_has_trouble(calls.sim, TROUBLE_READ_ONLY, 0))
		return fail(EROFS);
	rc = (int)syscall(SYS_unlink, path);
	if (rc == 0)
		disk_removed(&calls.sim->disk, file);
	calls_point("unlinked");
	return rc;
}

static int control(int fd, int command, long argument)
{
	if (calls.counting && (command == F_OFD_SETLK || is_ledger(fd)))
		calls_point("lock");
	return (int)syscall(SYS_fcntl, fd, command, argument);
}

int fcntl(int fd, int command, ...)
{
	va_list args;
	long argument;

	va_start(args, command);
	argument = va_arg(args, long);
	va_end(args);
	return control(fd, command, argument);
}

int fcntl64(int fd, int command, ...)
{
	va_list args;
	long argument;

	va_start(args, command);
	argument = va_arg(args, long);
	va_end(args);
	return control(fd, command, argument);
}

/* What would block the loop. */

static int blocked(const char *what)
{
	if (calls.sim != NULL && calls.counting)
		sim_break(calls.sim, 6, "the loop was blocked by %s()", what);
	return 0;
}

unsigned sleep(unsigned seconds)
{
	(void)seconds;
	return (unsigned)blocked("sleep");
}

/* SQLite waits so for another process, at most a second: then the time is spent. */
int usleep(useconds_t us)
{
	if (calls.sim != NULL)
		world_pass(calls.sim, (int64_t)us);
	return 0;
}

int nanosleep(const struct timespec *length, struct timespec *ret_rest)
{
	(void)length;
	(void)ret_rest;
	return blocked("nanosleep");
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	if (timeout_ms != 0)
		return blocked("poll");
	return (int)syscall(SYS_poll, fds, count, timeout_ms);
}

int select(int count, fd_set *restrict in, fd_set *restrict out, fd_set *restrict errors,
	   struct timeval *restrict timeout)
{
	(void)count;
	(void)in;
	(void)out;
	(void)errors;
	(void)timeout;
	return blocked("select");
}

int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t len)
{
	(void)fd;
	(void)address;
	(void)len;
	return blocked("connect");
}
