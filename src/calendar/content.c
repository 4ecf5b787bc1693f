/* The lines of a file of iCalendar. */
#include "src/calendar/content.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static bool read_all(int fd, char *ret_text, size_t size, size_t *ret_len)
{
	ssize_t got;

	*ret_len = 0;
	while (*ret_len < size) {
		got = read(fd, ret_text + *ret_len, size - *ret_len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0;
		*ret_len += (size_t)got;
	}
	return true;
}

static bool read_open(int fd, struct content *ret_content, struct error *error)
{
	char *text;
	struct stat st;
	size_t len = 0;
	bool good;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return error_set(error, "it is no ordinary file: name a file of iCalendar (.ics)");
	text = mem_zalloc(CONTENT_FILE_BYTES + 1);
	if (!read_all(fd, text, CONTENT_FILE_BYTES + 1, &len))
		good = error_set(error, "it cannot be read: %s", strerror(errno));
	else if (len > CONTENT_FILE_BYTES)
		good = error_set(error, "it is larger than 1 MiB: take out what is long past");
	else
		good = content_of(text, len, ret_content, error);
	free(text);
	return good;
}

bool content_read(const char *path, struct content *ret_content, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool good;

	if (fd < 0)
		return error_set(error,
				 "it cannot be opened: %s: check the path, the owner and the mode",
				 strerror(errno));
	good = read_open(fd, ret_content, error);
	(void)close(fd);
	return good;
}

static int line_of(const char *text, const char *at)
{
	int line = 1;

	for (; text < at; text++)
		line += *text == '\n' ? 1 : 0;
	return line;
}

static bool is_folded(const char *text, size_t at, size_t len)
{
	return at + 1 < len && text[at] == '\n' && (text[at + 1] == ' ' || text[at + 1] == '\t');
}

/* Lines end with "\n" only; those that are folded are made one. Empty ones are left out. */
static void unfold(const char *text, size_t len, struct content *ret_content)
{
	size_t out = 0, count = 0, capacity = 0;
	bool begins = true;
	int line = 1;

	ret_content->text = mem_zalloc(len + 2);
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			line++;
		if (text[i] == '\r' || (text[i] == '\n' && begins))
			continue;
		if (is_folded(text, i, len)) {
			i++;
			continue;
		}
		if (begins && count == capacity) {
			capacity = capacity * 2 + 64;
			ret_content->numbers =
			    mem_grow(ret_content->numbers, capacity, sizeof *ret_content->numbers);
		}
		if (begins)
			ret_content->numbers[count++] = line;
		begins = text[i] == '\n';
		ret_content->text[out++] = text[i];
	}
}

bool content_of(const char *text, size_t len, struct content *ret_content, struct error *error)
{
	size_t mark = strlen(BYTE_ORDER_MARK);
	const char *nul = memchr(text, '\0', len);

	*ret_content = (struct content){.at = 0};
	if (nul != NULL)
		return error_set(error,
				 "line %d: there is a NUL in it, so that it is no text: save it as "
				 "iCalendar in UTF-8",
				 line_of(text, nul));
	if (len >= mark && memcmp(text, BYTE_ORDER_MARK, mark) == 0)
		unfold(text + mark, len - mark, ret_content);
	else
		unfold(text, len, ret_content);
	return true;
}

void content_done(struct content *content)
{
	free(content->text);
	free(content->numbers);
	*content = (struct content){.at = 0};
}

/* Where the value begins: behind the first ":" that is in no quotes. */
static const char *find_colon(const char *at, const char *end)
{
	bool quoted = false;

	for (; at < end; at++) {
		if (*at == '"')
			quoted = !quoted;
		else if (*at == ':' && !quoted)
			return at;
	}
	return NULL;
}

bool content_next(struct content *content, struct content_line *ret_line)
{
	const char *start = content->text + content->at;
	size_t len = strcspn(start, "\n");
	const char *colon = find_colon(start, start + len);
	const char *head_end = colon != NULL ? colon : start + len;

	if (*start == '\0')
		return false;
	*ret_line =
	    (struct content_line){.name = start, .number = content->numbers[content->index]};
	ret_line->name_len = strcspn(start, ";:\n");
	ret_line->parameters = start + ret_line->name_len;
	if (ret_line->parameters < head_end) {
		ret_line->parameters++;
		ret_line->parameters_len = (size_t)(head_end - ret_line->parameters);
	}
	if (colon != NULL) {
		ret_line->value = colon + 1;
		ret_line->value_len = (size_t)(start + len - ret_line->value);
	}
	content->at += len + (start[len] == '\n' ? 1 : 0);
	content->index++;
	return true;
}

bool content_is(const struct content_line *line, const char *name)
{
	return line->name_len == strlen(name) && strncasecmp(line->name, name, line->name_len) == 0;
}

/* The end of a parameter: the next ";" that is in no quotes. */
static size_t parameter_len(const char *at, size_t len)
{
	bool quoted = false;
	size_t i = 0;

	for (; i < len && (at[i] != ';' || quoted); i++)
		quoted = at[i] == '"' ? !quoted : quoted;
	return i;
}

bool content_parameter(const struct content_line *line, const char *name, const char **ret_value,
		       size_t *ret_len)
{
	const char *at = line->parameters, *end = at + line->parameters_len;
	size_t name_len = strlen(name);

	while (at < end) {
		size_t len = parameter_len(at, (size_t)(end - at));

		if (len > name_len && at[name_len] == '=' && strncasecmp(at, name, name_len) == 0) {
			*ret_value = at + name_len + 1;
			*ret_len = len - name_len - 1;
			if (*ret_len >= 2 && **ret_value == '"') {
				(*ret_value)++;
				*ret_len -= 2;
			}
			return true;
		}
		at += len + 1;
	}
	return false;
}
