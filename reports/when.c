/* Moments by the clock on the wall, as people and machines read them. */
#include "reports/when.h"

#include <string.h>

#include "src/base/clock.h"

#define WALL_END_MS INT64_C(253402300800000) /* the year 10000 */

bool when_is_known(int64_t wall_ms)
{
	return wall_ms > 0 && wall_ms < WALL_END_MS;
}

bool when_rfc3339(int64_t wall_ms, char *ret_text, size_t size)
{
	if (!when_is_known(wall_ms))
		return false;
	clock_rfc3339(wall_ms, ret_text, size);
	return true;
}

void when_text(struct buf *buf, int64_t wall_ms)
{
	if (!when_is_known(wall_ms)) {
		buf_adds(buf, "at an unknown time");
		return;
	}
	when_day(buf, wall_ms);
	buf_adds(buf, " ");
	when_second(buf, wall_ms);
}

void when_day(struct buf *buf, int64_t wall_ms)
{
	char text[32]; /* 2026-11-21T10:03:12.000Z */

	clock_rfc3339(wall_ms, text, sizeof text);
	buf_addf(buf, "%.10s", text);
}

/* So many characters of the time of the day. */
static void add_clock(struct buf *buf, int64_t wall_ms, int length)
{
	char text[32];

	clock_rfc3339(wall_ms, text, sizeof text);
	buf_addf(buf, "%.*s UTC", length, text + strlen("2026-11-21T"));
}

void when_second(struct buf *buf, int64_t wall_ms)
{
	add_clock(buf, wall_ms, (int)strlen("10:03:12"));
}

void when_minute(struct buf *buf, int64_t wall_ms)
{
	add_clock(buf, wall_ms, (int)strlen("10:03"));
}
