/* Allowed hours, as people write them. */
#include "src/calendar/hours.h"

#include <stdlib.h>

#include "src/calendar/week.h"
#include "src/calendar/zone.h"

#define MINUTE_MS INT64_C(60000)
#define ZONE_STEP (15 * MINUTE_MS) /* clocks are changed at quarters of an hour only */

static bool look(const struct week_window *windows, unsigned long count, const char *zone,
		 int64_t wall_ms, bool *ret_inside, struct error *error)
{
	int offset;

	if (wall_ms < 0)
		return error_set(error,
				 "the machine's clock is wrong: it shows a time before 1970");
	if (!zone_offset(zone, wall_ms, &offset, error))
		return false;
	*ret_inside = week_includes(windows, count, wall_ms / MINUTE_MS + offset);
	return true;
}

/* The first moment from wall_ms on that is inside, or is not; -1: none that is looked at. When it
 * cannot be told, nothing is inside. */
static int64_t find(const char *const *texts, unsigned long count, const char *zone,
		    int64_t wall_ms, bool inside)
{
	struct week_window *windows = week_parse_all(texts, count, NULL);
	int64_t at_ms = wall_ms, end_ms = wall_ms + HOURS_AHEAD_MS, step = -1;
	bool known = windows != NULL && wall_ms >= 0, now_inside = !inside;
	int offset = 0;

	for (; known && at_ms <= end_ms; at_ms = at_ms / MINUTE_MS * MINUTE_MS + MINUTE_MS) {
		if (at_ms / ZONE_STEP != step)
			known = zone_offset(zone, at_ms, &offset, NULL);
		step = at_ms / ZONE_STEP;
		now_inside = known && week_includes(windows, count, at_ms / MINUTE_MS + offset);
		if (now_inside == inside)
			break;
	}
	free(windows);
	if (!known)
		return inside ? -1 : wall_ms;
	return now_inside == inside ? at_ms : -1;
}

bool hours_check(const char *text, struct error *error)
{
	struct week_window window;

	return week_parse(text, &window, error);
}

bool hours_include(const char *const *texts, unsigned long count, const char *zone, int64_t wall_ms,
		   bool *ret_inside, struct error *error)
{
	struct week_window *windows = week_parse_all(texts, count, error);
	bool good = windows != NULL;

	if (good && count == 0)
		*ret_inside = true;
	else if (good)
		good = look(windows, count, zone, wall_ms, ret_inside, error);
	free(windows);
	return good;
}

int64_t hours_next(const char *const *texts, unsigned long count, const char *zone, int64_t wall_ms)
{
	return find(texts, count, zone, wall_ms, true);
}

int64_t hours_end(const char *const *texts, unsigned long count, const char *zone, int64_t wall_ms)
{
	int64_t end_ms;

	if (wall_ms < 0)
		return wall_ms;
	end_ms = find(texts, count, zone, wall_ms, false);
	return end_ms >= 0 ? end_ms : wall_ms + HOURS_AHEAD_MS;
}
