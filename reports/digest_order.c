/* The order in which the digest tells: what needs people first. */
#include "reports/digest_order.h"

#include <stdlib.h>

static int compare_gaps(const void *a, const void *b)
{
	const struct digest_gap *one = a, *other = b;

	return (one->first_wall_ms > other->first_wall_ms) -
	       (one->first_wall_ms < other->first_wall_ms);
}

static int compare_speeds(const void *a, const void *b)
{
	const struct digest_speed *one = a, *other = b;

	return (one->p50_ms < other->p50_ms) - (one->p50_ms > other->p50_ms);
}

static int compare_skips(const void *a, const void *b)
{
	const struct digest_skip *one = a, *other = b;

	return (one->count < other->count) - (one->count > other->count);
}

static int compare_proofs(const void *a, const void *b)
{
	const struct digest_proof *one = a, *other = b;

	return (one->passed_wall_ms > other->passed_wall_ms) -
	       (one->passed_wall_ms < other->passed_wall_ms);
}

static int compare_flaky(const void *a, const void *b)
{
	const struct digest_flaky *one = a, *other = b;

	return (one->count < other->count) - (one->count > other->count);
}

static void sort_list(void *list, size_t count, size_t size,
		      int (*compare)(const void *, const void *))
{
	if (count > 1)
		qsort(list, count, size, compare);
}

void digest_order(struct digest *digest)
{
	sort_list(digest->gaps, digest->gap_count, sizeof *digest->gaps, compare_gaps);
	sort_list(digest->speeds, digest->speed_count, sizeof *digest->speeds, compare_speeds);
	sort_list(digest->skips, digest->skip_count, sizeof *digest->skips, compare_skips);
	sort_list(digest->proofs, digest->proof_count, sizeof *digest->proofs, compare_proofs);
	sort_list(digest->flaky, digest->flaky_count, sizeof *digest->flaky, compare_flaky);
}
