/* What probes say of a gap: they were read, or not read, in the chat itself; but each was another
 * message at another time than the alert that was lost. */
#include "src/engine/gap_probes.h"

#include <stdlib.h>

#include "src/base/buf.h"
#include "src/base/duration.h"
#include "src/base/mem.h"
#include "src/engine/bisect.h"

/* The gap must be between these two, as far as the probes can tell. */
struct region {
	enum hop after, before;
};

static const struct probe_told *find(const struct evidence *evidence, size_t expect, enum hop hop)
{
	for (size_t i = 0; i < evidence->probe_count; i++) {
		const struct probe_told *probe = &evidence->probes[i];

		if (probe->expect == expect && probe->hop == hop)
			return probe;
	}
	return NULL;
}

static bool is(const struct probe_told *probe, enum probe_result result)
{
	return probe != NULL && probe->result == result;
}

/* With other labels than the lost one's an alert may go another way: what arrived so agrees with the
 * stations, and tells nothing that they do not. */
static bool is_of_the_same_way(const struct probe_told *alert, enum hop before)
{
	return !alert->guessed || before <= HOP_ALERTMANAGER;
}

/* False when they tell nothing about where it is. */
static bool find_region(const struct probe_told *message, const struct probe_told *alert,
			enum hop before, struct region *ret_region)
{
	/* A receiver that lacked it is one whose posts were not taken either. */
	if (is(message, PROBE_LOST) || is(message, PROBE_REFUSED))
		*ret_region = (struct region){
		    before == HOP_RECEIVER ? HOP_ALERTMANAGER : HOP_RECEIVER, HOP_CHAT};
	else if (is(alert, PROBE_ARRIVED) && is_of_the_same_way(alert, before))
		*ret_region = (struct region){HOP_EMISSION, HOP_ALERTMANAGER};
	else if (is(alert, PROBE_LOST))
		*ret_region = (struct region){HOP_ALERTMANAGER, HOP_CHAT};
	else
		return false;
	return true;
}

/* "a probe sent by the webhook arrived after 1.2 s" */
static void add_fact(struct buf *text, const struct probe_told *probe, const char *subject)
{
	char length[32];

	if (probe == NULL || probe->result == PROBE_SKIPPED || probe->result == PROBE_UNKNOWN)
		return;
	buf_adds(text, text->len > 0 ? ", " : "");
	buf_adds(text, subject);
	switch (probe->result) {
	case PROBE_ARRIVED:
		duration_format(probe->latency_ms, length, sizeof length);
		if (probe->latency_ms > 0)
			buf_addf(text, " arrived after %s", length);
		else
			buf_adds(text, " arrived at once");
		break;
	case PROBE_LOST:
		buf_adds(text, " did not arrive");
		break;
	case PROBE_REFUSED:
		buf_adds(text, " was not taken");
		break;
	case PROBE_SKIPPED:
	case PROBE_UNKNOWN:
	case PROBE_RESULT_COUNT:
		break;
	}
}

/* NULL when there is nothing to say. Owned by the caller. */
static char *sentence(const char *opening, const struct probe_told *message,
		      const struct probe_told *alert, const char *ending)
{
	struct buf facts = {0};
	char *text = NULL;

	add_fact(&facts, message, "a probe sent by the webhook");
	add_fact(&facts, alert, "an alert sent straight to Alertmanager");
	if (facts.len > 0)
		text = mem_printf("%s: %s%s", opening, buf_text(&facts), ending);
	buf_done(&facts);
	return text;
}

void gap_confirm(const struct evidence *evidence, size_t expect, enum hop after, enum hop before,
		 struct gap *gap)
{
	const struct probe_told *message = find(evidence, expect, HOP_RECEIVER);
	const struct probe_told *alert = find(evidence, expect, HOP_ALERTMANAGER);
	struct region region;

	if (!find_region(message, alert, before, &region)) {
		gap->probes = sentence("not confirmed", message, alert,
				       is(alert, PROBE_ARRIVED)
					   ? "; but which labels the lost one would carry was not "
					     "seen, so it may have gone another way"
					   : "");
		return;
	}
	if (region.after < after)
		region.after = after;
	if (region.before > before)
		region.before = before;
	gap->confirmed = region.after < region.before;
	if (gap->confirmed) {
		gap->after = hop_name(region.after);
		gap->before = hop_name(region.before);
		gap->probes = sentence("confirmed", message, alert, "");
	} else if (is(alert, PROBE_ARRIVED)) {
		gap->probes = sentence(
		    "not confirmed", message, alert,
		    "; that was read in the chat and counts for more than what stations say: the "
		    "way from Alertmanager on works now. But it was another alert, later: either "
		    "something was in the way of the lost one only, or it has gone since");
	} else {
		gap->probes =
		    sentence("not confirmed, and more is broken", message, alert,
			     "; the stations say that the alert was lost before that, and mending "
			     "this alone would not have let it through");
	}
}
