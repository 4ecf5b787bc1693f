/* The events of a file of iCalendar, as they are written.  Private to this folder. */
#ifndef CALENDAR_EVENTS_H
#define CALENDAR_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "src/base/error.h"
#include "src/calendar/content.h"
#include "src/calendar/local.h"
#include "src/calendar/stamp.h"

#define EVENTS_MAX        10000
#define EVENTS_STAMPS_MAX 20000 /* EXDATE and RDATE of one event */

/* A time with its zone: NULL when it is of no zone, so that it is everywhere when the clock shows it. */
struct event_time {
	struct stamp stamp;
	struct local *local; /* borrowed */
};

struct event_times {
	struct event_time *list; /* owned */
	size_t count, capacity;
};

struct event {
	int line; /* of its BEGIN:VEVENT */
	struct event_time start, end;
	int64_t duration; /* seconds */
	bool has_start, has_end, has_duration, cancelled;
	char *rule; /* owned; NULL: none */
	int rule_line;
	struct event_times left_out, more; /* EXDATE, RDATE */
	char *uid;                         /* owned; NULL: none */
	struct event_time instead_of;      /* RECURRENCE-ID */
	bool has_instead;
};

struct events {
	struct event *list; /* owned */
	size_t count, capacity;
};

/* False with an error that names the line. Zones come from `locals`. */
MUST_CHECK bool events_read(struct content *content, struct locals *locals,
			    struct events *ret_events, struct error *error);
void events_add_time(struct event_times *times, const struct event_time *time);
void events_done(struct events *events);

#endif
