/* Local time to UTC and back. */
#include "src/calendar/local.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/calendar/civil.h"
#include "src/calendar/library.h"
#include "src/calendar/zone.h"

#define FIRST      (-2 * (int64_t)CIVIL_DAY_S)
#define LAST       INT64_C(7258118400) /* 2200-01-01: from there on the clock is not changed */
#define CHUNK      (400 * (int64_t)CIVIL_DAY_S)
#define STEP       (2 * (int64_t)CIVIL_DAY_S) /* two changes are further apart */
#define OFFSET_MAX (26 * INT64_C(3600))

struct local {
	struct local *next; /* owned */
	char *name;         /* owned */
	struct library library;
	icaltimezone *zone; /* NULL: UTC */
	struct change {
		int64_t from, offset;
	} * changes; /* owned; known until `until` */
	size_t count;
	int64_t until;
};

struct locals {
	struct local *first; /* owned */
};

static int64_t look_up(const struct local *local, int64_t utc)
{
	int64_t at = utc < 0 ? 0 : utc;
	struct icaltimetype moment = local->library.moment((time_t)at, 0, local->library.utc());
	int summer = 0;

	return local->library.offset(local->zone, &moment, &summer);
}

static void add_change(struct local *local, int64_t from, int64_t offset)
{
	local->changes = mem_grow(local->changes, local->count + 1, sizeof *local->changes);
	local->changes[local->count++] = (struct change){from, offset};
}

/* The first second in which the clock is another than at `from`, of which that of `until` is one. */
static int64_t find_change(const struct local *local, int64_t from, int64_t until, int64_t offset)
{
	while (until - from > 1) {
		int64_t middle = from + (until - from) / 2;

		if (look_up(local, middle) == offset)
			from = middle;
		else
			until = middle;
	}
	return until;
}

static void learn_until(struct local *local, int64_t until)
{
	while (local->until < until) {
		int64_t from = local->until, next = from + STEP;
		int64_t offset = local->changes[local->count - 1].offset;
		int64_t other = look_up(local, next);

		if (other != offset)
			add_change(local, find_change(local, from, next, offset), other);
		local->until = next;
	}
}

/* What is known begins here. */
static void learn_anew(struct local *local, int64_t from)
{
	local->count = 0;
	add_change(local, from, look_up(local, from));
	local->until = from;
}

static void learn(struct local *local, int64_t utc)
{
	if (local->count == 0 || utc < local->changes[0].from || utc - local->until > 20 * CHUNK) {
		int64_t known_until = local->until,
			from = utc - CHUNK < FIRST ? FIRST : utc - CHUNK;

		learn_anew(local, from);
		if (known_until > utc && known_until - utc < 20 * CHUNK)
			learn_until(local, known_until);
	}
	if (utc >= local->until)
		learn_until(local, utc + CHUNK);
}

/* Found by halves: the last change that is not after it. */
static size_t find(const struct local *local, int64_t utc)
{
	size_t low = 0, high = local->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (local->changes[middle].from <= utc)
			low = middle;
		else
			high = middle;
	}
	return low;
}

struct local_span local_span(struct local *local, int64_t utc)
{
	struct local_span span = {INT64_MIN / 4, INT64_MAX / 4, 0};
	int64_t at = utc < FIRST ? FIRST : utc > LAST ? LAST : utc;
	size_t i;

	if (local->zone == NULL)
		return span;
	learn(local, at);
	i = find(local, at);
	span.offset = local->changes[i].offset;
	if (utc > FIRST)
		span.from = local->changes[i].from;
	if (utc < FIRST)
		span.until = FIRST;
	else if (utc < LAST)
		span.until = i + 1 < local->count ? local->changes[i + 1].from : local->until;
	return span;
}

int64_t local_to_utc(struct local *local, int64_t wall)
{
	struct local_span span = local_span(local, wall - OFFSET_MAX);

	while (wall - span.offset >= span.until)
		span = local_span(local, span.until);
	return wall - span.offset < span.from ? span.from : wall - span.offset;
}

static struct local *local_new(const char *zone, struct error *error)
{
	struct local *local = mem_zalloc(sizeof *local);
	int minutes;

	if (!zone_offset(zone, 0, &minutes, error)) {
		free(local);
		return NULL;
	}
	local->name = mem_dup(zone);
	if (strcmp(zone, "UTC") != 0 && library_open(&local->library, error))
		local->zone = local->library.find_zone(zone);
	return local;
}

struct locals *locals_new(void)
{
	return mem_zalloc(sizeof(struct locals));
}

void locals_free(struct locals *locals)
{
	if (locals == NULL)
		return;
	while (locals->first != NULL) {
		struct local *local = locals->first;

		locals->first = local->next;
		library_close(&local->library);
		free(local->changes);
		free(local->name);
		free(local);
	}
	free(locals);
}

struct local *locals_find(struct locals *locals, const char *zone, struct error *error)
{
	struct local *local = locals->first;

	while (local != NULL && strcmp(local->name, zone) != 0)
		local = local->next;
	if (local != NULL)
		return local;
	local = local_new(zone, error);
	if (local != NULL) {
		local->next = locals->first;
		locals->first = local;
	}
	return local;
}
