/* What will spoil a drill of a scenario, or make it tell less than it could. */
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/duration.h"
#include "src/base/mem.h"
#include "src/engine/timing.h"
#include "src/engine/timing_written.h"

#define TEXT_LIMIT 600 /* bytes of a warning */

struct warning_of {
	const struct scenario *scenario; /* borrowed */
	const struct expectation *expect;
	size_t i;
	const struct timing *timing; /* borrowed; NULL: offline */
	timing_warn_fn *warn;
	void *arg;
};

static void say(const struct warning_of *of, const char *key, const char *text, const char *advice)
{
	const struct timing_warning warning = {of->i, key, text, advice};

	of->warn(of->arg, &warning);
}

/* What the files alone tell. */

static void warn_offline(const struct warning_of *of)
{
	const struct fault *fault = &of->scenario->fault;
	int64_t within_ms = of->expect->within_ms;

	if (of->expect->never && fault->hold_ms >= 0 && fault->hold_ms < within_ms &&
	    fault->kind != KIND_NONE && of->scenario->expect_count > 1)
		say(of, "fault.hold",
		    "the fault is taken out as soon as every other alert has come, maybe before "
		    "this one would",
		    "write hold = \"auto\", or how long it takes for it to come");
}

/* A deadline against what the stations tell. */

struct deadline {
	const char *key, *what;
	int64_t ms, least_ms, most_ms;
	bool resolving;
};

static void warn_late(const struct warning_of *of, const struct deadline *deadline)
{
	struct buf text = {.limit = TEXT_LIMIT}, advice = {.limit = TEXT_LIMIT};
	char wanted[32], most[32], written[32];

	duration_format(deadline->ms, wanted, sizeof wanted);
	duration_format(deadline->most_ms, most, sizeof most);
	timing_written(timing_deadline(of->timing, deadline->resolving), written, sizeof written);
	buf_addf(&text, "%s may take up to %s as the stations are set up (", deadline->what, most);
	timing_add_parts(&text, of->timing, deadline->resolving);
	buf_addf(&text, "), but its deadline is %s: nothing need be wrong when it is late", wanted);
	buf_addf(&advice, "write %s = \"auto\", or \"%s\"", deadline->key, written);
	say(of, deadline->key, buf_text(&text), buf_text(&advice));
	buf_done(&text);
	buf_done(&advice);
}

static void warn_deadline(const struct warning_of *of, const struct deadline *deadline)
{
	char *impossible;

	if (deadline->ms <= 0)
		return; /* "auto", or not asked for */
	impossible = timing_impossible(of->timing, of->expect, deadline->resolving);
	if (impossible != NULL) {
		say(of, deadline->key, impossible,
		    "write \"auto\", or set the stations up to be quicker");
		free(impossible);
	} else if (deadline->most_ms > deadline->ms) {
		warn_late(of, deadline);
	}
}

static void warn_auto(const struct warning_of *of)
{
	const struct fault *fault = &of->scenario->fault;
	int64_t needed_ms = timing_deadline(of->timing, false);
	char needed[32], held[32], written[32], *text, *advice;

	if (of->expect->within_ms != SCENARIO_AUTO && !of->timing->within_auto)
		return;
	if (of->timing->unknown != NULL) {
		duration_format(TIMING_UNKNOWN_MS, needed, sizeof needed);
		text = mem_printf("its deadline cannot be computed (%s), so it would be %s, and a "
				  "miss would prove nothing",
				  of->timing->unknown, needed);
		say(of, "within", text, "put that right, or write how long it may take");
		free(text);
		return;
	}
	if (needed_ms <= fault->hold_at_most_ms)
		return;
	duration_format(needed_ms, needed, sizeof needed);
	duration_format(fault->hold_at_most_ms, held, sizeof held);
	timing_written(needed_ms + 60000, written, sizeof written);
	text =
	    mem_printf("the alert may take %s to come, but the fault is held for at most %s: the "
		       "drill will be refused",
		       needed, held);
	advice = mem_printf("write hold_at_most = \"%s\"", written);
	say(of, "fault.hold_at_most", text, advice);
	free(text);
	free(advice);
}

/* What the stations are set up to do. */

static void warn_repeat(const struct warning_of *of, const struct timing_worry *worry,
			int64_t spacing_ms)
{
	int64_t needed_ms = worry->ms;
	char needed[32], *advice;

	if (of->timing->resolve_most_ms > needed_ms)
		needed_ms = of->timing->resolve_most_ms;
	if (spacing_ms >= needed_ms)
		return;
	timing_written(needed_ms, needed, sizeof needed);
	advice =
	    mem_printf("%s, or write spacing = \"%s\" for the environment",
		       worry->advice != NULL ? worry->advice : "tell the drills apart", needed);
	say(of, "spacing", worry->text, advice);
	free(advice);
}

static void warn_worry(const struct warning_of *of, const struct timing_worry *worry,
		       int64_t spacing_ms)
{
	switch (worry->worry) {
	case HOP_WORRY_NO_RESOLVED:
		if (of->expect->resolved_ms != 0)
			say(of, "resolved", worry->text, worry->advice);
		break;
	case HOP_WORRY_REPEAT:
		warn_repeat(of, worry, spacing_ms);
		break;
	case HOP_WORRY_ABSENT:
	case HOP_WORRY_NOWHERE:
	case HOP_WORRY_HELD_BACK:
	case HOP_WORRY_TEMPLATE:
		say(of, "", worry->text, worry->advice);
		break;
	case HOP_WORRY_COUNT:
		break;
	}
}

void timing_warn(const struct scenario *resolved, size_t expect, int64_t spacing_ms,
		 const struct timing *timing, timing_warn_fn *warn, void *arg)
{
	const struct expectation *wanted = &resolved->expect[expect];
	const struct warning_of of = {resolved, wanted, expect, timing, warn, arg};

	warn_offline(&of);
	timing_warn_written(resolved, expect, spacing_ms, timing, warn, arg);
	if (timing == NULL || wanted->never)
		return;
	if (!timing->within_auto)
		warn_deadline(&of, &(struct deadline){"within", "the alert", wanted->within_ms,
						      timing->least_ms, timing->most_ms, false});
	if (!timing->resolved_auto)
		warn_deadline(&of, &(struct deadline){"resolved", "the resolved message",
						      wanted->resolved_ms, timing->resolve_least_ms,
						      timing->resolve_most_ms, true});
	warn_auto(&of);
	for (size_t i = 0; i < timing->worry_count; i++)
		warn_worry(&of, &timing->worries[i], spacing_ms);
}
