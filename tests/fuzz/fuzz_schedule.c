/* Any text as a schedule, and the next line as a blackout: refused with a sentence, or with moments that come
 * one after the other, wherever they are asked from, and none of them inside of the blackout. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "src/base/mem.h"
#include "src/calendar/schedule.h"

#define FROM_MS INT64_C(1772000000000) /* February 2026: the clock is changed soon */
#define MOMENTS 50

static void check_moments(const struct schedule *schedule)
{
	int64_t at_ms = FROM_MS;

	for (int i = 0; i < MOMENTS; i++) {
		int64_t next_ms = schedule_next(schedule, at_ms);

		if (next_ms < 0)
			return;
		PROMISE(next_ms > at_ms && next_ms <= at_ms + SCHEDULE_AHEAD_MS);
		PROMISE(schedule_next(schedule, next_ms - 1) == next_ms);
		PROMISE(schedule_next(schedule, at_ms + (next_ms - at_ms) / 2) == next_ms);
		at_ms = next_ms;
	}
}

static void check_text(const char *when, const char *blackout)
{
	struct error error = {""};
	bool good = schedule_check(when, &error), black = blackout[0] != '\0';
	struct schedule_ask ask = {.when = when,
				   .zone = "Europe/Berlin",
				   .blackouts = &blackout,
				   .blackout_count = black ? 1 : 0};
	struct calendar *calendar = calendar_new();
	struct schedule *schedule;

	PROMISE(good == (error.text[0] == '\0'));
	error.text[0] = '\0';
	schedule = schedule_new(calendar, &ask, &error);
	PROMISE((schedule != NULL) == (error.text[0] == '\0'));
	if (schedule != NULL) {
		PROMISE(!black || schedule_check_blackout(blackout, NULL));
		check_moments(schedule);
	}
	schedule_free(schedule);
	calendar_free(calendar);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_dup_n((const char *)data, size);
	char *line_end = strchr(text, '\n');

	if (line_end != NULL)
		*line_end = '\0';
	check_text(text, line_end != NULL ? line_end + 1 : "");
	free(text);
	return 0;
}
