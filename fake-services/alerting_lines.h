/* What came into the alerting service, line by line, and Loki's way to ask for it.  Internal to
 * alerting*.c.  https://grafana.com/docs/loki/latest/reference/loki-http-api/ */
#ifndef FAKE_SERVICES_ALERTING_LINES_H
#define FAKE_SERVICES_ALERTING_LINES_H

#include <stddef.h>

struct fake_request;
struct lines;

struct lines *fake_lines_new(const char *environment); /* a label of every line */
void fake_lines_free(struct lines *lines);             /* NULL is fine */

/* Keeps a line: the newest ones, by the thousand. Its level is what "level=" in it says. */
void fake_lines_add(struct lines *lines, const char *service, const char *text, size_t len);

/* Answers GET /loki/api/v1/query_range: the newest first, without regard to start, end and since.
 * Knows queries such as {service="orders", level="error"} |= "text" |~ `expression`. */
void fake_lines_send(const struct lines *lines, struct fake_request *request);

#endif
