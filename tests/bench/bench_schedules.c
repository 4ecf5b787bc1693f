/* A year of 10,000 schedules, from every 5 minutes to every month, in five zones, one in three with
 * blackouts: how long it takes to find all of their moments. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/calendar/schedule.h"

#define SCHEDULES 10000
#define YEAR_MS   INT64_C(31536000000)

static const char *const zones[] = {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata",
				    "Australia/Lord_Howe"};

/* The n-th text: one in a hundred comes every 5 minutes, one in ten every hour, half of them daily. */
static char *text_of(int n)
{
	if (n % 100 == 0)
		return mem_dup("*/5 * * * *");
	if (n % 100 == 1)
		return mem_dup("@every 15m");
	if (n % 10 == 2)
		return mem_printf("%d * * * *", n % 60);
	if (n % 10 == 3)
		return mem_printf("RRULE:FREQ=MONTHLY;BYDAY=%dTU;BYHOUR=10;BYMINUTE=%d", n % 4 + 1,
				  n % 60);
	if (n % 10 == 4)
		return mem_printf("%d */6 * * Mon-Fri", n % 60);
	return mem_printf(n % 2 == 0 ? "%d %d * * *" : "%d %d * * Tue", n % 60, n % 24);
}

static struct schedule *open_one(struct calendar *calendar, int n)
{
	static const char *const blackouts[] = {"2026-12-19 to 2027-01-06", "Sat,Sun 00:00-24:00"};
	char *text = text_of(n);
	struct schedule_ask ask = {.when = text,
				   .zone = zones[(size_t)n % (sizeof zones / sizeof zones[0])],
				   .blackouts = blackouts,
				   .blackout_count = n % 3 == 0 ? 2 : 0};
	struct error error = {""};
	struct schedule *schedule = schedule_new(calendar, &ask, &error);

	if (schedule == NULL)
		(void)fprintf(stderr, "%s: %s\n", text, error.text);
	free(text);
	return schedule;
}

static int64_t walk(const struct schedule *schedule, int64_t from_ms)
{
	int64_t count = 0, at_ms = schedule_next(schedule, from_ms);

	for (; at_ms >= 0 && at_ms <= from_ms + YEAR_MS; at_ms = schedule_next(schedule, at_ms))
		count++;
	return count;
}

int main(void)
{
	struct schedule **schedules = mem_zalloc(SCHEDULES * sizeof(struct schedule *));
	struct calendar *calendar = calendar_new();
	int64_t from_ms = clock_wall_ms(), start_ms = clock_ms(), open_ms, walk_ms, moments = 0;
	struct rusage before, after;
	bool good = true;

	(void)getrusage(RUSAGE_SELF, &before);
	for (int i = 0; i < SCHEDULES; i++) {
		schedules[i] = open_one(calendar, i);
		good = good && schedules[i] != NULL;
	}
	(void)getrusage(RUSAGE_SELF, &after);
	open_ms = clock_ms() - start_ms;
	for (int i = 0; i < SCHEDULES && good; i++)
		moments += walk(schedules[i], from_ms);
	walk_ms = clock_ms() - start_ms - open_ms;
	(void)printf("a year of 10,000 schedules: %" PRId64 " moments in %.2f s; read in %.2f s, "
		     "with %.1f MiB\n",
		     moments, (double)walk_ms / 1000, (double)open_ms / 1000,
		     (double)(after.ru_maxrss - before.ru_maxrss) / 1024);
	for (int i = 0; i < SCHEDULES; i++)
		schedule_free(schedules[i]);
	calendar_free(calendar);
	free(schedules);
	return good ? 0 : 1;
}
