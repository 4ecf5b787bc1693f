/* libical, loaded when something of it is needed: it and what it brings are 3 MiB that most runs never
 * need.  Private to this folder.  Once loaded it stays, with all the zones it has read, so that opening
 * it again costs nothing. */
#ifndef CALENDAR_LIBRARY_H
#define CALENDAR_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <libical/icaltime.h>
#include <libical/icaltimezone.h>

#include "src/base/error.h"

/* What is used of the library. */
struct library {
	void *handle; /* owned */
	icaltimezone *(*find_zone)(const char *name);
	icaltimezone *(*utc)(void);
	struct icaltimetype (*moment)(time_t seconds, int is_date, const icaltimezone *zone);
	int (*offset)(icaltimezone *zone, struct icaltimetype *utc, int *ret_summer);
};

/* False with an error that says what to install; then nothing is open. */
MUST_CHECK bool library_open(struct library *library, struct error *error);
void library_close(struct library *library); /* one that is not open is fine */

#endif
