/* Cron lines: crontab(5), five fields.  Private to this folder.  Times are those of the clock on the wall,
 * in seconds as in local.h. */
#ifndef CALENDAR_CRON_H
#define CALENDAR_CRON_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/error.h"

#define CRON_NEVER INT64_MAX

struct cron {
	uint64_t minutes; /* a bit for each; so below */
	uint32_t hours, days, months, weekdays;
	bool either_day; /* days and weekdays are both given: one of them is enough */
	bool every_hour;
};

/* "17 * * * *", "0 10 * * Mon-Fri", "@daily". False with an error that says what would be right. */
MUST_CHECK bool cron_parse(const char *text, struct cron *ret_cron, struct error *error);

/* The first time after that one; CRON_NEVER: none in 8 years and more, so that it never comes. */
int64_t cron_next(const struct cron *cron, int64_t wall);

#endif
