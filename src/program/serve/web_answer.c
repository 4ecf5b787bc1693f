/* What goes back over the wire. */
#include "src/program/serve/web_answer.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <time.h>

#include "src/base/clock.h"

/* With every answer, whatever it says: nothing is run, framed, sent on, kept or loaded from elsewhere. */
static const char same_for_all[] =
    "Connection: close\r\n"
    "Cache-Control: no-store\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; img-src data: 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Embedder-Policy: require-corp\r\n";

static const struct {
	int status;
	const char *phrase;
	const char *header; /* one more; NULL: none */
} statuses[] = {
    {200, "OK", NULL},
    {400, "Bad Request", NULL},
    {401, "Unauthorized",
     "WWW-Authenticate: Basic realm=\"firedrill\", charset=\"UTF-8\"\r\n"
     "WWW-Authenticate: Bearer realm=\"firedrill\"\r\n"},
    {403, "Forbidden", NULL},
    {404, "Not Found", NULL},
    {405, "Method Not Allowed", "Allow: GET, HEAD\r\n"},
    {413, "Content Too Large", NULL},
    {414, "URI Too Long", NULL},
    {431, "Request Header Fields Too Large", NULL},
    {500, "Internal Server Error", NULL},
    {503, "Service Unavailable", "Retry-After: 5\r\n"},
    {505, "HTTP Version Not Supported", NULL},
};

void web_answer_refuse(struct web_answer *answer, int status, const char *why)
{
	answer->status = status;
	answer->type = "text/plain; charset=utf-8";
	buf_done(&answer->body);
	buf_addf(&answer->body, "%s\n", why);
}

/* https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7; always in English. */
static void write_date(struct evbuffer *output)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t now = (time_t)(clock_wall_ms() / 1000);
	struct tm utc = {0};

	(void)gmtime_r(&now, &utc);
	(void)evbuffer_add_printf(output, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
				  days[utc.tm_wday], utc.tm_mday, months[utc.tm_mon],
				  utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

static void on_sent(const void *data, size_t len, void *body)
{
	(void)data;
	(void)len;
	free(body);
}

void web_answer_write(struct web_answer *answer, bool head, struct evbuffer *output)
{
	size_t known = sizeof statuses / sizeof *statuses;
	size_t len = answer->body.len;
	char *body = buf_take(&answer->body);
	size_t i = 0;

	while (i < known && statuses[i].status != answer->status)
		i++;
	(void)evbuffer_add_printf(output, "HTTP/1.1 %d %s\r\n", answer->status,
				  i < known ? statuses[i].phrase : "Other");
	if (i < known && statuses[i].header != NULL)
		(void)evbuffer_add_printf(output, "%s", statuses[i].header);
	write_date(output);
	(void)evbuffer_add_printf(output, "Content-Type: %s\r\nContent-Length: %zu\r\n",
				  answer->type, len);
	(void)evbuffer_add(output, same_for_all, sizeof same_for_all - 1);
	(void)evbuffer_add(output, "\r\n", 2);
	/* Not copied: a page may be large. */
	if (head || len == 0 || evbuffer_add_reference(output, body, len, on_sent, body) != 0)
		free(body);
}
