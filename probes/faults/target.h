/* The line that names what a fault changes. For the drivers only. */
#ifndef PROBES_TARGET_H
#define PROBES_TARGET_H

#include <cjson/cJSON.h>

/* A text about what is changed, as `target` of a driver gives it: without this recipe's drill id, so
 * that it is the same for every drill; printable; at most 500 bytes, a longer one ends with a sum of
 * its whole. Owned by the caller. */
char *target_text(const cJSON *recipe, const char *text);

/* The same for the address of a request: the host in lower case, without what is never sent (RFC
 * 3986 section 3.5). Of a query only a sum is shown, because there may be a token in it. */
char *target_url(const cJSON *recipe, const char *url);

/* The same for a command line of the recipe; `after` is added, NULL adds nothing. */
char *target_command(const cJSON *recipe, const char *kind, const char *key, const char *after);

#endif
