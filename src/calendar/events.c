/* The events of a file of iCalendar, as they are written. */
#include "src/calendar/events.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/mem.h"
#include "src/calendar/zone.h"

#define DEPTH_MAX  8 /* of components in each other */
#define NAME_BYTES 40
#define ZONE_BYTES 64

/* Where in the file we are. */
struct reader {
	struct content *content;
	struct locals *locals;
	struct events *events;
	struct error *error;
	char open[DEPTH_MAX][NAME_BYTES + 1]; /* components, outermost first */
	int lines[DEPTH_MAX];                 /* of their BEGIN */
	size_t depth;
	bool any; /* VCALENDAR */
};

void events_add_time(struct event_times *times, const struct event_time *time)
{
	if (times->count == times->capacity) {
		times->capacity = times->capacity * 2 + 4;
		times->list = mem_grow(times->list, times->capacity, sizeof *times->list);
	}
	times->list[times->count++] = *time;
}

static bool wrong(struct reader *r, int line, const char *what)
{
	return error_set(r->error, "line %d: %s", line, what);
}

static void copy_name(const struct content_line *line, char ret_name[NAME_BYTES + 1])
{
	size_t len = line->value_len < NAME_BYTES ? line->value_len : NAME_BYTES;

	memset(ret_name, 0, NAME_BYTES + 1);
	if (line->value != NULL)
		memcpy(ret_name, line->value, len);
	while (len > 0 && (ret_name[len - 1] == ' ' || ret_name[len - 1] == '\t'))
		ret_name[--len] = '\0';
}

static bool is_open(const struct reader *r, size_t depth, const char *name)
{
	return r->depth >= depth && strcasecmp(r->open[depth - 1], name) == 0;
}

static struct event *new_event(struct reader *r, int line)
{
	struct events *events = r->events;

	if (events->count == EVENTS_MAX)
		return NULL;
	if (events->count == events->capacity) {
		events->capacity = events->capacity * 2 + 16;
		events->list = mem_grow(events->list, events->capacity, sizeof *events->list);
	}
	events->list[events->count] = (struct event){.line = line};
	return &events->list[events->count++];
}

static bool begin(struct reader *r, const struct content_line *line)
{
	if (r->depth == DEPTH_MAX)
		return wrong(r, line->number, "more than 8 components lie in each other here");
	copy_name(line, r->open[r->depth]);
	r->lines[r->depth++] = line->number;
	if (r->depth == 1 && !is_open(r, 1, "VCALENDAR"))
		return wrong(r, line->number, "BEGIN:VCALENDAR is missing: this is no iCalendar");
	r->any = true;
	if (r->depth == 2 && is_open(r, 2, "VEVENT") && new_event(r, line->number) == NULL)
		return wrong(r, line->number,
			     "there are more than 10000 events: take out what is long past");
	return true;
}

static bool check_event(struct reader *r)
{
	const struct event *event = &r->events->list[r->events->count - 1];

	if (!event->has_start)
		return wrong(r, event->line, "this event has no DTSTART: it must say when it is");
	if (event->has_end &&
	    (event->end.stamp.kind == STAMP_DATE) != (event->start.stamp.kind == STAMP_DATE))
		return wrong(r, event->line,
			     "DTSTART and DTEND of this event must both be days, or both times");
	return true;
}

static bool end(struct reader *r, const struct content_line *line)
{
	char name[NAME_BYTES + 1];

	copy_name(line, name);
	if (r->depth == 0 || strcasecmp(r->open[r->depth - 1], name) != 0)
		return wrong(r, line->number, "an END without its BEGIN: the file is damaged");
	if (r->depth == 2 && is_open(r, 2, "VEVENT") && !check_event(r))
		return false;
	r->depth--;
	return true;
}

static size_t slashes(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == '/' ? 1 : 0;
	return count;
}

/* The zone that TZID names, "America/Argentina/Salta" at the longest. Some programs write a path before
 * the name. */
static struct local *find_zone(struct reader *r, const char *name, size_t len)
{
	char zone[ZONE_BYTES + 1] = "";
	struct local *local;
	const char *at = zone;

	if (len > ZONE_BYTES)
		return NULL;
	memcpy(zone, name, len);
	while (at != NULL) {
		const char *slash = strchr(at, '/');

		local =
		    slashes(at) <= 2 && zone_is_name(at) ? locals_find(r->locals, at, NULL) : NULL;
		if (local != NULL)
			return local;
		at = slash != NULL ? slash + 1 : NULL;
	}
	return NULL;
}

/* The times of one line, with commas between them; of periods their starts. */
static bool read_times(struct reader *r, const struct content_line *line, size_t most,
		       struct event_times *times)
{
	const char *at = line->value, *last = line->value + line->value_len, *name;
	struct local *local = NULL;
	size_t len;

	if (content_parameter(line, "TZID", &name, &len)) {
		local = find_zone(r, name, len);
		if (local == NULL)
			return wrong(r, line->number,
				     "its TZID is no zone that this machine knows: write an IANA "
				     "name such as Europe/Berlin");
	}
	do {
		struct event_time time = {.local = local};

		len = strcspn(at, ",\n");
		if (!stamp_parse(at, strcspn(at, ",/\n"), &time.stamp))
			return wrong(r, line->number,
				     "this is no date or time: it must look like 20261224 or "
				     "20261224T180000");
		if (times->count >= most)
			return wrong(r, line->number, "there are too many times in this event");
		events_add_time(times, &time);
		at += len + 1;
	} while (at <= last);
	return true;
}

static bool read_time(struct reader *r, const struct content_line *line,
		      struct event_time *ret_time, bool *ret_has)
{
	struct event_times times = {0};
	bool good = !*ret_has || wrong(r, line->number, "this stands twice in the event");

	good = good && read_times(r, line, 1, &times);
	if (good && times.count > 0)
		*ret_time = times.list[0];
	*ret_has = good;
	free(times.list);
	return good;
}

static bool read_duration(struct reader *r, const struct content_line *line, struct event *event)
{
	event->has_duration = true;
	return stamp_parse_duration(line->value, line->value_len, &event->duration) ||
	       wrong(r, line->number, "this is no length of time: it must look like P1D or PT8H");
}

static bool read_rule(struct reader *r, const struct content_line *line, struct event *event)
{
	if (event->rule != NULL)
		return wrong(r, line->number, "there is a second RRULE in this event");
	event->rule = mem_dup_n(line->value, line->value_len);
	event->rule_line = line->number;
	return true;
}

static bool read_event(struct reader *r, const struct content_line *line)
{
	struct event *event = &r->events->list[r->events->count - 1];

	if (content_is(line, "DTSTART"))
		return read_time(r, line, &event->start, &event->has_start);
	if (content_is(line, "DTEND"))
		return read_time(r, line, &event->end, &event->has_end);
	if (content_is(line, "RECURRENCE-ID"))
		return read_time(r, line, &event->instead_of, &event->has_instead);
	if (content_is(line, "EXDATE"))
		return read_times(r, line, EVENTS_STAMPS_MAX, &event->left_out);
	if (content_is(line, "RDATE"))
		return read_times(r, line, EVENTS_STAMPS_MAX, &event->more);
	if (content_is(line, "DURATION"))
		return read_duration(r, line, event);
	if (content_is(line, "RRULE"))
		return read_rule(r, line, event);
	if (content_is(line, "UID") && event->uid == NULL)
		event->uid = mem_dup_n(line->value, line->value_len);
	if (content_is(line, "STATUS"))
		event->cancelled = strncasecmp(line->value, "CANCELLED", 9) == 0;
	return true;
}

static bool read_line(struct reader *r, const struct content_line *line)
{
	if (r->depth == 0 && !content_is(line, "BEGIN"))
		return wrong(r, line->number,
			     r->any ? "there is something outside of the calendar"
				    : "this is no iCalendar: such a file begins with "
				      "BEGIN:VCALENDAR");
	if (line->value == NULL)
		return wrong(r, line->number, "a \":\" is missing: the file is damaged");
	if (content_is(line, "BEGIN"))
		return begin(r, line);
	if (content_is(line, "END"))
		return end(r, line);
	return r->depth != 2 || !is_open(r, 2, "VEVENT") || read_event(r, line);
}

bool events_read(struct content *content, struct locals *locals, struct events *ret_events,
		 struct error *error)
{
	struct reader r = {
	    .content = content, .locals = locals, .events = ret_events, .error = error};
	struct content_line line;

	*ret_events = (struct events){0};
	while (content_next(content, &line)) {
		if (!read_line(&r, &line))
			return false;
	}
	if (!r.any)
		return error_set(error, "it is empty: a file of iCalendar begins with "
					"BEGIN:VCALENDAR");
	if (r.depth > 0)
		return error_set(
		    error,
		    "it ends inside of BEGIN:%s of line %d, so that it is cut off: get "
		    "it again",
		    r.open[r.depth - 1], r.lines[r.depth - 1]);
	return true;
}

void events_done(struct events *events)
{
	for (size_t i = 0; i < events->count; i++) {
		struct event *event = &events->list[i];

		free(event->rule);
		free(event->uid);
		free(event->left_out.list);
		free(event->more.list);
	}
	free(events->list);
	*events = (struct events){0};
}
