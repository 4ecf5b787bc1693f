/* Schedules, as tests make them, on a day that is always the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "src/base/buf.h"
#include "src/calendar/zone.h"
#include "tests/calendar/schedules.h"
#include "tests/calendar/when.h"

int64_t __wrap_clock_wall_ms(void)
{
	return when(11, 21, 14, 3);
}

struct schedule *schedules_ask(struct calendar *calendar, const struct schedule_ask *ask)
{
	struct error error = {""};
	struct schedule *schedule = schedule_new(calendar, ask, &error);

	if (schedule == NULL)
		fail_msg("%s: %s", ask->when, error.text);
	return schedule;
}

struct schedule *schedules_open(struct calendar *calendar, const char *text, const char *zone)
{
	struct schedule_ask ask = {.when = text, .zone = zone};

	return schedules_ask(calendar, &ask);
}

void schedules_refuse(const char *text, const char *says)
{
	struct error error = {""};

	if (schedule_check(text, &error))
		fail_msg("\"%s\" was taken", text);
	if (strstr(error.text, says) == NULL)
		fail_msg("\"%s\": %s", text, error.text);
}

void schedules_expect(const struct schedule *schedule, const char *zone, const char *after,
		      const char *moments)
{
	struct tm parts = {.tm_mday = 1};
	struct buf found = {0};
	int64_t at_ms;

	assert_non_null(strptime(after, "%Y-%m-%d %H:%M", &parts));
	at_ms = (int64_t)timegm(&parts) * 1000;
	while (found.len < strlen(moments)) {
		char text[ZONE_TIME_SIZE];

		at_ms = schedule_next(schedule, at_ms);
		if (at_ms < 0)
			break;
		zone_format(zone, at_ms, text);
		buf_addf(&found, "%s%s", found.len > 0 ? ", " : "", text);
	}
	assert_string_equal(buf_text(&found), moments);
	buf_done(&found);
}
