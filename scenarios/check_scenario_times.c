/* What must fit together in the times of a scenario: its deadlines, and how long the fault is held. */
#include <stdlib.h>

#include "scenarios/check.h"
#include "src/base/duration.h"
#include "src/base/mem.h"

#define HOLD_MORE_MS 60000 /* the lease's default, on top of the longest deadline */

/* A length that is "auto" is known only when the stations have told; then a guard looks at it. */
static int64_t known_or(int64_t ms, int64_t unknown_ms)
{
	return ms == SCENARIO_AUTO ? unknown_ms : ms;
}

static int64_t longest_within(const struct scenario *scenario, int64_t auto_ms)
{
	int64_t longest = 0;

	for (size_t i = 0; i < scenario->expect_count; i++) {
		int64_t within = known_or(scenario->expect[i].within_ms, auto_ms);

		if (within > longest)
			longest = within;
	}
	return longest;
}

static void check_hold(struct pass *pass, struct scenario *scenario)
{
	struct fault *fault = &scenario->fault;
	int64_t longest = longest_within(scenario, SCENARIO_UNKNOWN_MS);
	int64_t hold = known_or(fault->hold_ms, 0);
	char text[32];

	if (!pass_has(pass, "fault.hold_at_most")) {
		fault->hold_at_most_ms = (longest > hold ? longest : hold) + HOLD_MORE_MS;
		return;
	}
	if (!pass_is_good(pass, "fault.hold_at_most"))
		return;
	longest = longest_within(scenario, 0);
	if (fault->hold_at_most_ms < longest) {
		duration_format(longest, text, sizeof text);
		pass_mistake(pass, "fault.hold_at_most",
			     "is shorter than the longest `within`, so the fault would end before "
			     "the alert is due: write at least %s, or leave it out",
			     text);
	}
	if (hold > fault->hold_at_most_ms) {
		duration_format(fault->hold_at_most_ms, text, sizeof text);
		pass_mistake(pass, "fault.hold",
			     "is longer than hold_at_most, which takes the fault out after %s: "
			     "write less, or a longer hold_at_most",
			     text);
	}
}

static void auto_mistake(struct pass *pass, size_t i, const char *key)
{
	char *path = mem_printf("expect[%zu].%s", i, key);

	pass_mistake(pass, path,
		     "\"auto\" is computed from the stations that the alert passes, but none of "
		     "these environments has a `pipeline` in the configuration: name one there, or "
		     "write how long it may take, such as \"2m\"");
	free(path);
}

/* "auto" needs stations that can be asked, in one of the environments at least. */
static void check_auto(struct pass *pass, const struct scenario *scenario,
		       const struct config *config)
{
	for (size_t i = 0; i < scenario->in_count; i++) {
		const struct environment *environment =
		    config_environment(config, scenario->in[i].environment);

		if (environment == NULL || environment->pipeline != NULL)
			return;
	}
	for (size_t i = 0; i < scenario->expect_count; i++) {
		if (scenario->expect[i].within_ms == SCENARIO_AUTO)
			auto_mistake(pass, i, "within");
		if (scenario->expect[i].resolved_ms == SCENARIO_AUTO)
			auto_mistake(pass, i, "resolved");
	}
}

void check_scenario_times(struct pass *pass, struct scenario *scenario, const struct config *config)
{
	check_hold(pass, scenario);
	check_auto(pass, scenario, config);
}
