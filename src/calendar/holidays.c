/* Holidays: the days and times of a file of iCalendar. */
#include "src/calendar/holidays.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/calendar/civil.h"
#include "src/calendar/events.h"
#include "src/calendar/rule.h"
#include "src/calendar/spans.h"

#define DAY_S   (int64_t) CIVIL_DAY_S
#define AHEAD_S (10 * 366 * DAY_S)

struct holidays {
	struct spans walls;   /* as the clock on the wall shows them, wherever it hangs */
	struct spans moments; /* UTC */
};

/* One event while its times are found. They are told as the clocks of its own zone show them. */
struct finding {
	struct holidays *holidays;
	const struct event *event;
	struct local *local; /* of its zone, or UTC */
	bool is_moment;      /* it is at the same moment everywhere */
	int64_t length;      /* seconds */
	int64_t from, until; /* what is before or behind does not matter */
	struct spans left_out;
	size_t *left; /* of HOLIDAYS_MAX */
};

static bool wrong(int line, struct error *error, const char *what)
{
	return error_set(error, "line %d: %s", line, what);
}

/* The moment of a time that has a zone. */
static int64_t moment_of(const struct event_time *time)
{
	return time->local != NULL && time->stamp.kind == STAMP_LOCAL
		   ? local_to_utc(time->local, time->stamp.wall)
		   : time->stamp.wall;
}

/* A time of the file, as the clock of the event's zone shows it. */
static int64_t wall_of(const struct finding *f, const struct event_time *time)
{
	int64_t utc;

	if (!f->is_moment || time->stamp.kind == STAMP_DATE ||
	    (time->stamp.kind == STAMP_LOCAL && time->local == f->local))
		return time->stamp.wall;
	utc = moment_of(time);
	return utc + local_span(f->local, utc).offset;
}

/* False when there are too many. */
static bool add(struct finding *f, int64_t wall)
{
	int64_t from = f->is_moment ? local_to_utc(f->local, wall) : wall;

	if (f->length == 0 || wall + f->length < f->from || wall > f->until ||
	    spans_end(&f->left_out, wall) > wall)
		return true;
	if (*f->left == 0)
		return false;
	(*f->left)--;
	spans_add(f->is_moment ? &f->holidays->moments : &f->holidays->walls, from,
		  from + f->length);
	return true;
}

static bool set_length(struct finding *f, struct error *error)
{
	const struct event *event = f->event;
	bool days = event->start.stamp.kind == STAMP_DATE;

	f->length = days ? DAY_S : 0;
	if (event->has_end)
		f->length = moment_of(&event->end) - moment_of(&event->start);
	else if (event->has_duration)
		f->length = event->duration;
	if (f->length < 0)
		return wrong(event->line, error, "this event ends before it begins");
	if (days) /* whole ones; the same day twice is that day */
		f->length = f->length == 0 ? DAY_S : (f->length + DAY_S - 1) / DAY_S * DAY_S;
	return true;
}

static void set_left_out(struct finding *f)
{
	const struct event_times *times = &f->event->left_out;

	for (size_t i = 0; i < times->count; i++) {
		int64_t wall = wall_of(f, &times->list[i]);

		if (times->list[i].stamp.kind == STAMP_DATE || !f->is_moment)
			spans_add(&f->left_out, wall, wall + DAY_S);
		else
			spans_add(&f->left_out, wall, wall + 1);
	}
	spans_sort(&f->left_out);
}

static bool add_rule(struct finding *f, struct error *error)
{
	int64_t wall = f->from - f->length - 1, start = f->event->start.stamp.wall;
	struct error why = {""};
	struct rule *rule = rule_new_days(f->event->rule, start, f->local, &why);
	bool good = rule != NULL;

	if (!good)
		return wrong(f->event->rule_line, error, why.text);
	if (rule_next(rule, start - 1) == RULE_NEVER)
		good = wrong(f->event->rule_line, error, "this RRULE never comes: it is damaged");
	while (good && (wall = rule_next(rule, wall)) < f->until)
		good =
		    add(f, wall) || wrong(f->event->rule_line, error,
					  "there are more than 20000 days in this file: take out "
					  "what comes too often");
	rule_free(rule);
	return good;
}

static bool add_all(struct finding *f, struct error *error)
{
	static const char many[] = "there are more than 20000 days in this file: take some out";
	const struct event *event = f->event;

	if (!add(f, event->start.stamp.wall))
		return wrong(event->line, error, many);
	for (size_t i = 0; i < event->more.count; i++) {
		if (!add(f, wall_of(f, &event->more.list[i])))
			return wrong(event->line, error, many);
	}
	return event->rule == NULL || add_rule(f, error);
}

static bool add_event(struct finding *f, struct locals *locals, struct error *error)
{
	const struct event_time *start = &f->event->start;
	bool good;

	f->local = start->local != NULL ? start->local : locals_find(locals, "UTC", error);
	f->is_moment = start->stamp.kind == STAMP_UTC ||
		       (start->stamp.kind == STAMP_LOCAL && start->local != NULL);
	if (f->event->cancelled)
		return true;
	good = set_length(f, error);
	if (good) {
		set_left_out(f);
		good = add_all(f, error);
	}
	spans_done(&f->left_out);
	return good;
}

/* The event of which one stands for one of the times; NULL: it is not there. */
static struct event *find_whole(struct events *events, const struct event *one)
{
	for (size_t i = 0; i < events->count; i++) {
		struct event *other = &events->list[i];

		if (!other->has_instead && other->uid != NULL && strcmp(one->uid, other->uid) == 0)
			return other;
	}
	return NULL;
}

/* An event that stands for one of the times of another takes that one out. */
static void replace(struct events *events)
{
	for (size_t i = 0; i < events->count; i++) {
		const struct event *one = &events->list[i];
		struct event *whole =
		    one->has_instead && one->uid != NULL ? find_whole(events, one) : NULL;

		if (whole != NULL)
			events_add_time(&whole->left_out, &one->instead_of);
	}
}

static bool add_events(struct holidays *holidays, struct events *events, struct locals *locals,
		       int64_t now, struct error *error)
{
	size_t left = HOLIDAYS_MAX;

	if (events->count == 0)
		return error_set(error, "there is no event in it: nothing would be left out");
	replace(events);
	for (size_t i = 0; i < events->count; i++) {
		struct finding finding = {.holidays = holidays,
					  .event = &events->list[i],
					  .from = now - 2 * DAY_S,
					  .until = now + AHEAD_S,
					  .left = &left};

		if (!add_event(&finding, locals, error))
			return false;
	}
	spans_sort(&holidays->walls);
	spans_sort(&holidays->moments);
	return true;
}

struct holidays *holidays_read(struct content *content, struct locals *locals, int64_t now,
			       struct error *error)
{
	struct holidays *holidays = mem_zalloc(sizeof *holidays);
	struct events events = {0};
	bool good = events_read(content, locals, &events, error) &&
		    add_events(holidays, &events, locals, now, error);

	events_done(&events);
	if (good)
		return holidays;
	holidays_free(holidays);
	return NULL;
}

void holidays_free(struct holidays *holidays)
{
	if (holidays == NULL)
		return;
	spans_done(&holidays->walls);
	spans_done(&holidays->moments);
	free(holidays);
}

int64_t holidays_end(const struct holidays *holidays, struct local *local, int64_t utc)
{
	struct local_span span = local_span(local, utc);
	int64_t wall = utc + span.offset, moment = spans_end(&holidays->moments, utc);
	int64_t end = spans_end(&holidays->walls, wall) - span.offset;

	if (end > span.until) /* from there on the clock shows something else */
		end = span.until;
	return end > moment ? end : moment;
}
