/* The text of a file with its includes put in their places. */
#include "scenarios/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenarios/form.h"
#include "scenarios/secretlike.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

#define BYTES_LIMIT   1048576 /* of all files together */
#define INCLUDE_DEPTH 8
#define INCLUDE_LIMIT 64 /* files */
#define BOM           "\xef\xbb\xbf"

/* One file on its way into the source. */
struct part {
	const struct part *above; /* borrowed; the file that includes this one */
	const char *text;         /* borrowed */
	size_t len, at;
	size_t file;
	int line;
	dev_t dev; /* with ino: which file it is; 0 for a text in memory */
	ino_t ino;
	int depth;
};

struct reader {
	struct source *source; /* borrowed */
	struct found *found;   /* borrowed */
	struct buf out;        /* owned */
	bool broken;           /* nothing more can be read */
	int long_line;         /* of the first text that spans lines; 0: none */
	bool incomplete;       /* an include is missing: what is there cannot be judged */
};

static void put_part(struct reader *r, struct part *part);

/* The line of the source that is being written. */
static int here(const struct reader *r)
{
	return (int)r->source->line_count;
}

static void begin_line(struct reader *r, size_t file, int line)
{
	struct source *source = r->source;

	if (source->line_count == source->line_capacity) {
		source->line_capacity = source->line_capacity * 2 + 64;
		source->lines =
		    mem_grow(source->lines, source->line_capacity, sizeof *source->lines);
	}
	source->lines[source->line_count++] = (struct source_line){file, line};
}

static size_t add_file(struct source *source, const char *path)
{
	source->files = mem_grow(source->files, source->file_count + 1, sizeof *source->files);
	source->files[source->file_count] = mem_dup(path);
	return source->file_count++;
}

/* At most a byte more than the limit, which is then found to be too many. NULL: see errno. */
static char *read_all(int fd, off_t expected, size_t *ret_len)
{
	size_t room = (expected < BYTES_LIMIT ? (size_t)expected : BYTES_LIMIT) + 1, len = 0;
	char *bytes = mem_grow(NULL, room + 1, 1);
	ssize_t got;

	while ((got = read(fd, bytes + len, room - len)) > 0) {
		len += (size_t)got;
		if (len < room)
			continue;
		if (room > BYTES_LIMIT)
			break;
		room = BYTES_LIMIT + 1; /* it grows, or does not tell its size */
		bytes = mem_grow(bytes, room + 1, 1);
	}
	if (got < 0) {
		free(bytes);
		return NULL;
	}
	bytes[len] = '\0';
	*ret_len = len;
	return bytes;
}

/* The file's bytes, owned by the caller; NULL with an error. */
static char *read_bytes(const char *path, struct part *part, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hang us */
	struct stat st;
	char *bytes = NULL;

	if (fd < 0 || fstat(fd, &st) < 0) {
		(void)error_set(error, "cannot be read: %s", strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		(void)error_set(error, "is %s; name a file",
				S_ISDIR(st.st_mode) ? "a folder" : "not a regular file");
	} else {
		bytes = read_all(fd, st.st_size, &part->len);
		if (bytes == NULL)
			(void)error_set(error, "cannot be read: %s", strerror(errno));
		part->dev = st.st_dev;
		part->ino = st.st_ino;
	}
	if (fd >= 0)
		(void)close(fd);
	return bytes;
}

/* A mistake after which nothing more can be read. */
static void stop(struct reader *r, const char *key, const char *text)
{
	found_add(r->found, here(r), key, "%s", text);
	r->broken = true;
}

/* Copies the next bytes as they are. */
static void put(struct reader *r, struct part *part, size_t len)
{
	const char *from = part->text + part->at, *end = from + len, *newline;

	part->at += len;
	while ((newline = memchr(from, '\n', (size_t)(end - from))) != NULL) {
		buf_add(&r->out, from, (size_t)(newline - from) + 1);
		begin_line(r, part->file, ++part->line);
		from = newline + 1;
	}
	buf_add(&r->out, from, (size_t)(end - from));
}

static void unclosed(struct reader *r, struct part *part, const char *what, const char *end)
{
	char quote[64] = "";

	if (r->long_line > 0 && strcmp(what, "text") == 0)
		(void)snprintf(quote, sizeof quote, " (or is a quote missing in line %d?)",
			       source_line(r->source, r->long_line));
	found_add(r->found, here(r), "", "the %s that begins here never ends: close it with %s%s",
		  what, end, quote);
	r->broken = true;
	part->at = part->len;
}

/* How many bytes the text in quotes at the start has, quotes included; 0 when it does not end.
 * As in libconfig, a backslash hides only a quote and another backslash. */
static size_t quoted_len(const char *text, size_t len)
{
	for (size_t at = 1; at < len; at++) {
		if (text[at] == '"')
			return at + 1;
		if (text[at] == '\\' && at + 1 < len && strchr("\"\\", text[at + 1]) != NULL)
			at++;
	}
	return 0;
}

static void put_comment(struct reader *r, struct part *part)
{
	const char *text = part->text + part->at, *end;
	size_t left = part->len - part->at, len = left, secret_at = 0;
	const char *what;

	if (text[0] == '/' && text[1] == '*') {
		end = left < 4 ? NULL : memmem(text + 2, left - 2, "*/", 2);
		if (end == NULL) {
			unclosed(r, part, "comment", "*/");
			return;
		}
		len = (size_t)(end - text) + 2;
	} else if ((end = memchr(text, '\n', left)) != NULL) {
		len = (size_t)(end - text);
	}
	what = secretlike_token(text, len, &secret_at);
	if (what != NULL) {
		int line = here(r);

		for (size_t i = 0; i < secret_at; i++)
			line += text[i] == '\n';
		found_add(r->found, line, "", "this comment holds what looks like %s: take it out",
			  what);
	}
	put(r, part, len);
}

static bool already_open(const struct part *part, const struct part *opened)
{
	for (; part != NULL; part = part->above) {
		if (part->ino != 0 && part->dev == opened->dev && part->ino == opened->ino)
			return true;
	}
	return false;
}

/* Puts the file of that path in the place of its @include line. */
static void put_file(struct reader *r, const struct part *above, const char *path)
{
	struct part part = {.above = above, .line = 1, .depth = above->depth + 1};
	struct error error;
	char *bytes = NULL;

	if (part.depth > INCLUDE_DEPTH)
		found_add(r->found, here(r), "@include", "more than %d files inside each other",
			  INCLUDE_DEPTH);
	else if (r->source->file_count == INCLUDE_LIMIT)
		stop(r, "@include", "more than 64 files in one: include fewer");
	else if ((bytes = read_bytes(path, &part, &error)) == NULL)
		found_add(r->found, here(r), "@include", "%s %s", path, error.text);
	else if (already_open(above, &part))
		found_add(r->found, here(r), "@include",
			  "%s includes itself, directly or by another file: take one @include out",
			  path);
	else {
		part.text = bytes;
		part.file = add_file(r->source, path);
		r->source->lines[r->source->line_count - 1] = (struct source_line){part.file, 1};
		put_part(r, &part);
	}
	r->incomplete = r->incomplete || part.text == NULL;
	free(bytes);
}

/* The length of `@include "` at the start of a line, or 0. */
static size_t include_len(const struct part *part)
{
	const char *text = part->text + part->at;
	size_t blank;

	if (part->at > 0 && text[-1] != '\n')
		return 0;
	text += strspn(text, " \t");
	if (strncmp(text, "@include", 8) != 0)
		return 0;
	text += 8;
	blank = strspn(text, " \t");
	if (blank == 0 || text[blank] != '"')
		return 0;
	return (size_t)(text + blank + 1 - part->text) - part->at;
}

static void put_include(struct reader *r, struct part *part, size_t open_len)
{
	const char *name = part->text + part->at + open_len;
	size_t len = strcspn(name, "\"\\\n");
	char *relative, *path;

	part->at += open_len + len;
	if (name[len] != '"' || len == 0) {
		found_add(r->found, here(r), "@include",
			  "the path must stand in quotes on this line, without backslashes: "
			  "@include \"common.cfg\"");
		r->incomplete = true;
		part->at += strcspn(name + len, "\n");
		return;
	}
	part->at++;
	relative = mem_dup_n(name, len);
	path = source_beside(r->source->files[part->file], relative);
	put_file(r, part, path);
	free(path);
	free(relative);
	buf_adds(&r->out, "\n");
	begin_line(r, part->file, part->line); /* whatever stands behind the include */
}

/* Stops the reading when the bytes cannot be a configuration at all. */
static void check_bytes(struct reader *r, struct part *part)
{
	size_t bad = 0;
	bool nul = part->len > 0 && memchr(part->text, '\0', part->len) != NULL;

	if (r->out.len + part->len > BYTES_LIMIT) {
		stop(r, "", "larger than 1 MiB: split it, or make it smaller");
		return;
	}
	if (!nul && form_is_utf8(part->text, part->len, &bad))
		return;
	if (nul)
		bad = strlen(part->text);
	for (size_t i = 0; i < bad; i++) {
		if (part->text[i] == '\n')
			begin_line(r, part->file, ++part->line);
	}
	stop(r, "",
	     nul ? "a byte 0: this is not a text file" : "not UTF-8: save the file as UTF-8");
}

static void put_part(struct reader *r, struct part *part)
{
	check_bytes(r, part);
	if (strncmp(part->text, BOM, strlen(BOM)) == 0) {
		part->text += strlen(BOM);
		part->len -= strlen(BOM);
	}
	while (part->at < part->len && !r->broken) {
		const char *text = part->text + part->at;
		size_t len = include_len(part);

		if (len > 0) {
			put_include(r, part, len);
		} else if (text[0] == '"') {
			len = quoted_len(text, part->len - part->at);
			if (len == 0)
				unclosed(r, part, "text", "a quote \"");
			else if (r->long_line == 0 && memchr(text, '\n', len) != NULL)
				r->long_line = here(r);
			put(r, part, len);
		} else if (text[0] == '#' || strncmp(text, "//", 2) == 0 ||
			   strncmp(text, "/*", 2) == 0) {
			put_comment(r, part);
		} else {
			put(r, part, text[0] == '\n' ? 1 : strcspn(text + 1, "\"#/\n") + 1);
		}
	}
}

bool source_read(struct source *source, const char *path, const char *text, struct found *found)
{
	struct reader r = {.source = source, .found = found};
	struct part part = {.text = text, .line = 1};
	struct error error;
	char *bytes = NULL;

	part.file = add_file(source, path);
	if (text != NULL) {
		part.len = strlen(text);
	} else {
		bytes = read_bytes(path, &part, &error);
		part.text = bytes;
		if (bytes == NULL)
			found_add(found, 0, "", "%s", error.text);
	}
	if (part.text != NULL) {
		begin_line(&r, part.file, 1);
		put_part(&r, &part);
	}
	buf_adds(&r.out, "\n"); /* libconfig 1.5 refuses a comment that ends without a newline */
	source->len = r.out.len;
	source->text = buf_take(&r.out);
	free(bytes);
	return part.text != NULL && !r.broken && !r.incomplete;
}

void source_done(struct source *source)
{
	for (size_t i = 0; i < source->file_count; i++)
		free(source->files[i]);
	free(source->files);
	free(source->lines);
	free(source->text);
	*source = (struct source){0};
}

/* The line's entry; the last one for lines behind the end. NULL for the file as a whole. */
static const struct source_line *entry(const struct source *source, int line)
{
	size_t at = (size_t)line;

	if (line <= 0 || source->line_count == 0)
		return NULL;
	return &source->lines[(at < source->line_count ? at : source->line_count) - 1];
}

const char *source_file(const struct source *source, int line)
{
	const struct source_line *from = entry(source, line);

	return source->files[from == NULL ? 0 : from->file];
}

int source_line(const struct source *source, int line)
{
	const struct source_line *from = entry(source, line);

	return from == NULL ? 0 : from->line;
}

char *source_beside(const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');

	if (path[0] == '/' || slash == NULL)
		return mem_dup(path);
	return mem_printf("%.*s/%s", (int)(slash - file), file, path);
}

void source_look_for_secrets(const struct source *source, struct found *found)
{
	const char *line = source->text;

	for (int number = 1; *line != '\0'; number++) {
		size_t len = strcspn(line, "\n");
		const char *what = secretlike_find(line, len, NULL, NULL);

		if (what != NULL)
			found_add(found, number, "", "this looks like %s: take it out", what);
		line += len + (line[len] == '\n');
	}
}
