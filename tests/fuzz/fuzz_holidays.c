/* Any bytes as a file of iCalendar: refused with a sentence, or holidays that end after they are asked for. */
#include "tests/fuzz/fuzz.h"

#include "src/calendar/holidays.h"

#define NOW     INT64_C(1795000000) /* November 2026 */
#define HOUR_S  3600
#define QUERIES 500

static void check(const struct holidays *holidays, struct local *local)
{
	for (int64_t at = NOW; at < NOW + QUERIES * HOUR_S; at += HOUR_S)
		PROMISE(holidays_end(holidays, local, at) >= at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct content content = {0};
	struct error error = {""};
	struct locals *locals = locals_new();
	struct holidays *holidays = NULL;

	if (content_of((const char *)data, size, &content, &error))
		holidays = holidays_read(&content, locals, NOW, &error);
	PROMISE((holidays != NULL) == (error.text[0] == '\0'));
	if (holidays != NULL)
		check(holidays, locals_find(locals, "Europe/Berlin", &error));
	holidays_free(holidays);
	content_done(&content);
	locals_free(locals);
	return 0;
}
