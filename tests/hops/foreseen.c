/* What a station foresees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/hops/foreseen.h"

#include <stdio.h>
#include <string.h>

static void on_delay(void *arg, const struct hop_delay *delay)
{
	struct foreseen *foreseen = arg;

	assert_true(foreseen->delay_count < FORESEEN_MAX);
	assert_string_equal(delay->name, "station");
	foreseen->delays[foreseen->delay_count++] = (struct foreseen_delay){
	    delay->hop, delay->what, delay->resolving, delay->least_ms, delay->most_ms};
}

static void on_caution(void *arg, const struct hop_caution *caution)
{
	struct foreseen *foreseen = arg;
	struct foreseen_caution *kept = &foreseen->cautions[foreseen->caution_count++];

	assert_true(foreseen->caution_count <= FORESEEN_MAX);
	assert_string_equal(caution->name, "station");
	kept->hop = caution->hop;
	kept->worry = caution->worry;
	kept->ms = caution->ms;
	(void)snprintf(kept->text, sizeof kept->text, "%s", caution->text);
	(void)snprintf(kept->advice, sizeof kept->advice, "%s", caution->advice);
	assert_true(kept->text[0] != '\0' && kept->advice[0] != '\0');
}

static void on_labels(void *arg, const char *json)
{
	struct foreseen *foreseen = arg;

	(void)snprintf(foreseen->labels, sizeof foreseen->labels, "%s", json);
}

static void on_unknown(void *arg, const char *name, const char *why)
{
	struct foreseen *foreseen = arg;

	assert_string_equal(name, "station");
	if (foreseen->unknown[0] == '\0')
		(void)snprintf(foreseen->unknown, sizeof foreseen->unknown, "%s", why);
}

void foresee(struct stand *stand, const struct hop_driver *driver, struct foreseen *ret_foreseen)
{
	const struct hop_forecast forecast = {on_delay, on_caution, on_labels, on_unknown,
					      ret_foreseen};

	*ret_foreseen = (struct foreseen){0};
	stand_observe(stand, driver, HOP_BEFORE);
	assert_non_null(stand->observed[HOP_BEFORE].json);
	driver->foresee(&stand->settings, &stand->want, &stand->observed[HOP_BEFORE], &forecast);
}

static void assert_delay(const struct foreseen *foreseen, bool resolving, const char *what,
			 int64_t least_ms, int64_t most_ms)
{
	for (size_t i = 0; i < foreseen->delay_count; i++) {
		const struct foreseen_delay *delay = &foreseen->delays[i];

		if (delay->resolving != resolving || strcmp(delay->what, what) != 0)
			continue;
		if (delay->least_ms != least_ms || delay->most_ms != most_ms)
			fail_msg("%s takes %lld to %lld ms", what, (long long)delay->least_ms,
				 (long long)delay->most_ms);
		return;
	}
	fail_msg("%s is not told", what);
}

void assert_there(const struct foreseen *foreseen, const char *what, int64_t least_ms,
		  int64_t most_ms)
{
	assert_delay(foreseen, false, what, least_ms, most_ms);
}

void assert_back(const struct foreseen *foreseen, const char *what, int64_t least_ms,
		 int64_t most_ms)
{
	assert_delay(foreseen, true, what, least_ms, most_ms);
}

void assert_known(const struct foreseen *foreseen)
{
	assert_string_equal(foreseen->unknown, "");
}

void assert_unknown(const struct foreseen *foreseen, const char *why)
{
	if (strstr(foreseen->unknown, why) == NULL)
		fail_msg("\"%s\" is not: %s", foreseen->unknown, why);
}

void assert_cautions(const struct foreseen *foreseen, size_t count)
{
	if (foreseen->caution_count != count)
		fail_msg("%zu cautions; the first: %s", foreseen->caution_count,
			 foreseen->cautions[0].text);
}

void assert_caution(const struct foreseen *foreseen, enum hop_worry worry, const char *text)
{
	for (size_t i = 0; i < foreseen->caution_count; i++) {
		if (foreseen->cautions[i].worry == worry &&
		    strstr(foreseen->cautions[i].text, text) != NULL)
			return;
	}
	fail_msg("%zu cautions, none is: %s; the first: %s", foreseen->caution_count, text,
		 foreseen->caution_count > 0 ? foreseen->cautions[0].text : "");
}
