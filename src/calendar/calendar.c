/* Zones and holidays as they were read. */
#include "src/calendar/calendar.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/calendar/content.h"

struct calendar *calendar_new(void)
{
	struct calendar *calendar = mem_zalloc(sizeof *calendar);

	calendar->locals = locals_new();
	return calendar;
}

void calendar_free(struct calendar *calendar)
{
	if (calendar == NULL)
		return;
	for (size_t i = 0; i < calendar->holiday_count; i++) {
		holidays_free(calendar->holidays[i].holidays);
		free(calendar->holidays[i].name);
	}
	free(calendar->holidays);
	locals_free(calendar->locals);
	free(calendar);
}

static void add(struct calendar *calendar, const char *name, struct holidays *holidays)
{
	size_t count = calendar->holiday_count + 1;

	calendar->holidays = mem_grow(calendar->holidays, count, sizeof *calendar->holidays);
	calendar->holidays[calendar->holiday_count++] =
	    (struct named_holidays){mem_dup(name), holidays};
}

bool calendar_add_holidays(struct calendar *calendar, const char *name, const char *path,
			   struct error *error)
{
	struct content content = {0};
	struct holidays *holidays = NULL;
	struct error why = {""};

	if (content_read(path, &content, &why))
		holidays = holidays_read(&content, calendar->locals, clock_wall_ms() / 1000, &why);
	content_done(&content);
	if (holidays == NULL)
		return error_set(error, "%.200s: %s", path, why.text);
	add(calendar, name, holidays);
	return true;
}

const struct holidays *calendar_holidays(const struct calendar *calendar, const char *name)
{
	for (size_t i = 0; i < calendar->holiday_count; i++) {
		if (strcmp(calendar->holidays[i].name, name) == 0)
			return calendar->holidays[i].holidays;
	}
	return NULL;
}
