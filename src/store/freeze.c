/* The freeze file: while it exists, nothing new is broken. */
#include "src/store/freeze.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/base/utf8.h"

#define REASON_LIMIT 200 /* bytes */

static char *first_line(char *data, size_t len)
{
	char *line, *end;

	data[utf8_cut(data, len, REASON_LIMIT)] = '\0';
	line = data + strspn(data, " \t\r\n");
	line[strcspn(line, "\r\n")] = '\0';
	utf8_clean(line, strlen(line));
	line += strspn(line, " ");
	for (end = line + strlen(line); end > line && end[-1] == ' '; end--)
		;
	return end > line ? mem_dup_n(line, (size_t)(end - line))
			  : mem_dup("the file gives no reason");
}

static char *read_reason(int fd)
{
	char data[REASON_LIMIT + 2] = ""; /* one more shows whether a character is cut */
	ssize_t len = read(fd, data, REASON_LIMIT + 1);

	if (len < 0)
		return mem_printf("the file cannot be read (%s)", strerror(errno));
	return first_line(data, strlen(data));
}

/* Without waiting for anybody: it might be a pipe. */
char *freeze_reason(const char *path)
{
	struct stat about;
	char *reason;
	int fd;

	if (lstat(path, &about) != 0)
		return errno == ENOENT ? NULL
				       : mem_printf("it cannot be looked at (%s)", strerror(errno));
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return mem_printf("the file cannot be read (%s)", strerror(errno));
	if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
		reason = mem_dup("it is not a file, but it is there");
	else
		reason = read_reason(fd);
	(void)close(fd);
	return reason;
}
