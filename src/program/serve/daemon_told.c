/* Those who are told: of drills, of a time in a digest, and that all is well. */
#include <event2/event.h>

#include "src/base/clock.h"
#include "src/calendar/schedule.h"
#include "src/program/serve/daemon_parts.h"
#include "src/program/serve/heartbeat.h"
#include "src/program/serve/meter.h"
#include "src/program/serve/notices.h"
#include "src/store/ledger.h"

#define DAY_MS INT64_C(86400000)

/* Of drills. */

static void on_told(void *arg, const char *path, const char *why)
{
	const struct generation *generation = arg;
	struct daemon *daemon = generation->daemon;
	const char *const pairs[] = {"path", path, "why", why, NULL};

	log_event(daemon->log, why == NULL ? LEVEL_DEBUG : LEVEL_WARN,
		  why == NULL ? "told" : "not told", pairs);
	meter_told(daemon->meter, path, why == NULL);
}

static void on_partly(void *arg, const char *path, const char *why)
{
	const struct generation *generation = arg;
	const struct daemon *daemon = generation->daemon;
	const char *const pairs[] = {"path", path, "why", why, NULL};

	log_event(daemon->log, LEVEL_WARN, "not told by every way", pairs);
}

/* That all is well. */

static bool on_stuck(void *arg, const struct ledger_fault *fault)
{
	struct error *why = arg;

	if (fault->state != FAULT_STUCK || fault->ack_reason != NULL)
		return true;
	return error_set(why, "a fault is left: drill %s (%s in %s); see `firedrill status`",
			 fault->drill, fault->scenario, fault->environment);
}

/* What became of the last beat: said once, and once when it is heard again. */
static void log_heartbeat(struct daemon *daemon, const char *why)
{
	const char *const pairs[] = {"why", why, NULL};

	if (why != NULL && !daemon->unheard_told)
		log_event(daemon->log, LEVEL_WARN, "the heartbeat is not heard", pairs);
	else if (why == NULL && daemon->unheard_told)
		log_event(daemon->log, LEVEL_INFO, "the heartbeat is heard again", NULL);
	daemon->unheard_told = why != NULL;
}

static bool is_well(void *arg, struct error *ret_why)
{
	const struct generation *generation = arg;
	struct daemon *daemon = generation->daemon;
	const char *untold = notices_trouble(generation->notices);

	log_heartbeat(daemon, heartbeat_trouble(generation->heartbeat));
	ret_why->text[0] = '\0';
	if (!ledger_visit_open(app_ledger(generation->app), NULL, on_stuck, ret_why, ret_why))
		return false;
	if (ret_why->text[0] == '\0' && daemon->reload_failed)
		(void)error_set(ret_why, "the configuration has mistakes: the last reload failed");
	if (ret_why->text[0] == '\0' && untold != NULL)
		(void)error_set(ret_why, "people cannot be told: %s", untold);
	return ret_why->text[0] == '\0';
}

bool daemon_begin_telling(struct generation *generation, struct error *error)
{
	const struct daemon *daemon = generation->daemon;
	const struct notices_hears hears = {
	    .told = on_told, .partly = on_partly, .arg = generation};
	struct app *app = generation->app;

	error->text[0] = '\0';
	generation->notices = notices_new(app, daemon->history, &hears);
	generation->heartbeat = heartbeat_new(app_base(app), app_secrets(app), app_config(app),
					      is_well, generation, error);
	return generation->heartbeat != NULL || error->text[0] == '\0';
}

/* The digest. */

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

static void arm_digest(struct daemon *daemon, int64_t now_wall_ms)
{
	/* The wall clock may be set: no timer is longer than that. */
	int64_t left_ms = daemon->digest_wall_ms - now_wall_ms;
	int64_t delay_ms = left_ms < PLANNER_LOOK_MS ? left_ms : PLANNER_LOOK_MS;
	const struct timeval delay = {.tv_sec = delay_ms / 1000, .tv_usec = delay_ms % 1000 * 1000};

	if (daemon->digest_wall_ms >= 0)
		(void)event_add(daemon->digest, &delay);
}

static void on_digest(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *daemon = arg;
	const struct schedule *schedule = daemon->now->digest;
	int64_t now_wall_ms = clock_wall_ms(), due_wall_ms = daemon->digest_wall_ms;

	(void)fd;
	(void)what;
	if (now_wall_ms >= due_wall_ms) {
		daemon->digest_wall_ms = schedule_next(schedule, now_wall_ms);
		notices_digest(daemon->now->notices, moment_before(schedule, due_wall_ms));
	}
	arm_digest(daemon, now_wall_ms);
}

void daemon_plan_digest(struct daemon *daemon)
{
	const struct schedule *schedule = daemon->now->digest;
	int64_t now_wall_ms = clock_wall_ms();

	if (daemon->digest == NULL)
		daemon->digest = evtimer_new(app_base(daemon->now->app), on_digest, daemon);
	(void)event_del(daemon->digest);
	daemon->digest_wall_ms = schedule != NULL ? schedule_next(schedule, now_wall_ms) : -1;
	arm_digest(daemon, now_wall_ms);
}
