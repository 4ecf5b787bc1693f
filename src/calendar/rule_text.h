/* The text of a recurrence rule: RFC 5545, section 3.3.10.  Private to this folder. */
#ifndef CALENDAR_RULE_TEXT_H
#define CALENDAR_RULE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/error.h"

#define RULE_TEXT_BYTES 500
#define RULE_COUNT_MAX  1000

enum rule_freq { FREQ_HOURLY, FREQ_DAILY, FREQ_WEEKLY, FREQ_MONTHLY, FREQ_YEARLY };

/* Numbers from 1 to 366, and those that count from the end; a bit for each. */
struct rule_numbers {
	uint64_t from_start[6], from_end[6];
	bool any;
};

/* What is not given, is not `any`, or 0. */
struct rule_parts {
	enum rule_freq freq;
	int interval, count;
	int week_start; /* 0: Sunday; so below */
	bool has_until, until_is_utc;
	int64_t until; /* the last second, as in local.h */
	struct rule_numbers months, month_days, year_days, week_numbers, positions;
	uint32_t hours;
	uint64_t minutes;
	int second; /* -1: not given */
	bool any_weekday;
	unsigned int weekdays;      /* every one of them */
	struct rule_numbers nth[7]; /* the n-th one, of the month or year */
};

/* "FREQ=...;...". days: FREQ must be DAILY or longer. False with an error that says what would be right. */
MUST_CHECK bool rule_text_parse(const char *text, bool days, struct rule_parts *ret_parts,
				struct error *error);

/* Is the number among them, of which `size` there are? */
bool rule_numbers_have(const struct rule_numbers *numbers, int number, int size);

#endif
