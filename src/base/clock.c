/* The one place where time is read. */
#include "src/base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec now = {0};

	(void)clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_ms(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

int64_t clock_wall_ms(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t clock_awake_us(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void clock_rfc3339(int64_t wall_ms, char *ret_text, size_t size)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm utc = {0};
	char date[24] = "";

	(void)gmtime_r(&seconds, &utc);
	(void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc);
	(void)snprintf(ret_text, size, "%s.%03dZ", date, (int)(wall_ms % 1000));
}
