/* Times that are left out. */
#include "src/calendar/spans.h"

#include <stdlib.h>

#include "src/base/mem.h"

void spans_add(struct spans *spans, int64_t from, int64_t until)
{
	if (spans->count == spans->capacity) {
		spans->capacity = spans->capacity * 2 + 8;
		spans->list = mem_grow(spans->list, spans->capacity, sizeof *spans->list);
	}
	spans->list[spans->count++] = (struct span){from, until};
}

static int compare(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

void spans_sort(struct spans *spans)
{
	size_t kept = 0;

	if (spans->count == 0)
		return;
	qsort(spans->list, spans->count, sizeof *spans->list, compare);
	for (size_t i = 1; i < spans->count; i++) {
		struct span *last = &spans->list[kept];

		if (spans->list[i].from > last->until)
			spans->list[++kept] = spans->list[i];
		else if (spans->list[i].until > last->until)
			last->until = spans->list[i].until;
	}
	spans->count = kept + 1;
}

void spans_done(struct spans *spans)
{
	free(spans->list);
	*spans = (struct spans){0};
}

int64_t spans_end(const struct spans *spans, int64_t at)
{
	size_t low = 0, high = spans->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (spans->list[middle].until > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low < spans->count && spans->list[low].from <= at ? spans->list[low].until : at;
}
