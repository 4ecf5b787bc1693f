/* Latencies in order, and the nearest rank in them. */
#ifndef BASE_PERCENTILE_H
#define BASE_PERCENTILE_H

#include <stddef.h>
#include <stdint.h>

/* Puts them into ascending order, in place; NULL only with a count of 0. */
void percentile_sort(int64_t *list_ms, size_t count);

/* The nearest-rank percentile of ascending latencies; -1 of none. Of fewer than 100 the 99th is the
 * largest. */
int64_t percentile_of(const int64_t *ascending_ms, size_t count, unsigned percent);

#endif
