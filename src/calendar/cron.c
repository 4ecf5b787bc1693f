/* Cron lines. */
#include "src/calendar/cron.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "src/calendar/civil.h"

#define FIELDS        5
#define TEXT_BYTES    200
#define DAYS_AHEAD    3000 /* February 29 comes every 4 years, but for a turn of the century 8 */
#define MINUTES_A_DAY 1440
#define EXAMPLE       "such as \"17 * * * *\" or \"0 10 * * Mon-Fri\""

static const struct field {
	const char *name;
	int first, last;
	const char *names; /* of three letters each, from `first` on; NULL: none */
} fields[FIELDS] = {
    {"minute", 0, 59, NULL},
    {"hour", 0, 23, NULL},
    {"day of the month", 1, 31, NULL},
    {"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
    {"day of the week", 0, 7, "sunmontuewedthufrisat"},
};
#define WEEKDAY 4

static const struct {
	const char *name, *line;
} nicknames[] = {
    {"@hourly", "0 * * * *"},   {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},   {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
};

/* One field while it is read. */
struct reading {
	const struct field *field;
	const char *text; /* the whole field, for errors */
	int len;
	const char *at; /* what is left of it */
	struct error *error;
};

static bool wrong(const struct reading *r, const char *what)
{
	return error_set(r->error, "\"%.*s\" is no %s of a cron line: %s",
			 r->len > 40 ? 40 : r->len, r->text, r->field->name, what);
}

static bool wrong_value(const struct reading *r)
{
	char text[160];

	(void)snprintf(text, sizeof text,
		       "write \"*\", a number from %d to %d%s, a range such as %s, "
		       "a list with commas, or a step such as \"*/%d\"",
		       r->field->first, r->field->last,
		       r->field == &fields[WEEKDAY] ? " or a name such as Mon"
		       : r->field->names != NULL    ? " or a name such as Jan"
						    : "",
		       r->field == &fields[WEEKDAY] ? "Mon-Fri" : "2-5", 2);
	return wrong(r, text);
}

static bool at_end(const struct reading *r)
{
	return r->at == r->text + r->len;
}

static bool take_character(struct reading *r, char character)
{
	if (at_end(r) || *r->at != character)
		return false;
	r->at++;
	return true;
}

static bool take_number(struct reading *r, int *ret_number)
{
	int number = 0, digits = 0;

	while (!at_end(r) && isdigit((unsigned char)*r->at) && digits < 4) {
		number = number * 10 + (*r->at++ - '0');
		digits++;
	}
	*ret_number = number;
	return digits > 0 && digits < 4;
}

static bool take_name(struct reading *r, int *ret_number)
{
	const char *names = r->field->names;

	if (names == NULL || r->text + r->len - r->at < 3)
		return false;
	for (int i = 0; names[i * 3] != '\0'; i++) {
		if (strncasecmp(r->at, names + i * 3, 3) == 0) {
			r->at += 3;
			*ret_number = r->field->first + i;
			return true;
		}
	}
	return false;
}

static bool take_value(struct reading *r, int *ret_number)
{
	return (take_name(r, ret_number) || take_number(r, ret_number)) &&
	       *ret_number >= r->field->first && *ret_number <= r->field->last;
}

/* "5", "*", "2-5": days of the week may go over the end of the week, "Fri-Mon". */
static bool take_range(struct reading *r, int *ret_first, int *ret_last, bool *ret_many)
{
	*ret_many = true;
	if (take_character(r, '*')) {
		*ret_first = r->field->first;
		*ret_last = r->field == &fields[WEEKDAY] ? 6 : r->field->last;
		return true;
	}
	if (!take_value(r, ret_first))
		return wrong_value(r);
	*ret_last = *ret_first;
	*ret_many = take_character(r, '-');
	if (*ret_many && !take_value(r, ret_last))
		return wrong_value(r);
	if (*ret_last < *ret_first && r->field == &fields[WEEKDAY])
		*ret_last += 7;
	if (*ret_last < *ret_first)
		return wrong(r, "its range ends before it begins; write two ranges with a comma "
				"between them");
	return true;
}

static bool take_step(struct reading *r, int first, int last, bool many, int *ret_step)
{
	*ret_step = 1;
	if (!take_character(r, '/'))
		return true;
	if (!many)
		return wrong(r, "a step needs a range before it, such as \"*/2\" or \"2-5/2\"");
	if (!take_number(r, ret_step) || *ret_step == 0)
		return wrong(r, "a step is a number from 1 on, such as \"*/2\"");
	if (*ret_step > last - first)
		return wrong(r,
			     "its step is longer than its range, so that only the first one would "
			     "count; write that one alone");
	return true;
}

static bool take_field(struct reading *r, uint64_t *ret_bits)
{
	int first = 0, last = 0, step = 1;
	bool many = false;

	do {
		if (!take_range(r, &first, &last, &many) || !take_step(r, first, last, many, &step))
			return false;
		for (int i = first; i <= last; i += step)
			*ret_bits |= UINT64_C(1) << (r->field == &fields[WEEKDAY] ? i % 7 : i);
	} while (take_character(r, ','));
	return at_end(r) || wrong_value(r);
}

static const char *line_of(const char *text)
{
	for (size_t i = 0; i < sizeof nicknames / sizeof nicknames[0]; i++) {
		if (strcasecmp(text, nicknames[i].name) == 0)
			return nicknames[i].line;
	}
	return text;
}

/* Where the fields are; false when there are not five of them. */
static bool split(const char *line, const char *ret_at[FIELDS], int ret_len[FIELDS])
{
	const char *at = line + strspn(line, " \t");
	int count = 0;

	for (; *at != '\0'; at += strspn(at, " \t")) {
		size_t len = strcspn(at, " \t");

		if (count == FIELDS)
			return false;
		ret_at[count] = at;
		ret_len[count++] = (int)len;
		at += len;
	}
	return count == FIELDS;
}

bool cron_parse(const char *text, struct cron *ret_cron, struct error *error)
{
	const char *line = line_of(text), *at[FIELDS] = {NULL};
	uint64_t bits[FIELDS] = {0};
	int len[FIELDS] = {0};

	if (strlen(text) > TEXT_BYTES)
		return error_set(error,
				 "a cron line is not longer than %d characters: write one " EXAMPLE,
				 TEXT_BYTES);
	if (line[0] == '@')
		return error_set(
		    error,
		    "\"%.40s\" is not known: write @hourly, @daily, @weekly, @monthly, "
		    "@yearly, or a length such as \"@every 6h\"",
		    text);
	if (!split(line, at, len))
		return error_set(
		    error,
		    "\"%.40s\" is no cron line: write five fields (minute, hour, day of "
		    "the month, month, day of the week) " EXAMPLE,
		    text);
	for (int i = 0; i < FIELDS; i++) {
		struct reading reading = {&fields[i], at[i], len[i], at[i], error};

		if (!take_field(&reading, &bits[i]))
			return false;
	}
	*ret_cron = (struct cron){.minutes = bits[0],
				  .hours = (uint32_t)bits[1],
				  .days = (uint32_t)bits[2],
				  .months = (uint32_t)bits[3],
				  .weekdays = (uint32_t)bits[4],
				  .either_day = at[2][0] != '*' && at[4][0] != '*',
				  .every_hour = bits[1] == 0xffffff};
	return true;
}

static bool has(uint32_t bits, int i)
{
	return (bits >> i & 1) != 0;
}

static bool is_day(const struct cron *cron, int64_t day, const struct civil *date)
{
	bool of_month = has(cron->days, date->day),
	     of_week = has(cron->weekdays, civil_weekday(day));

	return has(cron->months, date->month) &&
	       (cron->either_day ? of_month || of_week : of_month && of_week);
}

/* The first minute of a day from that one on; -1: none. */
static int minute_from(const struct cron *cron, int minute)
{
	uint64_t left = minute < MINUTES_A_DAY && has(cron->hours, minute / 60)
			    ? cron->minutes >> (minute % 60) << (minute % 60)
			    : 0;
	uint32_t hours;

	if (left != 0)
		return minute / 60 * 60 + __builtin_ctzll(left);
	hours = minute / 60 < 23 ? cron->hours >> (minute / 60 + 1) << (minute / 60 + 1) : 0;
	return hours != 0 ? __builtin_ctz(hours) * 60 + __builtin_ctzll(cron->minutes) : -1;
}

/* The first day of the next month that counts. */
static int64_t next_month(const struct cron *cron, const struct civil *date)
{
	uint32_t left = cron->months >> date->month >> 1;

	return left != 0 ? civil_day(date->year, date->month + 1 + __builtin_ctz(left), 1)
			 : civil_day(date->year + 1, __builtin_ctz(cron->months), 1);
}

/* The next day that may count after one that does not. */
static int64_t skip_day(const struct cron *cron, int64_t day, const struct civil *date)
{
	uint32_t left = cron->either_day ? 1 : cron->days >> date->day >> 1; /* from tomorrow on */
	int64_t end = civil_day(date->year + date->month / 12, date->month % 12 + 1, 1);
	int64_t next = left != 0 ? day + 1 + __builtin_ctz(left) : end;

	return has(cron->months, date->month) && next < end ? next : next_month(cron, date);
}

/* The first day from that one on; -1: none. */
static int64_t day_from(const struct cron *cron, int64_t day)
{
	int64_t end = day + DAYS_AHEAD;

	while (day < end) {
		struct civil date = civil_date(day);

		if (is_day(cron, day, &date))
			return day;
		day = skip_day(cron, day, &date);
	}
	return -1;
}

int64_t cron_next(const struct cron *cron, int64_t wall)
{
	int64_t today = civil_day_of(wall), day = day_from(cron, today);
	int minute = -1;

	if (day == today)
		minute = minute_from(cron, (int)((wall - today * CIVIL_DAY_S) / 60) + 1);
	if (day == today && minute < 0)
		day = day_from(cron, today + 1);
	if (day < 0)
		return CRON_NEVER;
	if (minute < 0)
		minute = minute_from(cron, 0);
	return day * CIVIL_DAY_S + minute * INT64_C(60);
}
