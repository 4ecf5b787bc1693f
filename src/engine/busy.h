/* Texts that are in use, counted: a place that is drilled, a target that is changed. */
#ifndef ENGINE_BUSY_H
#define ENGINE_BUSY_H

#include <stdbool.h>
#include <stddef.h>

struct busy_text;

/* Zeroed: empty. */
struct busy {
	struct busy_text **buckets; /* owned */
	size_t bucket_count, count;
};

void busy_done(struct busy *busy);
void busy_add(struct busy *busy, const char *text); /* copied; once more each time */
void busy_drop(struct busy *busy, const char *text);
bool busy_has(const struct busy *busy, const char *text);

#endif
