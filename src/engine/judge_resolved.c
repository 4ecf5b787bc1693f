/* The end of an alert: was it told, when, how, and did it last? */
#include <stdlib.h>

#include "src/base/duration.h"
#include "src/base/mem.h"
#include "src/engine/attribution.h"
#include "src/engine/judge_parts.h"

#define EARLY_MS \
	1500 /* before the revert; less may be clocks, or an edit's time in whole seconds */

char *judge_lateness(const char *what, int64_t late_ms)
{
	char length[32];

	duration_format(late_ms, length, sizeof length);
	return mem_printf("%s %s after the deadline", what, length);
}

static enum resolved_how how_of(const struct sighting *seen)
{
	return seen->reply ? RESOLVED_REPLY : seen->edit ? RESOLVED_EDIT : RESOLVED_MESSAGE;
}

/* Its time is known by our own message in the channel only. Owned by the caller; NULL: nothing. */
static char *what_is_odd(const struct evidence *evidence, const struct expectation_evidence *expect,
			 const struct sighting *resolved)
{
	int64_t pause_ms;
	size_t refires = attribution_refires(evidence, expect, &pause_ms);
	char length[32];

	if (refires > 0) {
		duration_format(pause_ms, length, sizeof length);
		return refires == 1
			   ? mem_printf("it fired again %s after it was resolved", length)
			   : mem_printf("it fired again %zu times, first %s after it was resolved",
					refires, length);
	}
	if (resolved == NULL || evidence->reverted_ms == TIME_NEVER || !expect->control_seen ||
	    resolved->at_ms >= evidence->reverted_ms - EARLY_MS)
		return NULL;
	duration_format(evidence->reverted_ms - resolved->at_ms, length, sizeof length);
	return mem_printf("it was resolved %s before the repair", length);
}

/* Only the time of a message's last change is told: it may have said so before that, unless it was read
 * after the deadline and did not. */
static bool is_surely_late(const struct evidence *evidence,
			   const struct expectation_evidence *expect, const struct sighting *seen)
{
	return !seen->edit || seen->before_ms > evidence->reverted_ms + expect->expect->resolved_ms;
}

static void take(const struct evidence *evidence, const struct expectation_evidence *expect,
		 const struct sighting *seen, struct expectation_finding *finding)
{
	int64_t latency_ms =
	    evidence->reverted_ms != TIME_NEVER ? seen->at_ms - evidence->reverted_ms : 0;

	finding->resolved_seen = seen;
	finding->resolved_how = how_of(seen);
	finding->resolved_latency_ms = latency_ms > 0 ? latency_ms : 0;
	if (latency_ms <= expect->expect->resolved_ms)
		finding->resolved = FINDING_DELIVERED;
	else
		finding->resolved =
		    is_surely_late(evidence, expect, seen) ? FINDING_LATE : FINDING_UNKNOWN;
}

void judge_resolved(const struct evidence *evidence, const struct expectation_evidence *expect,
		    struct expectation_finding *finding)
{
	int64_t deadline_ms = evidence->reverted_ms + expect->expect->resolved_ms;
	const struct sighting *seen = attribution_first_resolved(evidence, expect);

	finding->resolved_wanted = true;
	if (seen != NULL)
		take(evidence, expect, seen, finding);
	else if (evidence->reverted_ms != TIME_NEVER && expect->covered_ms >= deadline_ms &&
		 expect->blind_ms == 0 && expect->unread_count == 0)
		finding->resolved = FINDING_UNRESOLVED;
	else
		finding->resolved = FINDING_UNKNOWN;
	if (expect->resolved_unsure != NULL && finding->resolved != FINDING_DELIVERED)
		finding->resolved = FINDING_UNKNOWN;
	finding->resolved_text = what_is_odd(evidence, expect, seen);
}

bool judge_resolved_alone(const struct evidence *evidence,
			  const struct expectation_evidence *expect,
			  struct expectation_finding *finding)
{
	const struct sighting *seen = attribution_resolved_alone(evidence, expect);

	if (seen == NULL)
		return false;
	take(evidence, expect, seen, finding);
	finding->resolved_wanted = expect->expect->resolved_ms > 0;
	finding->resolved_text = mem_dup("it came alone: the alert itself never did");
	return true;
}
