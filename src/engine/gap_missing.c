/* Between which two stations something was lost: the alert, its text, or its end. */
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/engine/gap_parts.h"

static bool is_heard(const struct gap_trail *trail, size_t i)
{
	return trail->list[i].about == trail->about;
}

/* Of two stations of a kind one is enough to have had it. */
static bool had_it(const struct gap_trail *trail, enum hop hop)
{
	for (size_t i = 0; i < trail->count; i++) {
		if (is_heard(trail, i) && trail->list[i].hop == hop &&
		    trail->list[i].state == HOP_HAD_IT)
			return true;
	}
	return false;
}

void gap_find_ends(struct gap_trail *trail)
{
	for (size_t i = 0; i < trail->count; i++) {
		const struct hop_told *told = &trail->list[i];

		if (is_heard(trail, i) && told->state == HOP_HAD_IT && told->hop != HOP_CHAT &&
		    (trail->after == NULL || told->hop > trail->after->hop))
			trail->after = told;
	}
	for (size_t i = 0; i < trail->count && trail->before == NULL; i++) {
		const struct hop_told *told = &trail->list[i];

		if (is_heard(trail, i) && told->state == HOP_LACKED_IT &&
		    (trail->after == NULL || told->hop > trail->after->hop))
			trail->before = told;
	}
}

/* Sentences. */

static bool has_one_that_lacked(const struct gap_trail *trail)
{
	for (size_t i = 0; i < trail->count; i++) {
		if (is_heard(trail, i) && trail->list[i].state == HOP_LACKED_IT &&
		    trail->list[i].hop != HOP_CHAT)
			return true;
	}
	return false;
}

void gap_add(char **sentence, char *part)
{
	char *both = *sentence != NULL && part[0] != '\0' ? mem_printf("%s; %s", *sentence, part)
		     : *sentence != NULL                  ? mem_dup(*sentence)
		     : part[0] != '\0'                    ? mem_dup(part)
							  : NULL;

	free(*sentence);
	free(part);
	*sentence = both;
}

/* "rule, alertmanager" for those that had it. Owned by the caller. */
static char *names_of_had(const struct gap_trail *trail)
{
	char *names = NULL;

	for (enum hop hop = HOP_EMISSION + 1; hop < HOP_CHAT; hop++) {
		char *more;

		if (!had_it(trail, hop))
			continue;
		more = mem_printf("%s%s%s", names != NULL ? names : "", names != NULL ? ", " : "",
				  hop_name(hop));
		free(names);
		names = more;
	}
	return names;
}

/* All stations claim success and the chat has nothing: that is what there is to say. */
static void add_claims(const struct gap_trail *trail, char **sentence)
{
	static const char *const claims[] = {
	    [ABOUT_ALERT] = "every station that was asked had it",
	    [ABOUT_TEXT] = "every station that was asked had the text",
	    [ABOUT_END] = "every station that was asked says that it is over",
	};
	char *names = names_of_had(trail);

	if (names != NULL && trail->before != NULL && trail->before->hop == HOP_CHAT &&
	    !has_one_that_lacked(trail))
		gap_add(sentence, mem_printf("%s (%s)", claims[trail->about], names));
	free(names);
}

void gap_add_unasked(const struct gap_trail *trail, char **sentence)
{
	for (size_t i = 0; i < trail->count; i++) {
		const struct hop_told *told = &trail->list[i];

		if (is_heard(trail, i) && told->state == HOP_NOT_ASKED &&
		    told->hop > trail->after->hop && told->hop < trail->before->hop)
			gap_add(sentence, mem_printf("%s could not tell: %s", hop_name(told->hop),
						     told->evidence));
	}
}

/* What the first that lacked it says tells more than what the last that had it does; but why nothing
 * came to Alertmanager, its sender knows better. */
static bool is_for_after(const struct gap_trail *trail, bool elsewhere)
{
	const struct hop_told *after = trail->after, *before = trail->before;

	if (before->cause == NULL && before->advice == NULL)
		return !elsewhere || after->hop == HOP_RECEIVER;
	return after->hop == HOP_RULE && before->hop == HOP_ALERTMANAGER && after->cause != NULL;
}

static void find_cause(const struct gap_trail *trail, bool elsewhere, struct gap *gap)
{
	const struct hop_told *told = is_for_after(trail, elsewhere) ? trail->after : trail->before;

	gap->cause = mem_dup(told->cause);
	gap->advice = mem_dup(told->advice);
	if (gap->cause == NULL && gap->advice == NULL && !elsewhere &&
	    trail->about == ABOUT_ALERT && trail->after->hop == HOP_RECEIVER &&
	    trail->before->hop == HOP_CHAT)
		gap->advice = mem_dup("compare the address that the receiver posts to with the "
				      "channel: its sender took the message for delivered");
}

/* The kinds. */

bool gap_between(struct gap_trail *trail, struct gap *gap)
{
	gap_find_ends(trail);
	if (trail->after == NULL || trail->before == NULL)
		return false;
	add_claims(trail, &gap->evidence);
	/* of the fault everybody knows, once a station speaks */
	if (trail->after->hop != HOP_EMISSION || trail->before->hop == HOP_CHAT)
		gap_add(&gap->evidence, mem_dup(trail->after->evidence));
	gap_add_unasked(trail, &gap->evidence);
	gap_add(&gap->evidence, mem_dup(trail->before->evidence));
	find_cause(trail, false, gap);
	return true;
}

/* The stations of the receiver and of the chat, when nobody speaks for the first. */
static const struct hop_told receiver = {.hop = HOP_RECEIVER};

/* It has passed every station but the last. */
bool gap_elsewhere(struct gap_trail *trail, struct gap *gap)
{
	gap_find_ends(trail);
	if (trail->after == NULL || trail->before == NULL)
		return false;
	trail->before = &trail->list[trail->count - 1];
	if (trail->after->hop != HOP_RECEIVER)
		trail->after = &receiver;
	else
		gap_add(&gap->evidence, mem_dup(trail->after->evidence));
	gap_add(&gap->evidence, mem_dup(trail->before->evidence));
	find_cause(trail, true, gap);
	return true;
}

/* The text of a message is made behind the last station that has it. */
bool gap_of_text(struct gap_trail *trail, const char *lacks, struct gap *gap)
{
	if (!gap_between(trail, gap)) { /* no station before the first has it */
		trail->after = &trail->list[0];
		if (trail->before == NULL)
			return false;
		gap_add_unasked(trail, &gap->evidence);
		gap_add(&gap->evidence, mem_dup(trail->before->evidence));
		gap->cause = mem_dup(trail->before->cause);
		gap->advice = mem_dup(trail->before->advice);
	}
	if (gap->cause == NULL && trail->before->hop == HOP_CHAT &&
	    trail->after->hop > HOP_EMISSION) {
		gap->cause = mem_printf("the alert has \"%s\", its message does not: the "
					"receiver's template leaves it out, or the message was cut",
					lacks);
		free(gap->advice);
		gap->advice = mem_dup("look at the title and text of the receiver's template");
	}
	return true;
}

bool gap_of_end(struct gap_trail *trail, struct gap *gap)
{
	if (!gap_between(trail, gap))
		return false;
	if (gap->cause == NULL && gap->advice == NULL && trail->before->hop == HOP_CHAT)
		gap->advice =
		    mem_dup("does the receiver send resolved messages, and where to? Look "
			    "at `send_resolved` and at the sender's log");
	return true;
}
