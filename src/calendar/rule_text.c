/* The text of a recurrence rule. */
#include "src/calendar/rule_text.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "src/calendar/civil.h"
#include "src/calendar/stamp.h"

#define NAME_BYTES 16

/* One NAME=VALUE of the text, and where what it says goes. */
struct item {
	const char *name, *value;
	size_t name_len, value_len;
	struct rule_parts *parts;
	struct error *error;
};

/* What a number of a list goes into. */
typedef void put_fn(struct rule_parts *parts, int number);

static void put(struct rule_numbers *numbers, int number)
{
	int i = number < 0 ? -number : number;
	uint64_t *bits = number < 0 ? numbers->from_end : numbers->from_start;

	bits[(i - 1) / 64] |= UINT64_C(1) << ((i - 1) % 64);
	numbers->any = true;
}

static void put_second(struct rule_parts *parts, int number)
{
	parts->second = number;
}

static void put_minute(struct rule_parts *parts, int number)
{
	parts->minutes |= UINT64_C(1) << number;
}

static void put_hour(struct rule_parts *parts, int number)
{
	parts->hours |= UINT32_C(1) << number;
}

static void put_month_day(struct rule_parts *parts, int number)
{
	put(&parts->month_days, number);
}

static void put_year_day(struct rule_parts *parts, int number)
{
	put(&parts->year_days, number);
}

static void put_week_number(struct rule_parts *parts, int number)
{
	put(&parts->week_numbers, number);
}

static void put_month(struct rule_parts *parts, int number)
{
	put(&parts->months, number);
}

static void put_position(struct rule_parts *parts, int number)
{
	put(&parts->positions, number);
}

static void put_interval(struct rule_parts *parts, int number)
{
	parts->interval = number;
}

static void put_count(struct rule_parts *parts, int number)
{
	parts->count = number;
}

/* The parts that are numbers; `minus`: from the end, too. */
static const struct part {
	const char *name;
	int first, last;
	bool minus, alone;
	put_fn *put;
} parts[] = {
    {"BYSECOND", 0, 59, false, true, put_second},
    {"BYMINUTE", 0, 59, false, false, put_minute},
    {"BYHOUR", 0, 23, false, false, put_hour},
    {"BYMONTHDAY", 1, 31, true, false, put_month_day},
    {"BYYEARDAY", 1, 366, true, false, put_year_day},
    {"BYWEEKNO", 1, 53, true, false, put_week_number},
    {"BYMONTH", 1, 12, false, false, put_month},
    {"BYSETPOS", 1, 366, true, false, put_position},
    {"INTERVAL", 1, 1000, false, true, put_interval},
    {"COUNT", 1, RULE_COUNT_MAX, false, true, put_count},
};

static const char weekdays[] = "SUMOTUWETHFRSA";

static const char *const freqs[] = {
    [FREQ_HOURLY] = "HOURLY",   [FREQ_DAILY] = "DAILY",   [FREQ_WEEKLY] = "WEEKLY",
    [FREQ_MONTHLY] = "MONTHLY", [FREQ_YEARLY] = "YEARLY",
};

bool rule_numbers_have(const struct rule_numbers *numbers, int number, int size)
{
	int start = number - 1, end = size - number;

	return (numbers->from_start[start / 64] >> (start % 64) & 1) != 0 ||
	       (numbers->from_end[end / 64] >> (end % 64) & 1) != 0;
}

static bool is(const struct item *item, const char *name)
{
	return item->name_len == strlen(name) && strncasecmp(item->name, name, item->name_len) == 0;
}

static bool is_value(const struct item *item, const char *value)
{
	return item->value_len == strlen(value) &&
	       strncasecmp(item->value, value, item->value_len) == 0;
}

/* Takes one off the start; false when there is none. */
static bool take_item(const char **text, struct item *item)
{
	const char *end = *text + strcspn(*text, ";");
	const char *equals = memchr(*text, '=', (size_t)(end - *text));

	if (**text == '\0')
		return false;
	item->name = *text;
	item->name_len = (size_t)((equals != NULL ? equals : end) - *text);
	item->value = equals != NULL ? equals + 1 : end;
	item->value_len = (size_t)(end - item->value);
	*text = end + (*end == ';' ? 1 : 0);
	return true;
}

static bool has(const char *text, const char *name, size_t len)
{
	struct item item = {.name = NULL};

	while (take_item(&text, &item)) {
		if (item.name_len == len && strncasecmp(item.name, name, len) == 0)
			return true;
	}
	return false;
}

/* A number with its sign; false when it is none, or has more than 5 digits. */
static bool read_number(const char *at, size_t len, int *ret_number)
{
	size_t sign = len > 0 && (*at == '+' || *at == '-') ? 1 : 0;
	int number = 0;

	for (size_t i = sign; i < len; i++) {
		if (!isdigit((unsigned char)at[i]) || i > 5)
			return false;
		number = number * 10 + (at[i] - '0');
	}
	*ret_number = *at == '-' ? -number : number;
	return len > sign;
}

static bool read_numbers(const struct item *item, const struct part *part)
{
	const char *at = item->value, *end = item->value + item->value_len;
	int number;

	for (bool more = true; more; at++) {
		size_t len = strcspn(at, ",;");
		bool good = len <= (size_t)(end - at) && read_number(at, len, &number);

		if (!good ||
		    (number < 0 ? !part->minus || -number < part->first : number < part->first) ||
		    number > part->last || -number > part->last)
			return error_set(
			    item->error, "%s of a rule: write %s from %d to %d%s, such as %s=%d",
			    part->name, part->alone ? "a number" : "numbers", part->first,
			    part->last, part->minus ? ", or -1 for the last one" : "", part->name,
			    part->first);
		part->put(item->parts, number);
		at += len;
		more = at < end && *at == ',';
		if (more && part->alone)
			return error_set(
			    item->error,
			    "%s of a rule has one value: write one, and \"@every 10s\" for "
			    "what comes that often",
			    part->name);
	}
	return true;
}

/* "MO"; -1: none. */
static int weekday_of(const char *at, size_t len)
{
	for (int i = 0; len == 2 && i < 7; i++) {
		if (strncasecmp(at, weekdays + (ptrdiff_t)i * 2, 2) == 0)
			return i;
	}
	return -1;
}

static bool read_weekdays(const struct item *item)
{
	const char *at = item->value, *end = item->value + item->value_len;

	for (bool more = true; more; at++) {
		size_t len = strcspn(at, ",;"), digits = len >= 2 ? len - 2 : 0;
		int day = weekday_of(at + digits, len - digits), number = 0;

		if (day < 0 || (digits > 0 && (!read_number(at, digits, &number) || number == 0 ||
					       number > 53 || number < -53)))
			return error_set(
			    item->error,
			    "BYDAY of a rule: write days such as MO or SU, or the first "
			    "and last one such as 1MO or -1FR");
		item->parts->any_weekday = true;
		if (number == 0)
			item->parts->weekdays |= 1U << day;
		else
			put(&item->parts->nth[day], number);
		at += len;
		more = at < end;
	}
	return true;
}

static bool read_until(const struct item *item)
{
	struct stamp stamp;

	if (!stamp_parse(item->value, item->value_len, &stamp))
		return error_set(item->error, "UNTIL of a rule: write a day or a time, such as "
					      "UNTIL=20271231 or UNTIL=20271231T180000");
	item->parts->has_until = true;
	item->parts->until_is_utc = stamp.kind == STAMP_UTC;
	item->parts->until = stamp.wall + (stamp.kind == STAMP_DATE ? CIVIL_DAY_S - 1 : 0);
	return true;
}

static bool read_freq(const struct item *item)
{
	for (size_t i = 0; i < sizeof freqs / sizeof freqs[0]; i++) {
		if (is_value(item, freqs[i])) {
			item->parts->freq = (enum rule_freq)i;
			return true;
		}
	}
	if (is_value(item, "SECONDLY") || is_value(item, "MINUTELY"))
		return error_set(item->error,
				 "a rule goes by hours or longer: write \"@every 90s\" or a cron "
				 "line such as \"*/5 9-16 * * *\" for what comes more often");
	return error_set(item->error,
			 "FREQ of a rule: write HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY");
}

static bool read_week_start(const struct item *item)
{
	item->parts->week_start = weekday_of(item->value, item->value_len);
	return item->parts->week_start >= 0 ||
	       error_set(item->error,
			 "WKST of a rule: write the day on which a week begins, such as "
			 "MO or SU");
}

static bool read_item(const struct item *item, const char *rest)
{
	if (has(rest, item->name, item->name_len))
		return error_set(
		    item->error,
		    "%.*s stands twice in the rule: write it once, with commas between "
		    "its values",
		    item->name_len < 20 ? (int)item->name_len : 20, item->name);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (is(item, parts[i].name))
			return read_numbers(item, &parts[i]);
	}
	if (is(item, "FREQ"))
		return read_freq(item);
	if (is(item, "UNTIL"))
		return read_until(item);
	if (is(item, "BYDAY"))
		return read_weekdays(item);
	if (is(item, "WKST"))
		return read_week_start(item);
	return error_set(
	    item->error,
	    "\"%.*s\" is no part of a rule: write FREQ, INTERVAL, BYMONTH, BYMONTHDAY, "
	    "BYDAY, BYHOUR, BYMINUTE, BYSETPOS, UNTIL or COUNT, each with \"=\" and its "
	    "value",
	    item->name_len < 30 ? (int)item->name_len : 30, item->name);
}

static bool has_nth(const struct rule_parts *p)
{
	bool any = false;

	for (int i = 0; i < 7; i++)
		any = any || p->nth[i].any;
	return any;
}

/* What the RFC does not allow together. */
static bool check(const struct rule_parts *p, bool days, struct error *error)
{
	if (days && p->freq == FREQ_HOURLY)
		return error_set(error,
				 "FREQ=HOURLY makes no days: write DAILY, WEEKLY, MONTHLY or "
				 "YEARLY");
	if (p->has_until && p->count > 0)
		return error_set(error, "a rule has UNTIL or COUNT, not both: take one out");
	if (p->week_numbers.any && p->freq != FREQ_YEARLY)
		return error_set(error, "BYWEEKNO goes with FREQ=YEARLY only");
	if (p->year_days.any && p->freq != FREQ_YEARLY && p->freq != FREQ_HOURLY)
		return error_set(error, "BYYEARDAY goes with FREQ=YEARLY only");
	if (p->month_days.any && p->freq == FREQ_WEEKLY)
		return error_set(error,
				 "BYMONTHDAY does not go with FREQ=WEEKLY: write FREQ=MONTHLY");
	if (has_nth(p) &&
	    ((p->freq != FREQ_MONTHLY && p->freq != FREQ_YEARLY) || p->week_numbers.any))
		return error_set(error, "a number before a day (2TU) goes with FREQ=MONTHLY or "
					"YEARLY only, and not with BYWEEKNO");
	return true;
}

bool rule_text_parse(const char *text, bool days, struct rule_parts *ret_parts, struct error *error)
{
	struct item item = {.parts = ret_parts, .error = error};
	const char *at = text;

	*ret_parts = (struct rule_parts){.interval = 1, .week_start = 1, .second = -1};
	if (strlen(text) > RULE_TEXT_BYTES)
		return error_set(error, "a rule is not longer than %d characters", RULE_TEXT_BYTES);
	if (!has(text, "FREQ", 4))
		return error_set(error, "the rule has no FREQ: write one such as "
					"\"RRULE:FREQ=WEEKLY;BYDAY=TU;BYHOUR=10\"");
	while (take_item(&at, &item)) {
		if (!read_item(&item, at))
			return false;
	}
	return check(ret_parts, days, error);
}
