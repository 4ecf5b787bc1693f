/* One request as it comes over the wire. */
#include "src/program/serve/web_request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/mem.h"
#include "src/base/utf8.h"

/* A piece of the head; borrowed. */
struct span {
	const char *data;
	size_t len;
};

static bool refuse(struct web_request *request, int status, const char *why)
{
	request->status = status;
	request->why = why;
	return false;
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
static bool is_token(struct span text)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		char lower = (char)(c | 0x20);

		if (!((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
		      (c != '\0' && strchr(others, c) != NULL)))
			return false;
	}
	return text.len > 0;
}

static bool span_is(struct span text, const char *word)
{
	return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

static bool span_is_name(struct span text, const char *name)
{
	return text.len == strlen(name) && strncasecmp(text.data, name, text.len) == 0;
}

/* What comes before `end`, and is taken away with it; all of it when there is none. */
static struct span take_until(struct span *rest, char end)
{
	const char *found = memchr(rest->data, end, rest->len);
	struct span taken = *rest;

	if (found == NULL) {
		*rest = (struct span){rest->data + rest->len, 0};
		return taken;
	}
	taken.len = (size_t)(found - rest->data);
	*rest = (struct span){found + 1, rest->len - taken.len - 1};
	return taken;
}

/* A line without its end; false when the end has not come yet. */
static bool take_line(struct span *rest, struct span *ret_line)
{
	if (memchr(rest->data, '\n', rest->len) == NULL)
		return false;
	*ret_line = take_until(rest, '\n');
	if (ret_line->len > 0 && ret_line->data[ret_line->len - 1] == '\r')
		ret_line->len--;
	return true;
}

/* The target. */

static int hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character, and how far it reaches; false when its escape is broken, or it is a control. */
static bool decode_char(struct span text, size_t *at, char *ret_char)
{
	int high, low;

	*ret_char = text.data[*at];
	if (*ret_char == '%') {
		if (text.len - *at < 3)
			return false;
		high = hex_of(text.data[*at + 1]);
		low = hex_of(text.data[*at + 2]);
		if (high < 0 || low < 0)
			return false;
		*ret_char = (char)(high * 16 + low);
		*at += 2;
	}
	(*at)++;
	return !is_control(*ret_char);
}

/* NULL when it cannot be decoded. Owned by the caller. */
static char *decode(struct span text)
{
	char *path = mem_zalloc(text.len + 1);
	size_t len = 0;

	for (size_t at = 0; at < text.len; len++) {
		if (!decode_char(text, &at, &path[len])) {
			free(path);
			return NULL;
		}
	}
	return path;
}

/* Are all of its segments names, and all of it UTF-8? */
static bool is_plain_path(const char *path)
{
	struct span rest = {path, strlen(path)};

	for (size_t i = 0, len; i < rest.len; i += len) {
		len = utf8_length(path + i, rest.len - i);
		if (len == 0)
			return false;
	}
	while (rest.len > 0) {
		struct span segment = take_until(&rest, '/');

		if (span_is(segment, ".") || span_is(segment, ".."))
			return false;
	}
	return true;
}

/* "http://HOST/PATH", as proxies send it; what is behind the host is left. */
static bool take_authority(struct web_request *request, struct span *target)
{
	static const char *const schemes[] = {"http://", "https://"};

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		size_t len = strlen(schemes[i]);
		size_t end = len;

		if (target->len < len || strncasecmp(target->data, schemes[i], len) != 0)
			continue;
		while (end < target->len && target->data[end] != '/' && target->data[end] != '?')
			end++;
		request->host = mem_dup_n(target->data + len, end - len);
		*target = (struct span){target->data + end, target->len - end};
		return true;
	}
	return false;
}

static bool read_target(struct web_request *request, struct span target)
{
	bool absolute = take_authority(request, &target);
	struct span path;

	path = take_until(&target, '?');
	if (absolute && path.len == 0)
		path = (struct span){"/", 1};
	if (path.len == 0 || path.data[0] != '/' || memchr(path.data, '#', path.len) != NULL ||
	    memchr(target.data, '#', target.len) != NULL)
		return refuse(request, 400, "The request names no path.");
	request->query = mem_dup_n(target.data, target.len);
	request->path = decode(path);
	if (request->path == NULL || !is_plain_path(request->path))
		return refuse(request, 400, "The path is not one that is used here.");
	return true;
}

/* The line. */

static bool read_method(struct web_request *request, struct span method)
{
	if (!is_token(method))
		return refuse(request, 400, "This is no HTTP request.");
	request->head = span_is(method, "HEAD");
	/* Told when its headers are known: a body is the greater nuisance. */
	if (!request->head && !span_is(method, "GET"))
		(void)refuse(request, 405, "Only GET and HEAD are answered here.");
	return true;
}

static bool read_version(struct web_request *request, struct span version)
{
	if (span_is(version, "HTTP/1.1") || span_is(version, "HTTP/1.0"))
		return true;
	if (version.len >= 6 && memcmp(version.data, "HTTP/", 5) == 0)
		return refuse(request, 505, "Only HTTP/1.0 and HTTP/1.1 are spoken here.");
	return refuse(request, 400, "This is no HTTP request.");
}

static bool read_request_line(struct web_request *request, struct span line)
{
	struct span rest = line;
	struct span method = take_until(&rest, ' ');
	struct span target = take_until(&rest, ' ');

	for (size_t i = 0; i < line.len; i++) {
		if (is_control(line.data[i]) || (unsigned char)line.data[i] > 0x7e)
			return refuse(request, 400, "This is no HTTP request.");
	}
	return read_method(request, method) && read_version(request, rest) &&
	       (request->status == 405 || read_target(request, target));
}

/* The headers. */

static bool keep(struct web_request *request, char **text, struct span value, bool once)
{
	if (*text != NULL)
		return once ? refuse(request, 400, "A header is given twice.") : true;
	*text = mem_dup_n(value.data, value.len);
	return true;
}

static bool read_length(struct web_request *request, struct span value)
{
	if (request->has_length || value.len == 0)
		return refuse(request, 400, "The length of the body is not clear.");
	request->has_length = true;
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] < '0' || value.data[i] > '9')
			return refuse(request, 400, "The length of the body is not clear.");
		request->has_body |= value.data[i] != '0';
	}
	return true;
}

static struct span trimmed(struct span text)
{
	while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
		text = (struct span){text.data + 1, text.len - 1};
	while (text.len > 0 && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
		text.len--;
	return text;
}

static bool read_header(struct web_request *request, struct span line)
{
	bool has_colon = memchr(line.data, ':', line.len) != NULL;
	struct span value = line;
	struct span name = take_until(&value, ':');

	for (size_t i = 0; i < value.len; i++) {
		if (is_control(value.data[i]) && value.data[i] != '\t')
			return refuse(request, 400, "A header is broken.");
	}
	if (!has_colon || !is_token(name))
		return refuse(request, 400, "A header is broken.");
	value = trimmed(value);
	/* The host of an absolute target counts, not that of the header (RFC 9112, 3.2.2). */
	if (span_is_name(name, "Host") && request->host_seen)
		return refuse(request, 400, "A header is given twice.");
	if (span_is_name(name, "Host")) {
		request->host_seen = true;
		return keep(request, &request->host, value, false);
	}
	if (span_is_name(name, "Authorization"))
		return keep(request, &request->authorization, value, true);
	if (span_is_name(name, "Accept"))
		return keep(request, &request->accept, value, false);
	if (span_is_name(name, "Content-Length"))
		return read_length(request, value);
	if (span_is_name(name, "Transfer-Encoding"))
		request->has_body = true;
	return true;
}

static void read_whole(struct web_request *request, struct span line, struct span rest)
{
	bool needs_host;

	if (!read_request_line(request, line))
		return;
	needs_host = line.data[line.len - 1] == '1';
	for (size_t fields = 0; take_line(&rest, &line) && line.len > 0; fields++) {
		if (fields == WEB_FIELDS) {
			(void)refuse(request, 431, "The request has too many headers.");
			return;
		}
		if (!read_header(request, line))
			return;
	}
	if (needs_host && !request->host_seen)
		(void)refuse(request, 400, "The request names no host.");
	else if (request->has_body)
		(void)refuse(request, 413, "Requests have no body here.");
}

/* The end of the headers: an empty line. */
static bool is_complete(struct span rest)
{
	struct span line;

	while (take_line(&rest, &line)) {
		if (line.len == 0)
			return true;
	}
	return false;
}

/* Is what has come of a line so far anything but text? Then its end need not be waited for. */
static bool is_garbage(struct span line)
{
	for (size_t i = 0; i < line.len; i++) {
		if (is_control(line.data[i]) && line.data[i] != '\r')
			return true;
	}
	return false;
}

/* Refused before the headers are there: nobody who speaks HTTP sends such a line. */
static bool is_hopeless(struct web_request *request, struct span line)
{
	struct web_request early = {.status = 200};
	bool hopeless = !read_request_line(&early, line);

	if (hopeless)
		(void)refuse(request, early.status, early.why);
	web_request_done(&early);
	return hopeless;
}

bool web_request_read(struct web_request *request, const char *data, size_t len)
{
	struct span rest = {data, len};
	struct span line;

	request->status = 200;
	while (rest.len > 0 && (rest.data[0] == '\r' || rest.data[0] == '\n'))
		rest = (struct span){rest.data + 1, rest.len - 1};
	line = rest;
	if (!take_line(&rest, &line)) {
		if (line.len > WEB_LINE_BYTES)
			return !refuse(request, 414, "The address is too long.");
		if (is_garbage(line))
			return !refuse(request, 400, "This is no HTTP request.");
		return len >= WEB_HEAD_BYTES && !refuse(request, 400, "This is no HTTP request.");
	}
	if (line.len > WEB_LINE_BYTES)
		return !refuse(request, 414, "The address is too long.");
	if (is_complete(rest)) {
		read_whole(request, line, rest);
		return true;
	}
	if (is_hopeless(request, line))
		return true;
	return len >= WEB_HEAD_BYTES && !refuse(request, 431, "The headers are too long.");
}

void web_request_done(struct web_request *request)
{
	if (request->authorization != NULL)
		explicit_bzero(request->authorization, strlen(request->authorization));
	free(request->authorization);
	free(request->path);
	free(request->query);
	free(request->host);
	free(request->accept);
	*request = (struct web_request){0};
}
