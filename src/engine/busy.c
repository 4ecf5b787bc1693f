/* Texts that are in use: a table of lists, grown with them. */
#include "src/engine/busy.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

struct busy_text {
	struct busy_text *next; /* owned */
	char *text;             /* owned */
	size_t times;
};

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
static struct busy_text **bucket_of(const struct busy *busy, const char *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (const char *at = text; *at != '\0'; at++)
		hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
	return &busy->buckets[hash % busy->bucket_count];
}

/* Where it is linked, or would be. */
static struct busy_text **find(const struct busy *busy, const char *text)
{
	struct busy_text **at = bucket_of(busy, text);

	while (*at != NULL && strcmp((*at)->text, text) != 0)
		at = &(*at)->next;
	return at;
}

static void grow(struct busy *busy)
{
	struct busy grown = {.bucket_count = 2 * busy->bucket_count + 15, .count = busy->count};

	grown.buckets = mem_zalloc(grown.bucket_count * sizeof *grown.buckets);
	for (size_t i = 0; i < busy->bucket_count; i++) {
		while (busy->buckets[i] != NULL) {
			struct busy_text *moved = busy->buckets[i];
			struct busy_text **to = bucket_of(&grown, moved->text);

			busy->buckets[i] = moved->next;
			moved->next = *to;
			*to = moved;
		}
	}
	free(busy->buckets);
	*busy = grown;
}

void busy_add(struct busy *busy, const char *text)
{
	struct busy_text **at;

	if (busy->count >= busy->bucket_count)
		grow(busy);
	at = find(busy, text);
	if (*at == NULL) {
		*at = mem_zalloc(sizeof **at);
		(*at)->text = mem_dup(text);
		busy->count++;
	}
	(*at)->times++;
}

static void unlink_text(struct busy *busy, struct busy_text **at)
{
	struct busy_text *text = *at;

	*at = text->next;
	busy->count--;
	free(text->text);
	free(text);
}

void busy_drop(struct busy *busy, const char *text)
{
	struct busy_text **at = busy->count > 0 ? find(busy, text) : NULL;

	if (at != NULL && *at != NULL && --(*at)->times == 0)
		unlink_text(busy, at);
}

bool busy_has(const struct busy *busy, const char *text)
{
	return busy->count > 0 && *find(busy, text) != NULL;
}

void busy_done(struct busy *busy)
{
	for (size_t i = 0; i < busy->bucket_count; i++) {
		while (busy->buckets[i] != NULL)
			unlink_text(busy, &busy->buckets[i]);
	}
	free(busy->buckets);
	*busy = (struct busy){0};
}
