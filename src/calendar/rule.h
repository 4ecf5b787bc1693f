/* Recurrence rules: RFC 5545, section 3.3.10.  Private to this folder.  Times are those of the clock on the
 * wall, in seconds as in local.h.  libical has such rules, too, but its version 3.0.16 leaves times out or
 * adds some for many of them (BYMONTHDAY without BYMONTH, BYSETPOS with BYHOUR, weeks that end on Sunday).
 *
 * A rule counts from a time: "DTSTART:20260106T100000 RRULE:..." names it.  Without one it is 2024-01-01
 * 00:00, a Monday, so that "every second week" means weeks 1, 3, 5 of 2024, and what BYDAY, BYHOUR and so
 * on leave open is Monday, the 1st, January, and midnight. */
#ifndef CALENDAR_RULE_H
#define CALENDAR_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/error.h"
#include "src/calendar/local.h"

#define RULE_NEVER INT64_MAX

struct rule;

bool rule_is_one(const char *text); /* does it begin as one does? */

/* NULL with an error that says what would be right. The zone is for an UNTIL in UTC; it is borrowed during
 * the call. */
MUST_CHECK struct rule *rule_new(const char *text, struct local *local, struct error *error);
/* The same for a line of a calendar: only days, from its event's start on. */
MUST_CHECK struct rule *rule_new_days(const char *text, int64_t start, struct local *local,
				      struct error *error);
void rule_free(struct rule *rule); /* NULL is fine */

bool rule_is_hourly(const struct rule *rule); /* at every hour of its days */

/* The first time after that one; RULE_NEVER: none in 40 years. */
int64_t rule_next(const struct rule *rule, int64_t wall);

#endif
