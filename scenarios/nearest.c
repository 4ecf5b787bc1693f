/* Which known word did somebody mean? */
#include "scenarios/nearest.h"

#include <ctype.h>
#include <string.h>

#define WORD_LIMIT 64 /* bytes; longer words are nobody's typing mistake */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters that must be left out, put in, changed or swapped with their neighbour, in any case
 * (optimal string alignment). Both words are at most WORD_LIMIT long. */
static size_t distance(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	size_t rows[3][WORD_LIMIT + 1]; /* the row before the last one, the last one, this one */

	for (size_t j = 0; j <= b_len; j++)
		rows[1][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		rows[2][0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			int x = tolower((unsigned char)a[i - 1]);
			int y = tolower((unsigned char)b[j - 1]);
			size_t best = rows[1][j - 1] + (x == y ? 0 : 1);

			best = least(best, least(rows[1][j], rows[2][j - 1]) + 1);
			if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
			    y == tolower((unsigned char)a[i - 2]))
				best = least(best, rows[0][j - 2] + 1);
			rows[2][j] = best;
		}
		memcpy(rows[0], rows[1], sizeof rows[0]);
		memcpy(rows[1], rows[2], sizeof rows[1]);
	}
	return rows[1][b_len];
}

const char *nearest(const char *word, const char *const *list, size_t count)
{
	size_t len = strlen(word), best = len / 3 + 2; /* at this distance it is another word */
	const char *found = NULL;

	if (len > WORD_LIMIT)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t far;

		if (strlen(list[i]) > WORD_LIMIT)
			continue;
		far = distance(word, list[i]);
		if (far < best) {
			best = far;
			found = list[i];
		}
	}
	return found;
}
