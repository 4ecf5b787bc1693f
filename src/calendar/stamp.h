/* Dates and times of iCalendar: RFC 5545, sections 3.3.4, 3.3.5 and 3.3.6.  Private to this folder. */
#ifndef CALENDAR_STAMP_H
#define CALENDAR_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum stamp_kind { STAMP_DATE, STAMP_LOCAL, STAMP_UTC };

struct stamp {
	int64_t wall; /* seconds, as in local.h */
	enum stamp_kind kind;
};

/* "20260106", "20260106T100000", "20260106T100000Z", and nothing behind it. */
bool stamp_parse(const char *text, size_t len, struct stamp *ret_stamp);

/* "P1D", "PT2H30M", "P2W": seconds, up to 400 days. Nothing negative. */
bool stamp_parse_duration(const char *text, size_t len, int64_t *ret_seconds);

#endif
