/* What the phases of a drill begin with, and how they know that they are over: all but what happens
 * to the fault (phases_fault.c). */
#include <event2/event.h>
#include <stdlib.h>

#include "probes/chats/channel.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/drill_parts.h"
#include "src/engine/guard.h"

#define LOCK_PATIENCE_MS 2000  /* with a place that another process has locked */
#define LOCK_PAUSE_MS    250   /* between two tries */
#define REPORT_LIMIT_MS  20000 /* for the last edits to reach the chat */
#define CLOCK_DRIFT_MS   2000  /* between wall clock and monotonic clock during one drill */

/* Callbacks: write down one fact, then advance. */

static void on_searched(void *arg)
{
	struct drill *drill = arg;

	drill->search = NULL;
	drill->searched++;
	drill_advance(drill);
}

/* What the phases begin with, and how they know that they are over. */

static bool is_allowed_by_guards(struct drill *drill, struct error *error)
{
	return guard_allows(drill->world, &drill->record, drill->driver, drill->target,
			    &drill->options, &drill->record.evidence.left_before, error);
}

/* The locks come first: what else is in the way where another drill runs is that drill. One that has
 * just died may still be locking: it is waited for. */
bool phase_is_allowed(struct drill *drill)
{
	struct error error = {""};

	switch (drill_lock_place(drill, &error)) {
	case LOCK_TAKEN:
		if (is_allowed_by_guards(drill, &error))
			return true;
		break;
	case LOCK_BUSY:
		if (clock_ms() < drill->record.started_ms + LOCK_PATIENCE_MS) {
			drill_arm(drill, clock_ms() + LOCK_PAUSE_MS);
			return false;
		}
		break;
	case LOCK_FAILED:
		break;
	}
	drill_give_up(drill, STOP_REFUSED, error.text);
	return false;
}

static struct channel *channel_of(struct drill *drill, const char *chat, const char *name)
{
	struct error error = {""};
	struct channels *channels = drill->world->chat(drill->world->arg, chat, &error);

	if (channels != NULL)
		return channels_get(channels, name);
	drill_give_up(drill, STOP_UNOBSERVABLE, error.text);
	return NULL;
}

void phase_begin_baseline(struct drill *drill)
{
	const struct config *config = drill->world->config;
	struct evidence *evidence = &drill->record.evidence;

	for (size_t i = 0; i < evidence->expect_count; i++) {
		const struct expectation *expect = evidence->expect[i].expect;
		struct channel *channel = channel_of(drill, expect->chat, expect->channel);
		const struct chat_settings *chat = config_chat(config, expect->chat);

		if (channel == NULL)
			return;
		if (config->report.announce && !expect->never) {
			evidence->expect[i].control_wanted = true;
			announcer_add(drill->announcer, expect->chat, channel, true);
		}
		drill->lookouts[i] =
		    lookout_new(channel, &evidence->expect[i], drill->record.id,
				chat != NULL ? chat->patience_ms : 0, drill_on_changed, drill);
		lookout_start(drill->lookouts[i]);
	}
	if (config->report.chat != NULL) {
		struct channel *channel =
		    channel_of(drill, config->report.chat, config->report.channel);

		if (channel != NULL)
			announcer_add(drill->announcer, config->report.chat, channel, false);
	}
	stops_begin(drill);
	drill_hops_begin(drill);
}

/* True when every channel was read and every station asked; then what stood in the way is known too. */
bool phase_has_baseline(struct drill *drill)
{
	struct evidence *evidence = &drill->record.evidence;

	for (size_t i = 0; i < evidence->expect_count && !drill_is_stopped(drill); i++) {
		const struct expectation_evidence *expect = &evidence->expect[i];

		if (!lookout_has_baseline(drill->lookouts[i]))
			return false;
		else if (!expect->readable) {
			char *text = mem_printf("%s could not be read: %s", expect->expect->channel,
						expect->trouble != NULL ? expect->trouble
									: "no answer in time");

			drill_give_up(drill, STOP_UNOBSERVABLE, text);
			free(text);
		}
	}
	if (drill_is_stopped(drill))
		return true;
	if (!drill_hops_have(drill, HOP_BEFORE) || !stops_have_looked(drill))
		return false;
	drill_timing_settle(drill);
	return true;
}

/* An alert like the one expected stands there already, and nothing could tell them apart. */
bool phase_is_confounded(const struct drill *drill)
{
	const struct evidence *evidence = &drill->record.evidence;

	for (size_t i = 0; i < evidence->expect_count; i++) {
		const struct expectation_evidence *expect = &evidence->expect[i];

		if (!expect->has_nonce && (expect->before_count > 0 || expect->sighting_count > 0))
			return true;
	}
	return false;
}

static int64_t patience_ms(const struct drill *drill)
{
	int64_t longest_ms = 0;

	for (size_t i = 0; i < drill->scenario->expect_count; i++) {
		const struct chat_settings *chat =
		    config_chat(drill->world->config, drill->scenario->expect[i].chat);

		if (chat != NULL && chat->patience_ms > longest_ms)
			longest_ms = chat->patience_ms;
	}
	return longest_ms;
}

/* The lock tells other processes that what the ledger has of this drill, its messages to begin with,
 * is in good hands. */
void phase_begin_announce(struct drill *drill)
{
	struct error error = {""};

	if (!drill_lock_fault(drill, &error)) {
		drill_give_up(drill, STOP_NO_RECORD, error.text);
		return;
	}
	if (drill->world->begun != NULL)
		drill->world->begun(drill->world->arg, &drill->record);
	if (!announcer_start(drill->announcer, &error)) {
		drill_try_again(drill, error.text);
		return;
	}
	drill->announced = true;
	drill_arm(drill, clock_ms() + patience_ms(drill));
}

static void give_up_announcing(struct drill *drill)
{
	const char *trouble = announcer_trouble(drill->announcer);
	char *text =
	    mem_printf("the drill's own message could not be posted and read back%s%s%s, so "
		       "nothing was broken; run `firedrill doctor`",
		       trouble != NULL ? " (" : "", trouble != NULL ? trouble : "",
		       trouble != NULL ? ")" : "");

	drill_give_up(drill, STOP_UNOBSERVABLE, text);
	free(text);
}

bool phase_has_announced(struct drill *drill)
{
	struct evidence *evidence = &drill->record.evidence;
	const char *failure = announcer_failure(drill->announcer);

	if (failure != NULL)
		drill_give_up(drill, STOP_UNOBSERVABLE, failure);
	else if (drill->expired)
		give_up_announcing(drill);
	for (size_t i = 0; i < evidence->expect_count; i++) {
		evidence->expect[i].control_seen =
		    announcer_has_control_in(drill->announcer, lookout_channel(drill->lookouts[i]));
		if (lookout_lost(drill->lookouts[i]) != NULL)
			drill_give_up(drill, STOP_UNOBSERVABLE, lookout_lost(drill->lookouts[i]));
	}
	return drill_is_stopped(drill) || announcer_has_control(drill->announcer);
}

/* True when every channel was read for as long as its expectation needs. */
bool phase_has_recovered(struct drill *drill)
{
	const struct evidence *evidence = &drill->record.evidence;
	int64_t last_ms = TIME_NEVER;
	bool all_read = true;

	if (drill_is_stopped(drill) || !phase_is_biting(drill))
		return true;
	for (size_t i = 0; i < evidence->expect_count; i++) {
		int64_t until_ms = judge_read_until(evidence, &evidence->expect[i]);

		lookout_read_until(drill->lookouts[i], until_ms);
		if (!lookout_has_read(drill->lookouts[i]))
			all_read = false;
		if (until_ms > last_ms)
			last_ms = until_ms;
	}
	drill->record.deadline_ms = last_ms > clock_ms() ? last_ms : TIME_NEVER;
	return all_read;
}

/* Looks for the next alert that did not arrive in the other channels; true when there is none. */
static bool has_searched(struct drill *drill)
{
	struct evidence *evidence = &drill->record.evidence;

	if (drill->search != NULL)
		return false;
	for (; drill->searched < evidence->expect_count; drill->searched++) {
		struct expectation_evidence *expect = &evidence->expect[drill->searched];
		struct search_want want = {
		    .expected = lookout_channel(drill->lookouts[drill->searched]),
		    .evidence = expect,
		    .drill = drill->record.id,
		    .inject_started_ms = evidence->inject_started_ms,
		    .chat_ahead_ms =
			announcer_skew_ms(drill->announcer) + record_wall_ms(&drill->record, 0),
		};

		if (expect->expect->never || judge_has_arrived(evidence, expect))
			continue;
		texts_done(&drill->other_homes);
		drill->other_homes = search_other_homes(drill->loaded, drill->world->config,
							drill->record.environment, drill->searched,
							drill->record.id);
		want.passed_over = &drill->other_homes;
		drill->search = search_start(drill->world->base, &want, on_searched, drill);
		return false;
	}
	return true;
}

/* The stations are asked while the other channels are searched. */
bool phase_has_explained(struct drill *drill)
{
	if (drill_is_stopped(drill)) {
		drill_hops_explain(drill);
		return true;
	}
	if (!phase_is_biting(drill))
		return true;
	drill_hops_ask_after(drill);
	if (!has_searched(drill) || !drill_hops_have(drill, HOP_PEAK) ||
	    !drill_hops_have(drill, HOP_AFTER))
		return false;
	drill_hops_explain(drill);
	return drill_has_bisected(drill);
}

/* Without a message of ours to map the chat's clock by, a jump of our own clock blurs everything. */
static void check_clock(struct drill *drill)
{
	const struct drill_record *record = &drill->record;
	int64_t drift_ms = clock_wall_ms() - record_wall_ms(record, clock_ms());

	if (announcer_has_anchor(drill->announcer) || !record->evidence.inject_tried ||
	    (drift_ms < CLOCK_DRIFT_MS && drift_ms > -CLOCK_DRIFT_MS))
		return;
	drill_give_up(
	    drill, STOP_CLOCK,
	    "this machine's clock jumped during the drill, so times cannot be trusted; check its "
	    "time synchronisation and run the drill again");
}

void phase_begin_report(struct drill *drill)
{
	struct drill_record *record = &drill->record;

	stops_end(drill);
	drill_bisect_stop(drill);
	search_cancel(drill->search); /* the evidence stands still from here on */
	drill->search = NULL;
	for (size_t i = 0; i < record->evidence.expect_count; i++) {
		if (drill->lookouts[i] != NULL)
			lookout_finish(drill->lookouts[i], record->evidence.inject_started_ms);
	}
	check_clock(drill);
	judge(&record->evidence, &record->judgement);
	drill_proofs_find(drill);
	drill_hops_end(drill);
	drill->world->changed(drill->world->arg, record);
	if (drill->announced) {
		drill_arm(drill, clock_ms() + REPORT_LIMIT_MS);
		announcer_finish(drill->announcer);
	}
}

bool phase_has_reported(struct drill *drill)
{
	struct drill_record *record = &drill->record;

	if (!drill->announced || announcer_is_finished(drill->announcer))
		return drill_bisect_is_clean(drill) || drill->expired;
	if (drill->expired && record->report_problem == NULL)
		record->report_problem = mem_dup("the chat did not take the report in time");
	return drill->expired;
}
