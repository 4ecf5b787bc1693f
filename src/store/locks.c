/* Locks between processes, by name: one byte each of a file beside the ledger. */
#include "src/store/locks.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/store/folders.h"

#define SUFFIX "-locks"
#define TRIES  3 /* of opening a file that is being replaced */

struct locks {
	int fd;
	int own_fd;   /* another open file, which nobody inherits; -1: not needed yet */
	char *path;   /* owned */
	char *ledger; /* owned; whose owner a new file gets */
	char **names; /* owned, as is each: what is held */
	size_t count;
};

/* The file. */

/* Root may lock in the file of anybody, so that `sudo firedrill halt` is no dead end. */
static bool check_file(int fd, const char *path, struct error *error)
{
	struct stat about;

	if (fstat(fd, &about) != 0)
		return error_set(error,
				 "the locks file %s cannot be looked at (%s): check its disk", path,
				 strerror(errno));
	if (!S_ISREG(about.st_mode))
		return error_set(error, "%s is not a file: move it away", path);
	if (about.st_uid != geteuid() && geteuid() != 0)
		return error_set(
		    error,
		    "the locks file %s belongs to somebody else: run firedrill as that "
		    "user, or name another state file",
		    path);
	return true;
}

/* What root makes beside the ledger of somebody else is theirs, as with SQLite's own side files:
 * else they could not run any more. What has another name, too, may be any file of root's. */
static bool hand_over(int fd, const char *path, const char *ledger, struct error *error)
{
	struct stat ours, theirs;

	if (geteuid() != 0 || fstat(fd, &ours) != 0 || stat(ledger, &theirs) != 0 ||
	    ours.st_uid != 0 || ours.st_nlink != 1 || theirs.st_uid == 0 ||
	    fchown(fd, theirs.st_uid, theirs.st_gid) == 0)
		return true;
	return error_set(error,
			 "the locks file %s cannot be given to the owner of the ledger (%s): run "
			 "firedrill as that user",
			 path, strerror(errno));
}

static bool open_file(struct locks *locks, struct error *error)
{
	int fd = open(locks->path,
		      O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_set(error,
				 "the locks file %s cannot be opened (%s): check the owner and the "
				 "mode of it and of its folder",
				 locks->path, strerror(errno));
	if (!check_file(fd, locks->path, error) ||
	    !hand_over(fd, locks->path, locks->ledger, error)) {
		(void)close(fd);
		return false;
	}
	if (locks->fd >= 0)
		(void)close(locks->fd);
	if (locks->own_fd >= 0) /* what it showed, nobody looks for there any more */
		(void)close(locks->own_fd);
	locks->fd = fd;
	locks->own_fd = -1;
	return true;
}

/* Others would lock in the file that has the name now. */
static bool is_in_place(const struct locks *locks)
{
	struct stat open_one, named_one;

	return fstat(locks->fd, &open_one) == 0 && stat(locks->path, &named_one) == 0 &&
	       open_one.st_dev == named_one.st_dev && open_one.st_ino == named_one.st_ino;
}

static bool open_anew(struct locks *locks, struct error *error)
{
	if (locks->count > 0)
		return error_set(error,
				 "the locks file %s was moved or removed while it was in use: let "
				 "the drills that run end, then start firedrill anew",
				 locks->path);
	return open_file(locks, error);
}

/* The bytes. */

/* FNV-1a, its ends mixed: http://www.isthe.com/chongo/tech/comp/fnv/.  Two names on one byte would
 * only keep each other waiting. */
static off_t place_of(const char *name)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (const char *at = name; *at != '\0'; at++)
		hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
	return (off_t)((hash ^ hash >> 32) & ((UINT64_C(1) << 62) - 1));
}

static int set_lock_of(int fd, short type, off_t start, off_t len)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};

	return fcntl(fd, F_OFD_SETLK, &lock);
}

static int set_lock(const struct locks *locks, short type, off_t start, off_t len)
{
	return set_lock_of(locks->fd, type, start, len);
}

static enum lock_result lock_byte(const struct locks *locks, const char *name, struct error *error)
{
	if (set_lock(locks, F_WRLCK, place_of(name), 1) == 0)
		return LOCK_TAKEN;
	if (errno == EAGAIN || errno == EACCES)
		return LOCK_BUSY;
	(void)error_set(error,
			"the locks file %s cannot be locked (%s): keep the state file on a local "
			"disk",
			locks->path, strerror(errno));
	return LOCK_FAILED;
}

/* The names that are held. */

static size_t find_held(const struct locks *locks, const char *name)
{
	size_t at = 0;

	while (at < locks->count && strcmp(locks->names[at], name) != 0)
		at++;
	return at;
}

static void add_held(struct locks *locks, const char *name)
{
	locks->names = mem_grow(locks->names, locks->count + 1, sizeof *locks->names);
	locks->names[locks->count++] = mem_dup(name);
}

static void drop_held(struct locks *locks, size_t at)
{
	free(locks->names[at]);
	locks->names[at] = locks->names[--locks->count];
}

/* The public functions. */

struct locks *locks_open(const char *state, struct error *error)
{
	struct locks *locks = mem_zalloc(sizeof *locks);
	char *real = realpath(state, NULL); /* NULL: not made yet */

	locks->ledger = real != NULL ? real : mem_dup(state);
	locks->path = mem_printf("%s" SUFFIX, locks->ledger);
	locks->fd = locks->own_fd = -1;
	if (folders_make(locks->path, "locks file", error) && open_file(locks, error))
		return locks;
	locks_close(locks);
	return NULL;
}

/* https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html */
static void find_path(struct locks *locks)
{
	char link[64], path[PATH_MAX];
	ssize_t len;

	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", locks->fd);
	len = readlink(link, path, sizeof path);
	locks->path = len > 0 ? mem_dup_n(path, (size_t)len) : mem_dup(link);
	locks->ledger = mem_dup(locks->path);
	len = (ssize_t)(strlen(locks->path) - strlen(SUFFIX));
	if (len > 0 && strcmp(locks->path + len, SUFFIX) == 0)
		locks->ledger[len] = '\0';
}

static bool check_adopted(const struct locks *locks, struct error *error)
{
	if (!check_file(locks->fd, locks->path, error))
		return false;
	if (!is_in_place(locks))
		return error_set(error,
				 "the locks file %s was moved or removed: start firedrill anew",
				 locks->path);
	return fcntl(locks->fd, F_SETFD, FD_CLOEXEC) == 0 ||
	       error_set(error, "the locks file %s cannot be closed to other programs (%s)",
			 locks->path, strerror(errno));
}

struct locks *locks_adopt(int fd, struct error *error)
{
	struct locks *locks = mem_zalloc(sizeof *locks);

	locks->fd = fd;
	locks->own_fd = -1;
	find_path(locks);
	if (check_adopted(locks, error))
		return locks;
	locks_close(locks);
	return NULL;
}

/* Unlocks nothing by itself: another process may have the same open file. */
void locks_close(struct locks *locks)
{
	if (locks == NULL)
		return;
	while (locks->count > 0)
		drop_held(locks, locks->count - 1);
	if (locks->fd >= 0)
		(void)close(locks->fd);
	if (locks->own_fd >= 0)
		(void)close(locks->own_fd);
	free(locks->names);
	free(locks->ledger);
	free(locks->path);
	free(locks);
}

int locks_fd(const struct locks *locks)
{
	return locks->fd;
}

const char *locks_ledger(const struct locks *locks)
{
	return locks->ledger;
}

/* A lock counts when the file still has its name once it is locked. */
enum lock_result locks_take(struct locks *locks, const char *name, struct error *error)
{
	if (find_held(locks, name) < locks->count)
		return LOCK_BUSY;
	for (int i = 0; i < TRIES; i++) {
		enum lock_result result = lock_byte(locks, name, error);

		if (result != LOCK_TAKEN)
			return result;
		if (is_in_place(locks)) {
			add_held(locks, name);
			return LOCK_TAKEN;
		}
		(void)set_lock(locks, F_UNLCK, place_of(name), 1);
		if (!open_anew(locks, error))
			return LOCK_FAILED;
	}
	(void)error_set(error, "the locks file %s is replaced all the time: look who does that",
			locks->path);
	return LOCK_FAILED;
}

bool locks_holds(const struct locks *locks, const char *name)
{
	return find_held(locks, name) < locks->count;
}

bool locks_is_busy(const struct locks *locks, const char *name)
{
	struct flock lock = {
	    .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = place_of(name), .l_len = 1};

	return find_held(locks, name) < locks->count ||
	       (fcntl(locks->fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK);
}

void locks_release(struct locks *locks, const char *name)
{
	size_t at = find_held(locks, name);

	if (at == locks->count)
		return;
	(void)set_lock(locks, F_UNLCK, place_of(name), 1);
	drop_held(locks, at);
}

void locks_show(struct locks *locks, const char *name)
{
	if (locks->own_fd < 0)
		locks->own_fd =
		    open(locks->path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (locks->own_fd >= 0)
		(void)set_lock_of(locks->own_fd, F_WRLCK, place_of(name), 1);
}

void locks_hide(struct locks *locks, const char *name)
{
	if (locks->own_fd >= 0)
		(void)set_lock_of(locks->own_fd, F_UNLCK, place_of(name), 1);
}

void locks_release_all(struct locks *locks)
{
	(void)set_lock(locks, F_UNLCK, 0, 0);
	while (locks->count > 0)
		drop_held(locks, locks->count - 1);
}

char *lock_name_environment(const char *environment)
{
	return mem_printf("environment:%s", environment);
}

char *lock_name_target(const char *target)
{
	return mem_printf("target:%s", target);
}

char *lock_name_fault(const char *drill)
{
	return mem_printf("fault:%s", drill);
}

char *lock_name_drill(const char *drill)
{
	return mem_printf("drill:%s", drill);
}
