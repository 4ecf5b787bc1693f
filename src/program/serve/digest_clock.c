/* When the digest comes. */
#include "src/program/serve/digest_clock.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/calendar/schedule.h"

#define DAY_MS  INT64_C(86400000)
#define LOOK_MS 60000  /* at the wall clock, which may be set: no timer is longer */
#define LATE_MS 300000 /* what comes later than that says why */

static const char was_absent[] = "firedrill was not running";
static const char was_asleep[] =
    "firedrill, or its machine, was asleep, or its clock was set forward";

struct digest_clock {
	struct digest_clock_hears hears;
	const struct schedule *schedule; /* borrowed; NULL: there is no digest */
	int64_t due_wall_ms;             /* the next one; -1: none */
	int64_t told_wall_ms;            /* when the last one of this life was due; 0: none */
	bool has_begun;                  /* what is due was promised by this life */
	struct event *timer;             /* owned */
};

/* The moment before that one: looked for in steps that grow, since a schedule only goes forward. */
static int64_t moment_before(const struct schedule *schedule, int64_t wall_ms)
{
	int64_t back_ms = DAY_MS, at_ms, next_ms;

	for (;; back_ms *= 2) {
		at_ms = schedule_next(schedule, wall_ms - back_ms);
		if (at_ms < wall_ms || back_ms > SCHEDULE_AHEAD_MS)
			break;
	}
	for (next_ms = at_ms; next_ms >= 0 && next_ms < wall_ms;
	     next_ms = schedule_next(schedule, at_ms))
		at_ms = next_ms;
	return at_ms < wall_ms ? at_ms : wall_ms - DAY_MS;
}

static bool is_due(const struct digest_clock *clock, int64_t now_wall_ms)
{
	/* What is older than any schedule looks ahead, nobody promised. */
	return clock->schedule != NULL && clock->due_wall_ms >= 0 &&
	       clock->due_wall_ms <= now_wall_ms &&
	       now_wall_ms - clock->due_wall_ms <= SCHEDULE_AHEAD_MS;
}

/* The clock may have been set back: by less than a day nothing comes twice, by more it was wrong before. */
static void plan(struct digest_clock *clock, int64_t now_wall_ms)
{
	int64_t ahead_ms = clock->told_wall_ms - now_wall_ms, next_ms = -1;
	bool told = ahead_ms > 0 && ahead_ms <= DAY_MS;

	if (clock->schedule != NULL)
		next_ms = schedule_next(clock->schedule, told ? clock->told_wall_ms : now_wall_ms);
	if (next_ms == clock->due_wall_ms)
		return;
	clock->due_wall_ms = next_ms;
	clock->hears.promised(clock->hears.arg, next_ms);
}

/* However many were due until now, one tells of all of them. */
static void look(struct digest_clock *clock)
{
	int64_t now_wall_ms = clock_wall_ms();
	struct digest_due due = {.due_wall_ms = clock->due_wall_ms};

	if (!is_due(clock, now_wall_ms)) {
		plan(clock, now_wall_ms);
		return;
	}
	due.since_wall_ms = moment_before(clock->schedule, due.due_wall_ms);
	if (!clock->has_begun)
		due.late = was_absent;
	else if (now_wall_ms - due.due_wall_ms > LATE_MS)
		due.late = was_asleep;
	clock->told_wall_ms = due.due_wall_ms;
	plan(clock, now_wall_ms);
	clock->hears.due(clock->hears.arg, &due);
}

static void arm(struct digest_clock *clock)
{
	int64_t left_ms = clock->due_wall_ms - clock_wall_ms();
	int64_t delay_ms = left_ms < LOOK_MS ? left_ms : LOOK_MS;
	struct timeval delay = {0};

	if (delay_ms > 0)
		delay = (struct timeval){delay_ms / 1000, delay_ms % 1000 * 1000};
	if (clock->due_wall_ms >= 0)
		(void)event_add(clock->timer, &delay);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct digest_clock *clock = arg;

	(void)fd;
	(void)what;
	look(clock);
	arm(clock);
}

struct digest_clock *digest_clock_new(struct event_base *base, int64_t promised_wall_ms,
				      const struct digest_clock_hears *hears)
{
	struct digest_clock *clock = mem_zalloc(sizeof *clock);

	clock->hears = *hears;
	clock->due_wall_ms = promised_wall_ms;
	clock->timer = evtimer_new(base, on_timer, clock);
	return clock;
}

void digest_clock_free(struct digest_clock *clock)
{
	if (clock == NULL)
		return;
	event_free(clock->timer);
	free(clock);
}

void digest_clock_set(struct digest_clock *clock, const struct schedule *schedule)
{
	(void)event_del(clock->timer);
	clock->schedule = schedule;
	look(clock);
	clock->has_begun = true;
	arm(clock);
}
