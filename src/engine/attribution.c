/* Which messages can come from the fault, and which only look like it. */
#include "src/engine/attribution.h"

#define CLOCK_SLACK_MS 500 /* between the chat's clock and ours, once mapped */

/* Was this message read when the fault was, or may have been, in place? */
static bool is_read_after_inject(const struct evidence *evidence, const struct sighting *sighting)
{
	return evidence->inject_started_ms != TIME_NEVER &&
	       sighting->read_ms >= evidence->inject_started_ms;
}

/* Can it come from the fault?  The drill's id speaks for it as far as clocks can tell; without the
 * id it must not even be doubtful. */
static bool is_after_inject(const struct evidence *evidence,
			    const struct expectation_evidence *expect,
			    const struct sighting *sighting)
{
	int64_t slack_ms = expect->has_nonce ? CLOCK_SLACK_MS : 0;

	return is_read_after_inject(evidence, sighting) &&
	       sighting->at_ms >= evidence->inject_started_ms - slack_ms;
}

static bool is_firing(const struct evidence *evidence, const struct expectation_evidence *expect,
		      const struct sighting *sighting)
{
	return !sighting->resolved && is_after_inject(evidence, expect, sighting);
}

/* The earliest firing message, here or elsewhere; counts those that are here. */
const struct sighting *attribution_first_firing(const struct evidence *evidence,
						const struct expectation_evidence *expect,
						bool elsewhere, int *ret_count)
{
	const struct sighting *first = NULL;

	*ret_count = 0;
	for (size_t i = 0; i < expect->sighting_count; i++) {
		const struct sighting *sighting = &expect->sightings[i];

		if (!is_firing(evidence, expect, sighting) ||
		    (sighting->channel != NULL) != elsewhere)
			continue;
		(*ret_count)++;
		if (first == NULL || sighting->at_ms < first->at_ms)
			first = sighting;
	}
	return first;
}

/* Was the same alert there before the fault, so that one now could be that one? */
bool attribution_is_mixed_up(const struct evidence *evidence,
			     const struct expectation_evidence *expect)
{
	if (expect->has_nonce)
		return false;
	for (size_t i = 0; i < expect->sighting_count; i++) {
		const struct sighting *sighting = &expect->sightings[i];

		if (sighting->channel == NULL && !sighting->resolved &&
		    !is_after_inject(evidence, expect, sighting))
			return true;
	}
	return expect->before_count > 0;
}

/* The message that ended it: the first resolved one after the last that was firing here. */
const struct sighting *attribution_first_resolved(const struct evidence *evidence,
						  const struct expectation_evidence *expect)
{
	const struct sighting *first = NULL;
	int64_t last_ms = TIME_NEVER;

	for (size_t i = 0; i < expect->sighting_count; i++) {
		const struct sighting *sighting = &expect->sightings[i];

		if (is_firing(evidence, expect, sighting) && sighting->channel == NULL &&
		    sighting->at_ms > last_ms)
			last_ms = sighting->at_ms;
	}
	for (size_t i = 0; i < expect->sighting_count; i++) {
		const struct sighting *sighting = &expect->sightings[i];

		if (sighting->resolved && sighting->channel == NULL && sighting->at_ms >= last_ms &&
		    (first == NULL || sighting->at_ms < first->at_ms))
			first = sighting;
	}
	return first;
}

/* The time between the last resolved message before this one and this one; TIME_NEVER: none. */
static int64_t pause_before(const struct expectation_evidence *expect, const struct sighting *first,
			    const struct sighting *again)
{
	int64_t pause_ms = TIME_NEVER;

	for (size_t i = 0; i < expect->sighting_count; i++) {
		const struct sighting *resolved = &expect->sightings[i];
		int64_t since_ms = again->at_ms - resolved->at_ms;

		if (resolved->resolved && resolved->channel == NULL &&
		    resolved->at_ms > first->at_ms && since_ms >= 0 &&
		    (pause_ms == TIME_NEVER || since_ms < pause_ms))
			pause_ms = since_ms;
	}
	return pause_ms;
}

size_t attribution_refires(const struct evidence *evidence,
			   const struct expectation_evidence *expect, int64_t *ret_pause_ms)
{
	int all;
	const struct sighting *first = attribution_first_firing(evidence, expect, false, &all);
	const struct sighting *earliest = NULL;
	size_t count = 0;

	*ret_pause_ms = 0;
	for (size_t i = 0; first != NULL && i < expect->sighting_count; i++) {
		const struct sighting *again = &expect->sightings[i];
		int64_t pause_ms;

		if (!is_firing(evidence, expect, again) || again->channel != NULL || again == first)
			continue;
		pause_ms = pause_before(expect, first, again);
		if (pause_ms == TIME_NEVER)
			continue;
		count++;
		if (earliest == NULL || again->at_ms < earliest->at_ms) {
			earliest = again;
			*ret_pause_ms = pause_ms;
		}
	}
	return count;
}

const struct sighting *attribution_resolved_alone(const struct evidence *evidence,
						  const struct expectation_evidence *expect)
{
	const struct sighting *first = NULL;

	for (size_t i = 0; expect->has_nonce && i < expect->sighting_count; i++) {
		const struct sighting *sighting = &expect->sightings[i];

		if (is_firing(evidence, expect, sighting) && sighting->channel == NULL)
			return NULL;
		if (sighting->resolved && sighting->channel == NULL &&
		    is_after_inject(evidence, expect, sighting) &&
		    (first == NULL || sighting->at_ms < first->at_ms))
			first = sighting;
	}
	return first;
}

/* A message that would be the alert, were it not for its time or for being the end of it only:
 * then the alert may have been there all along. */
const char *attribution_doubt(const struct evidence *evidence,
			      const struct expectation_evidence *expect)
{
	for (size_t i = 0; i < expect->sighting_count; i++) {
		const struct sighting *sighting = &expect->sightings[i];

		if (sighting->channel != NULL || !is_read_after_inject(evidence, sighting))
			continue;
		if (expect->has_nonce && !sighting->resolved)
			return "the alert came with a time before the fault; compare the clocks";
		if (!expect->has_nonce && sighting->resolved)
			return "only a resolved message came, so the alert may have been firing "
			       "before the drill";
	}
	return NULL;
}

/* Does anything show that the fault had an effect?  An alert of its own does so, too. */
bool attribution_shows_effect(const struct evidence *evidence)
{
	int count;

	if (evidence->witnessed != WITNESS_UNKNOWN)
		return true;
	for (size_t i = 0; i < evidence->expect_count; i++) {
		const struct expectation_evidence *expect = &evidence->expect[i];

		if (!attribution_is_mixed_up(evidence, expect) &&
		    (attribution_first_firing(evidence, expect, false, &count) != NULL ||
		     attribution_first_firing(evidence, expect, true, &count) != NULL))
			return true;
	}
	return false;
}
