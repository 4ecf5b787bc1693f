/* Dates and times of iCalendar. */
#include "src/calendar/stamp.h"

#include <ctype.h>
#include <string.h>

#include "src/calendar/civil.h"

#define DURATION_MAX (400 * (int64_t)CIVIL_DAY_S)

static bool take_digits(const char **at, const char *end, int count, int *ret_number)
{
	*ret_number = 0;
	for (int i = 0; i < count; i++) {
		if (*at == end || !isdigit((unsigned char)**at))
			return false;
		*ret_number = *ret_number * 10 + (*(*at)++ - '0');
	}
	return true;
}

static bool take_character(const char **at, const char *end, char character)
{
	if (*at == end || **at != character)
		return false;
	(*at)++;
	return true;
}

bool stamp_parse(const char *text, size_t len, struct stamp *ret_stamp)
{
	int year, month, day, hour = 0, minute = 0, second = 0;
	const char *at = text, *end = text + len;
	enum stamp_kind kind = STAMP_DATE;

	if (!take_digits(&at, end, 4, &year) || !take_digits(&at, end, 2, &month) ||
	    !take_digits(&at, end, 2, &day) || !civil_exists(year, month, day))
		return false;
	if (take_character(&at, end, 'T')) {
		if (!take_digits(&at, end, 2, &hour) || !take_digits(&at, end, 2, &minute) ||
		    !take_digits(&at, end, 2, &second) || hour > 23 || minute > 59 || second > 60)
			return false;
		kind = take_character(&at, end, 'Z') ? STAMP_UTC : STAMP_LOCAL;
	}
	ret_stamp->wall = civil_day(year, month, day) * CIVIL_DAY_S + hour * 3600 + minute * 60 +
			  (second < 60 ? second : 59);
	ret_stamp->kind = kind;
	return at == end;
}

/* Seconds of a unit; those of hours, minutes and seconds stand behind a "T". */
static int64_t unit_of(char unit, bool of_time)
{
	switch (unit) {
	case 'W':
		return of_time ? 0 : 7 * (int64_t)CIVIL_DAY_S;
	case 'D':
		return of_time ? 0 : CIVIL_DAY_S;
	case 'H':
		return of_time ? 3600 : 0;
	case 'M':
		return of_time ? 60 : 0;
	case 'S':
		return of_time ? 1 : 0;
	default:
		return 0;
	}
}

bool stamp_parse_duration(const char *text, size_t len, int64_t *ret_seconds)
{
	const char *at = text, *end = text + len;
	bool of_time = false, any = false;

	*ret_seconds = 0;
	(void)take_character(&at, end, '+');
	if (!take_character(&at, end, 'P'))
		return false;
	while (at != end) {
		int64_t number = 0, unit;

		of_time = take_character(&at, end, 'T') || of_time;
		while (at != end && isdigit((unsigned char)*at) && number < DURATION_MAX)
			number = number * 10 + (*at++ - '0');
		unit = at != end ? unit_of(*at++, of_time) : 0;
		if (unit == 0 || number > DURATION_MAX / unit ||
		    *ret_seconds + number * unit > DURATION_MAX)
			return false;
		*ret_seconds += number * unit;
		any = true;
	}
	return any;
}
