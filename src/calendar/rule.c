/* Recurrence rules: period by period (an hour, day, week, month or year), each with its days. */
#include "src/calendar/rule.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/mem.h"
#include "src/calendar/civil.h"
#include "src/calendar/rule_text.h"
#include "src/calendar/stamp.h"

#define RULE       "RRULE:"
#define START      "DTSTART:"
#define ANCHOR_DAY 19723 /* 2024-01-01 */
#define HOUR_S     INT64_C(3600)
#define DAY_S      (int64_t) CIVIL_DAY_S
#define AHEAD_S    (40 * 366 * DAY_S) /* how far is looked for a next one */
#define DAYS_MAX   366                /* of a period */

struct rule {
	struct rule_parts parts; /* with what the start says of what was left open */
	int64_t start, until;    /* until: the last second */
};

/* The days of one period that count, and the hours of each of them. */
struct period {
	int64_t first, end; /* days, the end not included */
	uint32_t hours;
	int count;
	int64_t days[DAYS_MAX];
};

static int64_t week_of(const struct rule *rule, int64_t day)
{
	return day - (civil_weekday(day) + 7 - rule->parts.week_start) % 7;
}

/* The first day of week 1 of a year: the first week of which 4 days are in it. */
static int64_t first_week(const struct rule *rule, int year)
{
	return week_of(rule, civil_day(year, 1, 4));
}

static bool is_week(const struct rule *rule, int64_t day)
{
	int64_t week = week_of(rule, day);
	int year = civil_date(week + 3).year;
	int64_t first = first_week(rule, year), next = first_week(rule, year + 1);

	return rule_numbers_have(&rule->parts.week_numbers, (int)((week - first) / 7) + 1,
				 (int)((next - first) / 7));
}

/* Is the day the n-th of its weekday, of the span of days that counts? */
static bool is_nth(const struct rule *rule, int weekday, int index, int size)
{
	int before = index / 7, behind = (size - 1 - index) / 7;

	return rule_numbers_have(&rule->parts.nth[weekday], before + 1, before + behind + 1);
}

static bool is_weekday(const struct rule *rule, int64_t day, const struct civil *date, int year_day,
		       int year_days, int month_days)
{
	const struct rule_parts *p = &rule->parts;
	int weekday = civil_weekday(day);
	bool of_month = p->freq == FREQ_MONTHLY || p->months.any;

	if ((p->weekdays >> weekday & 1) != 0)
		return true;
	return p->nth[weekday].any && (of_month ? is_nth(rule, weekday, date->day - 1, month_days)
						: is_nth(rule, weekday, year_day - 1, year_days));
}

static bool is_day(const struct rule *rule, int64_t day)
{
	const struct rule_parts *p = &rule->parts;
	struct civil date = civil_date(day);
	int64_t new_year = civil_day(date.year, 1, 1), month = day - date.day + 1;
	int year_days = (int)(civil_day(date.year + 1, 1, 1) - new_year);
	int year_day = (int)(day - new_year) + 1;
	int month_days =
	    (int)(civil_day(date.year + date.month / 12, date.month % 12 + 1, 1) - month);

	return (!p->months.any || rule_numbers_have(&p->months, date.month, 12)) &&
	       (!p->month_days.any || rule_numbers_have(&p->month_days, date.day, month_days)) &&
	       (!p->year_days.any || rule_numbers_have(&p->year_days, year_day, year_days)) &&
	       (!p->any_weekday || is_weekday(rule, day, &date, year_day, year_days, month_days)) &&
	       (!p->week_numbers.any || is_week(rule, day));
}

/* Periods are counted from that of the start. Which one is a time in? */
static int64_t index_of(const struct rule *rule, int64_t wall)
{
	int64_t day = civil_day_of(wall), start_day = civil_day_of(rule->start);
	struct civil date = civil_date(day), start = civil_date(start_day);

	switch (rule->parts.freq) {
	case FREQ_HOURLY:
		return (day - start_day) * 24 + (wall - day * DAY_S) / HOUR_S -
		       (rule->start - start_day * DAY_S) / HOUR_S;
	case FREQ_DAILY:
		return day - start_day;
	case FREQ_WEEKLY:
		return (week_of(rule, day) - week_of(rule, start_day)) / 7;
	case FREQ_MONTHLY:
		return (date.year - start.year) * 12 + date.month - start.month;
	case FREQ_YEARLY:
		return date.year - start.year;
	}
	return 0;
}

static int64_t month_start(const struct civil *start, int64_t months)
{
	int64_t month = start->year * INT64_C(12) + start->month - 1 + months;

	return civil_day((int)(month / 12), (int)(month % 12) + 1, 1);
}

/* Where a period begins and ends. */
static void set_span(const struct rule *rule, int64_t index, struct period *period)
{
	int64_t start_day = civil_day_of(rule->start), hours;
	struct civil start = civil_date(start_day);

	switch (rule->parts.freq) {
	case FREQ_HOURLY:
		hours = (rule->start - start_day * DAY_S) / HOUR_S + index;
		period->first = start_day + hours / 24;
		period->end = period->first + 1;
		period->hours &= UINT32_C(1) << (hours % 24);
		return;
	case FREQ_DAILY:
		period->first = start_day + index;
		period->end = period->first + 1;
		return;
	case FREQ_WEEKLY:
		period->first = week_of(rule, start_day) + index * 7;
		period->end = period->first + 7;
		return;
	case FREQ_MONTHLY:
		period->first = month_start(&start, index);
		period->end = month_start(&start, index + 1);
		return;
	case FREQ_YEARLY:
		period->first = civil_day((int)(start.year + index), 1, 1);
		period->end = civil_day((int)(start.year + index) + 1, 1, 1);
		return;
	}
}

static void fill(const struct rule *rule, int64_t index, struct period *period)
{
	period->hours = rule->parts.hours;
	period->count = 0;
	set_span(rule, index, period);
	for (int64_t day = period->first; period->hours != 0 && day < period->end; day++) {
		if (is_day(rule, day))
			period->days[period->count++] = day;
	}
}

/* The n-th bit that is set, from 0. */
static int nth_bit(uint64_t bits, int n)
{
	for (; n > 0; n--)
		bits &= bits - 1;
	return __builtin_ctzll(bits);
}

/* The n-th time of a period, from 0. */
static int64_t time_at(const struct rule *rule, const struct period *period, int n)
{
	int minutes = __builtin_popcountll(rule->parts.minutes);
	int a_day = minutes * __builtin_popcount(period->hours);

	return period->days[n / a_day] * DAY_S +
	       nth_bit(period->hours, n % a_day / minutes) * HOUR_S +
	       nth_bit(rule->parts.minutes, n % minutes) * INT64_C(60) + rule->parts.second;
}

/* The first of its times that is after that one: by halves, as they are in order. */
static int first_after(const struct rule *rule, const struct period *period, int count,
		       int64_t wall)
{
	int low = 0, high = count;

	while (low < high) {
		int middle = low + (high - low) / 2;

		if (time_at(rule, period, middle) > wall)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static bool is_position(const struct rule *rule, int n, int count)
{
	const struct rule_numbers *positions = &rule->parts.positions;

	if (!positions->any)
		return true;
	return (n < DAYS_MAX && (positions->from_start[n / 64] >> (n % 64) & 1) != 0) ||
	       (count - 1 - n < DAYS_MAX &&
		(positions->from_end[(count - 1 - n) / 64] >> ((count - 1 - n) % 64) & 1) != 0);
}

static int64_t next_of(const struct rule *rule, const struct period *period, int64_t wall)
{
	int count = period->count * __builtin_popcount(period->hours) *
		    __builtin_popcountll(rule->parts.minutes);
	int n = first_after(rule, period, count, wall);

	while (n < count && !is_position(rule, n, count)) {
		n++;
		if (n > DAYS_MAX && n < count - DAYS_MAX) /* no position reaches so far */
			n = count - DAYS_MAX;
	}
	return n < count ? time_at(rule, period, n) : RULE_NEVER;
}

int64_t rule_next(const struct rule *rule, int64_t wall)
{
	int64_t after = wall < rule->start ? rule->start - 1 : wall, next = RULE_NEVER;
	int64_t index = index_of(rule, after < rule->start ? rule->start : after);
	int64_t interval = rule->parts.interval;
	struct period period = {.first = 0};

	index = (index + interval - 1) / interval * interval;
	while (next == RULE_NEVER && period.first * DAY_S < after + AHEAD_S) {
		fill(rule, index, &period);
		next = next_of(rule, &period, after);
		index += interval;
	}
	return next <= rule->until ? next : RULE_NEVER;
}

/* What the rule leaves open, its start tells. */
static void complete(struct rule *rule)
{
	struct rule_parts *p = &rule->parts;
	int64_t day = civil_day_of(rule->start);
	struct civil date = civil_date(day);
	int second = (int)(rule->start - day * DAY_S);
	bool any_day = p->any_weekday || p->month_days.any || p->year_days.any;

	if (p->hours == 0)
		p->hours = p->freq == FREQ_HOURLY ? 0xffffff : UINT32_C(1) << (second / 3600);
	if (p->minutes == 0)
		p->minutes = UINT64_C(1) << (second / 60 % 60);
	if (p->second < 0)
		p->second = second % 60;
	if (any_day || p->freq == FREQ_HOURLY || p->freq == FREQ_DAILY)
		return;
	if (p->freq == FREQ_WEEKLY || p->week_numbers.any) {
		p->any_weekday = true;
		p->weekdays = 1U << civil_weekday(day);
		return;
	}
	p->month_days =
	    (struct rule_numbers){.from_start = {UINT64_C(1) << (date.day - 1)}, .any = true};
	if (p->freq == FREQ_YEARLY && !p->months.any)
		p->months = (struct rule_numbers){.from_start = {UINT64_C(1) << (date.month - 1)},
						  .any = true};
}

/* UNTIL as the clock on the wall shows it; of a COUNT, when the last of them is. */
static void set_until(struct rule *rule, struct local *local)
{
	const struct rule_parts *p = &rule->parts;
	int64_t last = rule->start - 1;

	rule->until = RULE_NEVER - 1;
	if (p->has_until)
		rule->until = p->until + (p->until_is_utc ? local_span(local, p->until).offset : 0);
	for (int i = 0; i < p->count; i++) {
		int64_t next = rule_next(rule, last);

		if (next == RULE_NEVER)
			break;
		last = next;
	}
	if (p->count > 0)
		rule->until = last;
}

static struct rule *open_rule(const char *text, int64_t start, struct local *local, bool days,
			      struct error *error)
{
	struct rule_parts parts;
	struct rule *rule;

	if (!rule_text_parse(text, days, &parts, error))
		return NULL;
	rule = mem_zalloc(sizeof *rule);
	rule->parts = parts;
	rule->start = start;
	complete(rule);
	set_until(rule, local);
	return rule;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t\r\n");
}

/* What stands before the rule, if anything does. */
static bool take_start(const char **text, int64_t *ret_wall, struct error *error)
{
	struct stamp stamp;
	size_t len;

	if (strncasecmp(*text, START, strlen(START)) != 0)
		return true;
	*text += strlen(START);
	len = strcspn(*text, " \t\r\n");
	if (!stamp_parse(*text, len, &stamp) || stamp.kind == STAMP_UTC)
		return error_set(error, "DTSTART of a rule: write a time of the clock on the wall, "
					"such as \"DTSTART:20260106T100000 RRULE:...\"");
	*text = skip_blanks(*text + len);
	*ret_wall = stamp.wall;
	return true;
}

bool rule_is_one(const char *text)
{
	return strncasecmp(text, RULE, strlen(RULE)) == 0 ||
	       strncasecmp(text, START, strlen(START)) == 0;
}

struct rule *rule_new(const char *text, struct local *local, struct error *error)
{
	int64_t start = ANCHOR_DAY * DAY_S;

	if (!take_start(&text, &start, error))
		return NULL;
	if (strncasecmp(text, RULE, strlen(RULE)) != 0) {
		(void)error_set(error, "behind DTSTART stands no rule: write one such as "
				       "\"DTSTART:20260106T100000 RRULE:FREQ=WEEKLY;INTERVAL=2\"");
		return NULL;
	}
	return open_rule(text + strlen(RULE), start, local, false, error);
}

struct rule *rule_new_days(const char *text, int64_t start, struct local *local,
			   struct error *error)
{
	return open_rule(text, start, local, true, error);
}

void rule_free(struct rule *rule)
{
	free(rule);
}

bool rule_is_hourly(const struct rule *rule)
{
	return rule->parts.freq == FREQ_HOURLY && rule->parts.interval == 1 &&
	       rule->parts.hours == 0xffffff;
}
