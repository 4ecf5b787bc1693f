/* The drill's own message in one channel.  The ledger knows of it from before it is posted until it
 * says how the drill ended, so that a later life can correct what this one leaves behind. */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/announcer_parts.h"
#include "src/store/ledger.h"
#include "src/store/messages.h"

#define EDIT_SPACING_MS   2000 /* chats allow about one message a second and channel */
#define RETRY_FIRST_MS    500
#define RETRY_MAX_MS      30000
#define AMBIGUOUS_WAIT_MS 3000 /* for a post that may have been made to appear in the channel */
#define TRIES_AT_THE_END  4
#define FORGET_TRIES      40   /* of a ledger that is busy ... */
#define FORGET_PAUSE_MS   250  /* ... so that the drill's end waits no longer than ten seconds */
#define CLOCK_SLACK_MS    5000 /* before the chat's answer to our post has told its clock */

static const char *id_of(const struct target *target)
{
	const char *id = channel_id(target->channel);

	return target->channel_id != NULL ? target->channel_id
	       : id != NULL               ? id
					  : channel_name(target->channel);
}

static void arm(struct target *target, int64_t delay_ms)
{
	struct timeval delay = {.tv_sec = delay_ms / 1000, .tv_usec = delay_ms % 1000 * 1000};

	(void)event_add(target->timer, &delay);
}

/* The ledger. */

static struct ledger_message row_of(const struct target *target)
{
	const struct drill_record *record = target->announcer->record;
	const char *id =
	    target->channel_id != NULL ? target->channel_id : channel_id(target->channel);

	return (struct ledger_message){
	    .drill = record->id,
	    .scenario = record->scenario->name,
	    .environment = record->environment->name,
	    .chat = target->chat,
	    .channel = channel_name(target->channel),
	    .channel_id = id != NULL ? id : "",
	    .ts = target->ts,
	    .posted_wall_ms = clock_wall_ms(),
	};
}

bool announcer_target_note(const struct target *target, struct error *error)
{
	const struct ledger_message row = row_of(target);

	return messages_note(target->announcer->world->ledger, &row, error);
}

/* Without it a later life looks for the message in the channel. */
static void note_place(const struct target *target)
{
	const struct ledger_message row = row_of(target);

	(void)messages_place(target->announcer->world->ledger, &row, NULL);
}

/* What says that a fault stays is noted until the fault is gone; else a later life takes it for untold. */
void announcer_target_forget(struct target *target)
{
	struct ledger *ledger = target->announcer->world->ledger;
	const struct evidence *evidence = &target->announcer->record->evidence;
	const struct ledger_message row = row_of(target);
	bool settled =
	    (evidence->fault_state == FAULT_ABSENT || evidence->fault_state == FAULT_CLEAN) &&
	    evidence->ledger_problem == NULL;

	if (settled && !target->is_double && !messages_forget(ledger, &row, NULL) &&
	    ledger_is_busy(ledger) && ++target->forgets < FORGET_TRIES)
		(void)event_add(target->noted,
				&(struct timeval){.tv_usec = FORGET_PAUSE_MS * 1000});
}

/* Callbacks. */

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	announcer_target_act(arg);
}

static void on_forget(evutil_socket_t fd, short what, void *arg)
{
	struct target *target = arg;

	(void)fd;
	(void)what;
	announcer_target_forget(target);
	target->announcer->changed(target->announcer->arg);
}

/* The message is in the channel. */
static void come_up(struct target *target, const char *ts)
{
	struct drill_record *record = target->announcer->record;

	target->state = TARGET_UP;
	strncpy(target->ts, ts, sizeof target->ts - 1);
	note_place(target);
	if (record->report_permalink == NULL)
		record->report_permalink =
		    channel_driver(target->channel)
			->permalink(channel_chat(target->channel), id_of(target), target->ts);
}

static void note_skew(struct target *target, const char *ts, int64_t started_ms)
{
	struct announcer *announcer = target->announcer;
	int64_t now_ms = clock_ms(), middle_ms = now_ms - (now_ms - started_ms) / 2;
	int64_t ours_ms = record_wall_ms(announcer->record, middle_ms);

	channel_anchor(target->channel, ts, started_ms, now_ms);
	announcer->skew_ms = (int64_t)(strtod(ts, NULL) * 1000) - ours_ms;
	announcer->has_skew = true;
}

struct target *announcer_target_new(struct announcer *announcer, const char *chat,
				    struct channel *channel)
{
	struct target *target = mem_zalloc(sizeof *target);

	target->announcer = announcer;
	target->chat = chat;
	target->channel = channel;
	target->timer = evtimer_new(announcer->world->base, on_timer, target);
	target->noted = evtimer_new(announcer->world->base, on_forget, target);
	return target;
}

/* It stands there twice, and one of the two must not say for ever that the drill runs. */
static void add_double(struct target *target, const char *ts)
{
	struct announcer *announcer = target->announcer;
	struct target *other;

	for (other = announcer->first; other != NULL; other = other->next) {
		if (other->channel == target->channel && strcmp(other->ts, ts) == 0)
			return;
	}
	other = announcer_target_new(announcer, target->chat, target->channel);
	other->is_double = true;
	other->state = TARGET_UP;
	other->dirty = true;
	strncpy(other->ts, ts, sizeof other->ts - 1);
	other->next = target->next;
	target->next = other;
	arm(other, 0);
}

static void on_seen(void *arg, const struct sight *sight)
{
	struct target *target = arg;
	const struct chat_message *message = sight->message;
	struct announcer *announcer = target->announcer;

	if (message->mark == NULL || strcmp(message->mark, announcer->record->id) != 0 ||
	    message->thread_ts != NULL)
		return;
	target->seen = true;
	if (target->ts[0] == '\0') { /* the answer to the post was lost, the post was not */
		come_up(target, message->ts);
		note_skew(target, message->ts, target->posted_ms);
	} else {
		add_double(target, message->ts);
	}
	if (!target->doubtful) {
		watch_free(target->watch);
		target->watch = NULL;
	}
	announcer->changed(announcer->arg);
}

static void on_lost(void *arg, const char *error)
{
	struct target *target = arg;
	struct announcer *announcer = target->announcer;

	if (target->watched && announcer->failure == NULL)
		announcer->failure = mem_dup(error);
	announcer->changed(announcer->arg);
}

void announcer_target_look_for(struct target *target, int64_t posted_ms)
{
	const char *nonce = target->announcer->record->id;
	const struct watch_spec spec = {
	    .nonce = nonce,
	    .needles = &nonce,
	    .needle_count = 1,
	    .since_ms = posted_ms - CLOCK_SLACK_MS,
	    .seen = on_seen,
	    .lost = on_lost,
	};

	if (target->watch == NULL)
		target->watch = channel_watch(target->channel, &spec, target);
}

void announcer_target_fail(struct target *target, const char *error)
{
	struct announcer *announcer = target->announcer;

	if (target->watched && target->state == TARGET_POSTING && announcer->failure == NULL)
		announcer->failure = mem_dup(error);
	if (announcer->record->report_problem == NULL)
		announcer->record->report_problem =
		    mem_printf("%s: %s", channel_name(target->channel), error);
	if (target->state == TARGET_POSTING && !target->doubtful)
		announcer_target_forget(target); /* there is none */
	target->state = TARGET_FAILED;
	watch_free(target->watch);
	target->watch = NULL;
}

/* Tries again later, or gives up. */
static void retry(struct target *target, const struct chat_reply *reply)
{
	int64_t delay_ms = RETRY_FIRST_MS << (target->failures < 6 ? target->failures : 6);

	free(target->trouble);
	target->trouble = mem_dup(reply->error);
	target->failures++;
	if (reply->result == CHAT_SLOW && reply->retry_after_ms > delay_ms)
		delay_ms = reply->retry_after_ms;
	if (delay_ms > RETRY_MAX_MS && reply->result != CHAT_SLOW)
		delay_ms = RETRY_MAX_MS;
	if (reply->result == CHAT_SLOW)
		target->slow_ms = clock_ms() + delay_ms;
	if (strcmp(reply->code, "ambiguous") == 0) {
		delay_ms = AMBIGUOUS_WAIT_MS;
		if (target->state == TARGET_POSTING && !target->doubtful)
			announcer_target_look_for(target, target->posted_ms);
		target->doubtful = target->doubtful || target->state == TARGET_POSTING;
		channel_kick(target->channel);
	}
	if (reply->result == CHAT_PERMANENT ||
	    (target->announcer->finishing && target->failures >= TRIES_AT_THE_END))
		announcer_target_fail(target, reply->error);
	else
		arm(target, delay_ms);
}

static void on_posted(void *arg, const struct chat_reply *reply)
{
	struct target *target = arg;
	struct announcer *announcer = target->announcer;

	target->op = NULL;
	if (reply->result != CHAT_OK) {
		retry(target, reply);
	} else {
		target->failures = 0;
		if (target->ts[0] != '\0') { /* a former try is there, too */
			add_double(target, reply->ts);
		} else {
			free(target->channel_id);
			target->channel_id = mem_dup(reply->channel_id);
			come_up(target, reply->ts);
		}
		note_skew(target, reply->ts, reply->started_ms);
		if (target->watched)
			channel_kick(target->channel);
		announcer_target_act(target);
	}
	announcer->changed(announcer->arg);
}

static void on_edited(void *arg, const struct chat_reply *reply)
{
	struct target *target = arg;
	struct announcer *announcer = target->announcer;

	target->op = NULL;
	if (reply->result != CHAT_OK) {
		target->dirty = true;
		retry(target, reply);
	} else {
		target->failures = 0;
		if (announcer->finishing && !target->dirty) {
			target->state = TARGET_DETAILS;
			announcer_target_forget(target);
		}
		announcer_target_act(target);
	}
	announcer->changed(announcer->arg);
}

static void on_detailed(void *arg, const struct chat_reply *reply)
{
	struct target *target = arg;

	target->op = NULL;
	if (reply->result == CHAT_OK)
		target->state = TARGET_FINISHED;
	else
		retry(target, reply);
	target->announcer->changed(target->announcer->arg);
}

/* The flow: what a target does next. */

static void post(struct target *target)
{
	struct announcer *announcer = target->announcer;
	struct chat_post post;

	if (target->failures > 0)
		(void)announcer_target_note(target, NULL); /* what is noted of it is older */
	announcer->world->write_post(announcer->world->arg, announcer->record, &post);
	target->edited_ms = clock_ms();
	if (target->posted_ms == 0)
		target->posted_ms = target->edited_ms;
	target->op = channel_driver(target->channel)
			 ->post(channel_chat(target->channel), id_of(target), NULL, &post,
				on_posted, target);
}

static void edit(struct target *target)
{
	struct announcer *announcer = target->announcer;
	int64_t wait_ms = target->edited_ms + EDIT_SPACING_MS - clock_ms();
	struct chat_post post;

	if (wait_ms > 0 && !announcer->finishing) {
		arm(target, wait_ms);
		return;
	}
	target->dirty = false;
	target->edited_ms = clock_ms();
	announcer->world->write_post(announcer->world->arg, announcer->record, &post);
	target->op = channel_driver(target->channel)
			 ->edit(channel_chat(target->channel), id_of(target), target->ts, &post,
				on_edited, target);
}

static void add_details(struct target *target)
{
	struct announcer *announcer = target->announcer;
	struct chat_post post;

	if (target->is_double ||
	    !announcer->world->write_details(announcer->world->arg, announcer->record, &post)) {
		target->state = TARGET_FINISHED;
		return;
	}
	target->op = channel_driver(target->channel)
			 ->post(channel_chat(target->channel), id_of(target), target->ts, &post,
				on_detailed, target);
}

void announcer_target_act(struct target *target)
{
	if (target->op != NULL)
		return;
	if (target->slow_ms > clock_ms()) {
		arm(target, target->slow_ms - clock_ms());
		return;
	}
	(void)event_del(target->timer);
	switch (target->state) {
	case TARGET_POSTING:
		post(target);
		break;
	case TARGET_UP:
		if (target->dirty || target->announcer->finishing)
			edit(target);
		break;
	case TARGET_DETAILS:
		add_details(target);
		break;
	case TARGET_FINISHED:
	case TARGET_FAILED:
		break;
	}
}

void announcer_target_free(struct target *target)
{
	channel_driver(target->channel)->cancel(target->op);
	watch_free(target->watch);
	event_free(target->timer);
	event_free(target->noted);
	free(target->trouble);
	free(target->channel_id);
	free(target);
}
