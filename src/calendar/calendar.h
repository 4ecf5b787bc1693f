/* What schedules share.  Private to this folder. */
#ifndef CALENDAR_CALENDAR_H
#define CALENDAR_CALENDAR_H

#include "src/calendar/holidays.h"
#include "src/calendar/local.h"
#include "src/calendar/schedule.h"

struct calendar {
	struct locals *locals; /* owned */
	struct named_holidays {
		char *name;                /* owned */
		struct holidays *holidays; /* owned */
	} * holidays;                      /* owned */
	size_t holiday_count;
};

/* Borrowed from the calendar; NULL when there are none of that name. */
const struct holidays *calendar_holidays(const struct calendar *calendar, const char *name);

#endif
