/* A file that a person named for what we write. */
#include "src/program/output_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"

static bool fail(const char *path, int number, struct error *error)
{
	return error_set(error,
			 "%s cannot be written (%s): check the path, the owner and the mode of its "
			 "folder, and the disk",
			 path, strerror(number));
}

static bool is_special(const char *path)
{
	struct stat about;

	return stat(path, &about) == 0 && !S_ISREG(about.st_mode);
}

/* A new file beside it; its name is owned by the caller. -1 with errno. */
static int make_beside(const char *path, char **ret_name)
{
	char *name = mem_printf("%s.XXXXXX", path);
	int fd = mkstemp(name);

	*ret_name = name;
	return fd;
}

bool output_file_check(const char *path, struct error *error)
{
	char *name = NULL;
	int fd, number;

	if (strcmp(path, "-") == 0)
		return true;
	if (is_special(path))
		return access(path, W_OK) == 0 || fail(path, errno, error);
	fd = make_beside(path, &name);
	number = errno;
	if (fd >= 0) {
		(void)close(fd);
		(void)unlink(name);
	}
	free(name);
	return fd >= 0 || fail(path, number, error);
}

/* Closes the file in any case. */
static bool write_all(FILE *file, const char *text, size_t len)
{
	bool good = fwrite(text, 1, len, file) == len && fflush(file) == 0;

	return fclose(file) == 0 && good;
}

static bool write_special(const char *path, const char *text, size_t len, struct error *error)
{
	FILE *file = fopen(path, "we");

	return (file != NULL && write_all(file, text, len)) || fail(path, errno, error);
}

/* As any new file would have it; one that is there keeps its own. */
static mode_t mode_of(const char *path)
{
	struct stat about;
	mode_t mask;

	if (stat(path, &about) == 0)
		return about.st_mode & 0777;
	mask = umask(0);
	(void)umask(mask);
	return 0666 & ~mask;
}

bool output_file_write(const char *path, const char *text, size_t len, struct error *error)
{
	char *name = NULL;
	bool good;
	FILE *file;
	int fd;

	if (strcmp(path, "-") == 0)
		return fwrite(text, 1, len, stdout) == len || fail("stdout", errno, error);
	if (is_special(path))
		return write_special(path, text, len, error);
	fd = make_beside(path, &name);
	file = fd >= 0 ? fdopen(fd, "w") : NULL;
	good = file != NULL && fchmod(fd, mode_of(path)) == 0;
	if (file != NULL)
		good = write_all(file, text, len) && good;
	else if (fd >= 0)
		(void)close(fd);
	good = good && rename(name, path) == 0;
	if (!good) {
		(void)fail(path, errno, error);
		if (fd >= 0)
			(void)unlink(name);
	}
	free(name);
	return good;
}
