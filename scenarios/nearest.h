/* Which known word did somebody mean? */
#ifndef SCENARIOS_NEAREST_H
#define SCENARIOS_NEAREST_H

#include <stddef.h>

/* The word of the list that is closest to `word` by typing mistakes, or NULL when none is close. */
const char *nearest(const char *word, const char *const *list, size_t count);

#endif
