/* What the phases of a drill begin with, and how they know that they are over. */
#include <event2/event.h>
#include <stdlib.h>

#include "probes/chats/channel.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/drill_parts.h"
#include "src/engine/guard.h"
#include "src/store/ledger.h"

#define REPORT_LIMIT_MS 20000 /* for the last edits to reach the chat */
#define CLOCK_DRIFT_MS  2000  /* between wall clock and monotonic clock during one drill */

static bool ledger_says(struct drill *drill, enum fault_state state, const char *note)
{
	struct error error = {""};

	drill->record.evidence.fault_state = state;
	if (ledger_advance(drill->world->ledger, drill->record.id, state, note, &error))
		return true;
	if (state == FAULT_INJECTING)
		drill_give_up(drill, STOP_NO_RECORD, error.text);
	return false;
}

static void keep_fault_text(struct drill *drill, const char *text)
{
	char **kept = &drill->record.evidence.fault_text;
	char *both = *kept != NULL ? mem_printf("%s; %s", *kept, text) : mem_dup(text);

	free(*kept);
	*kept = both;
}

/* Callbacks: write down one fact, then advance. */

static void on_captured(void *arg, const struct fault_result *result)
{
	struct drill *drill = arg;
	struct error error = {""};

	drill->op = NULL;
	if (result->outcome != FAULT_YES) {
		drill_give_up(drill, STOP_UNOBSERVABLE, result->text);
	} else if (result->recipe != NULL) {
		free(drill->recipe);
		drill->recipe = mem_dup(result->recipe);
		if (!ledger_complete(drill->world->ledger, drill->record.id, drill->recipe, &error))
			drill_give_up(drill, STOP_NO_RECORD, error.text);
	}
	drill_advance(drill);
}

static void on_injected(void *arg, const struct fault_result *result)
{
	struct drill *drill = arg;
	struct evidence *evidence = &drill->record.evidence;

	drill->op = NULL;
	evidence->injected = result->outcome == FAULT_YES || result->outcome == FAULT_UNKNOWN;
	if (result->outcome == FAULT_UNKNOWN)
		evidence->witnessed = WITNESS_UNKNOWN;
	evidence->injected_ms = clock_ms();
	keep_fault_text(drill, result->text);
	(void)ledger_says(drill, FAULT_INJECTED, result->text);
	drill_advance(drill);
}

static void on_witnessed(void *arg, const struct fault_result *result)
{
	static const enum witnessed meaning[] = {
	    [FAULT_YES] = WITNESS_BITES,
	    [FAULT_NO] = WITNESS_NO_EFFECT,
	    [FAULT_UNKNOWN] = WITNESS_UNKNOWN,
	    [FAULT_CONFLICT] = WITNESS_UNKNOWN,
	};
	struct drill *drill = arg;

	drill->op = NULL;
	drill->record.evidence.witnessed = meaning[result->outcome];
	keep_fault_text(drill, result->text);
	drill_advance(drill);
}

static void on_searched(void *arg)
{
	struct drill *drill = arg;

	drill->search = NULL;
	drill->searched++;
	drill_advance(drill);
}

/* What the phases begin with, and how they know that they are over. */

bool is_allowed(struct drill *drill)
{
	struct error error = {""};

	if (guard_allows(drill->world, &drill->record, drill->driver, &drill->options,
			 &drill->record.evidence.left_before, &error))
		return true;
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

void begin_baseline(struct drill *drill)
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
			announcer_add(drill->announcer, channel, true);
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
			announcer_add(drill->announcer, channel, false);
	}
}

/* True when every channel was read; then what stood in the way is known too. */
bool has_baseline(struct drill *drill)
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
	return true;
}

/* An alert like the one expected stands there already, and nothing could tell them apart. */
bool is_confounded(const struct drill *drill)
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

void begin_announce(struct drill *drill)
{
	drill->announced = true;
	announcer_start(drill->announcer);
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

bool has_announced(struct drill *drill)
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

void begin_record(struct drill *drill)
{
	const struct drill_record *record = &drill->record;
	int64_t now_ms = clock_wall_ms();
	const struct ledger_fault fault = {
	    .drill = record->id,
	    .scenario = drill->scenario->name,
	    .environment = record->environment->name,
	    .via = drill->driver->via,
	    .recipe = drill->recipe,
	    .note = "",
	    .intended_wall_ms = now_ms,
	    .lease_wall_ms = now_ms + drill->scenario->fault.hold_at_most_ms,
	};
	struct error error = {""};

	if (!is_allowed(drill)) /* another drill was faster */
		return;
	if (!ledger_intend(drill->world->ledger, &fault, &error)) {
		drill_give_up(drill, STOP_NO_RECORD, error.text);
		return;
	}
	drill->record.evidence.fault_state = FAULT_INTENT;
	if (drill->driver->capture != NULL)
		drill->op =
		    drill->driver->capture(drill->world->faults, drill->recipe, on_captured, drill);
}

/* Nothing was touched: the intent is closed again. */
void close_intent(struct drill *drill)
{
	drill->driver->cancel(drill->op);
	drill->op = NULL;
	if (drill->record.evidence.fault_state == FAULT_INTENT)
		(void)ledger_says(drill, FAULT_CLEAN, "nothing was touched");
}

void begin_inject(struct drill *drill)
{
	struct evidence *evidence = &drill->record.evidence;

	if (drill_is_stopped(drill))
		return;
	if (!ledger_says(drill, FAULT_INJECTING, "")) {
		evidence->fault_state = FAULT_INTENT;
		return;
	}
	evidence->inject_tried = true;
	evidence->inject_started_ms = clock_ms();
	drill->op = drill->driver->inject(drill->world->faults, drill->recipe, on_injected, drill);
}

static int64_t lease_end_ms(const struct drill *drill)
{
	return drill->record.evidence.inject_started_ms + drill->scenario->fault.hold_at_most_ms;
}

void begin_witness(struct drill *drill)
{
	struct evidence *evidence = &drill->record.evidence;

	if (drill_is_stopped(drill) || !evidence->injected || drill->driver->witness == NULL)
		return;
	evidence->witnessed = WITNESS_UNKNOWN; /* until it has spoken */
	drill_arm(drill, lease_end_ms(drill));
	drill->op =
	    drill->driver->witness(drill->world->faults, drill->recipe, on_witnessed, drill);
}

static bool bites(const struct drill *drill)
{
	const struct evidence *evidence = &drill->record.evidence;

	return evidence->injected && evidence->witnessed != WITNESS_NO_EFFECT;
}

void begin_watch(struct drill *drill)
{
	const struct evidence *evidence = &drill->record.evidence;
	int64_t end_ms = evidence->injected_ms;

	for (size_t i = 0; i < evidence->expect_count; i++) {
		const struct expectation *expect = evidence->expect[i].expect;

		if (evidence_is_held_for(evidence, expect) &&
		    evidence->injected_ms + expect->within_ms > end_ms)
			end_ms = evidence->injected_ms + expect->within_ms;
		channel_kick(lookout_channel(drill->lookouts[i]));
	}
	drill_arm(drill, end_ms < lease_end_ms(drill) ? end_ms : lease_end_ms(drill));
}

/* A channel that was lost ends the watch: what cannot be seen is not worth a fault. */
bool has_watched(struct drill *drill)
{
	const struct evidence *evidence = &drill->record.evidence;
	bool all_arrived = true;

	for (size_t i = 0; i < evidence->expect_count; i++) {
		const struct expectation_evidence *expect = &evidence->expect[i];

		if (lookout_lost(drill->lookouts[i]) != NULL)
			drill_give_up(drill, STOP_UNOBSERVABLE, lookout_lost(drill->lookouts[i]));
		if (evidence_is_held_for(evidence, expect->expect) &&
		    !judge_has_arrived(evidence, expect))
			all_arrived = false;
	}
	return drill_is_stopped(drill) || drill->expired || !bites(drill) || all_arrived;
}

void begin_revert(struct drill *drill)
{
	drill->driver->cancel(drill->op);
	drill->op = NULL;
	drill->restorer =
	    restorer_start(drill->world->base, drill->world->faults, drill->world->ledger,
			   drill->driver, drill->record.id, drill->recipe, drill_on_changed, drill);
}

bool has_restored(struct drill *drill)
{
	struct evidence *evidence = &drill->record.evidence;

	if (!restorer_is_done(drill->restorer))
		return false;
	evidence->reverted_ms = restorer_reverted_ms(drill->restorer);
	evidence->fault_state = restorer_state(drill->restorer);
	evidence->gone_before_revert = restorer_found_it_gone(drill->restorer);
	free(evidence->ledger_problem);
	evidence->ledger_problem = mem_dup(restorer_ledger_problem(drill->restorer));
	free(evidence->revert_text);
	evidence->revert_text = mem_dup(restorer_text(drill->restorer));
	return true;
}

/* True when every channel was read for as long as its expectation needs. */
bool has_recovered(struct drill *drill)
{
	const struct evidence *evidence = &drill->record.evidence;
	int64_t last_ms = TIME_NEVER;
	bool all_read = true;

	if (drill_is_stopped(drill) || !bites(drill))
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
bool has_explained(struct drill *drill)
{
	struct evidence *evidence = &drill->record.evidence;

	if (drill->search != NULL)
		return false;
	if (drill_is_stopped(drill) || !bites(drill))
		return true;
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

void begin_report(struct drill *drill)
{
	struct drill_record *record = &drill->record;

	search_cancel(drill->search); /* the evidence stands still from here on */
	drill->search = NULL;
	for (size_t i = 0; i < record->evidence.expect_count; i++) {
		if (drill->lookouts[i] != NULL)
			lookout_finish(drill->lookouts[i], record->evidence.inject_started_ms);
	}
	check_clock(drill);
	judge(&record->evidence, &record->judgement);
	drill->world->changed(drill->world->arg, record);
	if (drill->announced) {
		drill_arm(drill, clock_ms() + REPORT_LIMIT_MS);
		announcer_finish(drill->announcer);
	}
}

bool has_reported(struct drill *drill)
{
	struct drill_record *record = &drill->record;

	if (!drill->announced || announcer_is_finished(drill->announcer))
		return true;
	if (drill->expired && record->report_problem == NULL)
		record->report_problem = mem_dup("the chat did not take the report in time");
	return drill->expired;
}
