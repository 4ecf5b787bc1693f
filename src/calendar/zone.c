/* Local time in IANA zones, through libical. */
#include "src/calendar/zone.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "src/calendar/library.h"

#define NAME_BYTES 64
#define MINUTE_MS  INT64_C(60000)
#define DAY_MS     INT64_C(86400000)
#define LAST_MS    INT64_C(253402300799000) /* the end of the year 9999 */

static bool is_utc(const char *zone)
{
	return strcmp(zone, "UTC") == 0;
}

bool zone_is_name(const char *zone)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789+-_/";
	size_t len = strspn(zone, allowed);

	return len > 0 && len <= NAME_BYTES && zone[len] == '\0' && zone[0] != '/';
}

static bool offset_by_library(const char *zone, int64_t wall_ms, int *ret_minutes,
			      struct error *error)
{
	struct library library = {.handle = NULL};
	struct icaltimetype utc;
	icaltimezone *found;
	int summer;

	if (!library_open(&library, error))
		return false;
	found = library.find_zone(zone);
	if (found != NULL) {
		utc = library.moment((time_t)(wall_ms / 1000), 0, library.utc());
		*ret_minutes = library.offset(found, &utc, &summer) / 60;
	}
	library_close(&library);
	return found != NULL;
}

static int64_t clamp(int64_t wall_ms)
{
	return wall_ms < 0 ? 0 : wall_ms > LAST_MS ? LAST_MS : wall_ms;
}

bool zone_offset(const char *zone, int64_t wall_ms, int *ret_minutes, struct error *error)
{
	struct error why = {""};

	if (is_utc(zone)) {
		*ret_minutes = 0;
		return true;
	}
	if (zone_is_name(zone) && offset_by_library(zone, clamp(wall_ms), ret_minutes, &why))
		return true;
	if (why.text[0] != '\0')
		return error_set(error, "%s", why.text);
	return error_set(error,
			 "\"%.*s\" is no time zone that this machine knows: write an IANA name "
			 "such as \"Europe/Berlin\" or \"UTC\"",
			 NAME_BYTES, zone);
}

/* The day of a moment there, counted from 1970. */
static bool day_of(const char *zone, int64_t wall_ms, int64_t *ret_day, struct error *error)
{
	int minutes = 0;

	if (!zone_offset(zone, wall_ms, &minutes, error))
		return false;
	*ret_day = (wall_ms + minutes * MINUTE_MS) / DAY_MS;
	return true;
}

/* The day began under the offset of now or of yesterday: the earlier moment that is of this day. */
bool zone_day_start(const char *zone, int64_t wall_ms, int64_t *ret_wall_ms, struct error *error)
{
	int64_t day, other, now_ms = clamp(wall_ms), found_ms = now_ms;
	int offsets[2] = {0};

	if (!day_of(zone, now_ms, &day, error) || !zone_offset(zone, now_ms, &offsets[0], error) ||
	    !zone_offset(zone, now_ms - DAY_MS - 60 * MINUTE_MS, &offsets[1], error))
		return false;
	for (size_t i = 0; i < 2; i++) {
		int64_t start_ms = day * DAY_MS - offsets[i] * MINUTE_MS;

		if (!day_of(zone, start_ms, &other, error))
			return false;
		if (other == day && start_ms < found_ms)
			found_ms = start_ms;
	}
	*ret_wall_ms = found_ms;
	return true;
}

void zone_format(const char *zone, int64_t wall_ms, char ret_text[ZONE_TIME_SIZE])
{
	static const char days[][5] = {"Sun ", "Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat "};
	struct tm local = {.tm_mday = 1};
	int minutes = 0;
	time_t seconds;

	if (!zone_offset(zone, wall_ms, &minutes, NULL))
		minutes = 0;
	seconds = (time_t)(clamp(clamp(wall_ms) + minutes * MINUTE_MS) / 1000);
	(void)gmtime_r(&seconds, &local);
	(void)memcpy(ret_text, days[local.tm_wday], 4);
	(void)strftime(ret_text + 4, ZONE_TIME_SIZE - 4, "%Y-%m-%d %H:%M", &local);
}
