/* The guards that ask when, and how often. */
#include "src/base/duration.h"
#include "src/calendar/hours.h"
#include "src/calendar/zone.h"
#include "src/engine/guard_parts.h"
#include "src/store/ledger.h"

#define DURATION_SIZE 32
#define LIST_LIMIT    150 /* bytes of what is allowed, in a refusal */

const char *guard_zone(const struct guard_case *asked)
{
	return asked->environment->zone != NULL ? asked->environment->zone : "UTC";
}

/* Allowed hours: now, and until the fault is out at the latest. */

static const char *const *texts_of(const struct guard_case *asked)
{
	return (const char *const *)asked->environment->hours.list;
}

static void add_hours(const struct guard_case *asked, struct buf *out)
{
	const struct texts *hours = &asked->environment->hours;

	for (size_t i = 0; i < hours->count; i++)
		buf_addf(out, "%s%s", i > 0 ? ", " : "", hours->list[i]);
}

/* How long a fault may be in place; a control drill puts none in. */
static int64_t held_ms(const struct guard_case *asked)
{
	return asked->driver->via == VIA_NONE ? 0 : asked->scenario->fault.hold_at_most_ms;
}

static bool refuse_now(const struct guard_case *asked, struct error *error)
{
	const struct texts *hours = &asked->environment->hours;
	int64_t next_ms =
	    hours_next(texts_of(asked), hours->count, guard_zone(asked), asked->now_wall_ms);
	char now[ZONE_TIME_SIZE], next[ZONE_TIME_SIZE] = "a time more than 8 days away";
	struct buf allowed = {.limit = LIST_LIMIT};

	zone_format(guard_zone(asked), asked->now_wall_ms, now);
	if (next_ms >= 0)
		zone_format(guard_zone(asked), next_ms, next);
	add_hours(asked, &allowed);
	(void)error_set(error,
			"it is %s in %s, allowed are %s: next from %s; wait until then, or change "
			"`hours` of %s",
			now, guard_zone(asked), buf_text(&allowed), next, asked->environment->name);
	buf_done(&allowed);
	return false;
}

static bool refuse_hold(const struct guard_case *asked, int64_t end_ms, struct error *error)
{
	char now[ZONE_TIME_SIZE], end[ZONE_TIME_SIZE], held[DURATION_SIZE], left[DURATION_SIZE];
	struct buf allowed = {.limit = LIST_LIMIT};

	zone_format(guard_zone(asked), asked->now_wall_ms, now);
	zone_format(guard_zone(asked), end_ms, end);
	duration_format(held_ms(asked), held, sizeof held);
	duration_format(end_ms - asked->now_wall_ms, left, sizeof left);
	add_hours(asked, &allowed);
	(void)error_set(error,
			"it is %s in %s, and the fault may be held for %s, but the hours end at %s "
			"(allowed are %s); run it earlier, or make hold_at_most shorter than %s",
			now, guard_zone(asked), held, end, buf_text(&allowed), left);
	buf_done(&allowed);
	return false;
}

bool guard_hours(const struct guard_case *asked, struct error *error)
{
	const struct texts *hours = &asked->environment->hours;
	int64_t end_ms;
	bool inside;

	if (hours->count == 0)
		return true;
	if (!hours_include(texts_of(asked), hours->count, guard_zone(asked), asked->now_wall_ms,
			   &inside, error))
		return false;
	if (!inside)
		return refuse_now(asked, error);
	end_ms = hours_end(texts_of(asked), hours->count, guard_zone(asked), asked->now_wall_ms);
	return asked->now_wall_ms + held_ms(asked) <= end_ms || refuse_hold(asked, end_ms, error);
}

void guard_rule_hours(const struct guard_case *asked, struct buf *rule)
{
	char now[ZONE_TIME_SIZE], held[DURATION_SIZE];

	if (asked->environment->hours.count == 0) {
		buf_adds(rule, "at any time");
		return;
	}
	zone_format(guard_zone(asked), asked->now_wall_ms, now);
	add_hours(asked, rule);
	buf_addf(rule, " in %s, where it is %s", guard_zone(asked), now);
	duration_format(held_ms(asked), held, sizeof held);
	if (held_ms(asked) > 0)
		buf_addf(rule, "; held for at most %s", held);
}

/* Minimum spacing. A time that is yet to come counts as now: then the clock was wrong, or is. */

bool guard_spacing(const struct guard_case *asked, struct error *error)
{
	int64_t spacing_ms = asked->environment->spacing_ms, passed_ms;
	char spacing[DURATION_SIZE], wait[DURATION_SIZE], last[ZONE_TIME_SIZE];
	struct ledger_past past;

	if (spacing_ms <= 0)
		return true;
	if (asked->ledger == NULL ||
	    !ledger_past(asked->ledger, asked->environment->name, asked->now_wall_ms, &past, error))
		return false;
	passed_ms =
	    past.last_wall_ms > asked->now_wall_ms ? 0 : asked->now_wall_ms - past.last_wall_ms;
	if (past.last_wall_ms < 0 || passed_ms >= spacing_ms)
		return true;
	zone_format(guard_zone(asked), past.last_wall_ms, last);
	duration_format(spacing_ms, spacing, sizeof spacing);
	duration_format(spacing_ms - passed_ms, wait, sizeof wait);
	return error_set(
	    error,
	    "the last fault in %s ended at %s (%s), and %s must lie between two; %s %s, "
	    "or change `spacing` of the environment",
	    asked->environment->name, last, guard_zone(asked), spacing,
	    past.last_wall_ms > asked->now_wall_ms
		? "that is in the future, so look whether this machine's clock is "
		  "right; wait"
		: "wait",
	    wait);
}

void guard_rule_spacing(const struct guard_case *asked, struct buf *rule)
{
	char spacing[DURATION_SIZE];

	duration_format(asked->environment->spacing_ms, spacing, sizeof spacing);
	if (asked->environment->spacing_ms > 0)
		buf_addf(rule, "%s after the end of the fault before", spacing);
	else
		buf_adds(rule, "none");
}

/* At most so many a day, from midnight to midnight there. */

bool guard_drills_per_day(const struct guard_case *asked, struct error *error)
{
	int most = asked->environment->drills_per_day;
	const char *repeats = asked->options.repeats;
	struct ledger_past past;
	char day[ZONE_TIME_SIZE];
	int64_t since_ms;

	if (most <= 0)
		return true;
	if (asked->ledger == NULL ||
	    !zone_day_start(guard_zone(asked), asked->now_wall_ms, &since_ms, error) ||
	    !ledger_past(asked->ledger, asked->environment->name, since_ms, &past, error))
		return false;
	if (past.count < most)
		return true;
	zone_format(guard_zone(asked), asked->now_wall_ms, day);
	return error_set(error,
			 "%d of %d faults were put in in %s today (it is %s in %s)%s%s%s; wait "
			 "until midnight there, or raise `drills_per_day` of the environment",
			 past.count, most, asked->environment->name, day, guard_zone(asked),
			 repeats != NULL ? ", so that the gap of " : "",
			 repeats != NULL ? repeats : "",
			 repeats != NULL ? " is not confirmed" : "");
}

void guard_rule_drills_per_day(const struct guard_case *asked, struct buf *rule)
{
	if (asked->environment->drills_per_day > 0)
		buf_addf(rule, "at most %d from midnight to midnight in %s",
			 asked->environment->drills_per_day, guard_zone(asked));
	else
		buf_adds(rule, "any number");
}
