/* Latencies in order, and the nearest rank in them. */
#include "src/base/percentile.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

void percentile_sort(int64_t *list_ms, size_t count)
{
	if (count > 1)
		qsort(list_ms, count, sizeof *list_ms, compare);
}

int64_t percentile_of(const int64_t *ascending_ms, size_t count, unsigned percent)
{
	size_t rank = (count * percent + 99) / 100;

	return count == 0 ? -1 : ascending_ms[rank > 0 ? rank - 1 : 0];
}
