/* The drill's own message in chat. */
#include "src/engine/announcer.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "probes/chats/channel.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define EDIT_SPACING_MS   2000 /* chats allow about one message a second and channel */
#define RETRY_FIRST_MS    500
#define RETRY_MAX_MS      30000
#define AMBIGUOUS_WAIT_MS 3000 /* for a post that may have been made to appear in the channel */
#define TRIES_AT_THE_END  4
#define CLOCK_SLACK_MS    5000 /* before the chat's answer to our post has told its clock */

enum target_state {
	TARGET_POSTING, /* the message is not up yet */
	TARGET_UP,
	TARGET_DETAILS, /* the last edit is made; the details are on their way */
	TARGET_FINISHED,
	TARGET_FAILED
};

/* One channel that carries the drill's message. */
struct target {
	struct announcer *announcer; /* borrowed */
	struct target *next;         /* owned */
	const char *chat;            /* borrowed; its name in the configuration */
	struct channel *channel;     /* borrowed */
	bool watched;
	enum target_state state;
	char *channel_id; /* owned; as the chat answered */
	char ts[CHAT_TS_SIZE];
	struct chat_op *op;  /* owned; in flight */
	struct watch *watch; /* owned; until the post was read back */
	struct event *timer; /* owned; the next try or edit */
	bool seen;           /* the control: read back in the channel */
	bool dirty;          /* the record changed since the last edit began */
	int failures;        /* in a row */
	int64_t slow_ms;     /* nothing is sent before: the chat asked for it */
	int64_t edited_ms;
	char *trouble; /* owned; what the last try ran into; NULL: nothing */
};

struct announcer {
	const struct drill_world *world; /* borrowed */
	struct drill_record *record;     /* borrowed */
	announcer_changed_fn *changed;
	void *arg;            /* borrowed, for changed */
	struct target *first; /* owned */
	bool finishing;
	bool has_skew;
	int64_t skew_ms;
	char *failure; /* owned */
};

static void act(struct target *target);

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

/* Callbacks. */

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	act(arg);
}

/* The message is in the channel. */
static void come_up(struct target *target, const char *ts)
{
	struct drill_record *record = target->announcer->record;

	target->state = TARGET_UP;
	strncpy(target->ts, ts, sizeof target->ts - 1);
	if (record->report_permalink == NULL)
		record->report_permalink =
		    channel_driver(target->channel)
			->permalink(channel_chat(target->channel), id_of(target), target->ts);
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
	if (target->ts[0] == '\0') /* the answer to the post was lost, the post was not */
		come_up(target, message->ts);
	watch_free(target->watch);
	target->watch = NULL;
	announcer->changed(announcer->arg);
}

static void on_lost(void *arg, const char *error)
{
	struct target *target = arg;
	struct announcer *announcer = target->announcer;

	if (announcer->failure == NULL)
		announcer->failure = mem_dup(error);
	announcer->changed(announcer->arg);
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

static void fail(struct target *target, const char *error)
{
	struct announcer *announcer = target->announcer;

	if (target->watched && target->state == TARGET_POSTING && announcer->failure == NULL)
		announcer->failure = mem_dup(error);
	if (announcer->record->report_problem == NULL)
		announcer->record->report_problem =
		    mem_printf("%s: %s", channel_name(target->channel), error);
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
		channel_kick(target->channel);
	}
	if (reply->result == CHAT_PERMANENT ||
	    (target->announcer->finishing && target->failures >= TRIES_AT_THE_END))
		fail(target, reply->error);
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
		free(target->channel_id);
		target->channel_id = mem_dup(reply->channel_id);
		come_up(target, reply->ts);
		note_skew(target, reply->ts, reply->started_ms);
		if (target->watched)
			channel_kick(target->channel);
		act(target);
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
		if (announcer->finishing && !target->dirty)
			target->state = TARGET_DETAILS;
		act(target);
	}
	announcer->changed(announcer->arg);
}

static void on_detailed(void *arg, const struct chat_reply *reply)
{
	struct target *target = arg;
	struct announcer *announcer = target->announcer;

	target->op = NULL;
	if (reply->result == CHAT_OK)
		target->state = TARGET_FINISHED;
	else
		retry(target, reply);
	announcer->changed(announcer->arg);
}

/* The flow: what a target does next. */

static void post(struct target *target)
{
	struct announcer *announcer = target->announcer;
	struct chat_post post;

	announcer->world->write_post(announcer->world->arg, announcer->record, &post);
	target->edited_ms = clock_ms();
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

	if (!announcer->world->write_details(announcer->world->arg, announcer->record, &post)) {
		target->state = TARGET_FINISHED;
		return;
	}
	target->op = channel_driver(target->channel)
			 ->post(channel_chat(target->channel), id_of(target), target->ts, &post,
				on_detailed, target);
}

static void act(struct target *target)
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

/* Public. */

struct announcer *announcer_new(const struct drill_world *world, struct drill_record *record,
				announcer_changed_fn *changed, void *arg)
{
	struct announcer *announcer = mem_zalloc(sizeof *announcer);

	announcer->world = world;
	announcer->record = record;
	announcer->changed = changed;
	announcer->arg = arg;
	return announcer;
}

void announcer_free(struct announcer *announcer)
{
	if (announcer == NULL)
		return;
	while (announcer->first != NULL) {
		struct target *target = announcer->first;

		announcer->first = target->next;
		channel_driver(target->channel)->cancel(target->op);
		watch_free(target->watch);
		event_free(target->timer);
		free(target->trouble);
		free(target->channel_id);
		free(target);
	}
	free(announcer->failure);
	free(announcer);
}

void announcer_add(struct announcer *announcer, const char *chat, struct channel *channel,
		   bool watched)
{
	struct target **last = &announcer->first;
	struct target *target;

	for (; *last != NULL; last = &(*last)->next) {
		if ((*last)->channel == channel) {
			(*last)->watched = (*last)->watched || watched;
			return;
		}
	}
	target = mem_zalloc(sizeof *target);
	target->announcer = announcer;
	target->chat = chat;
	target->channel = channel;
	target->watched = watched;
	target->timer = evtimer_new(announcer->world->base, on_timer, target);
	*last = target;
}

void announcer_start(struct announcer *announcer)
{
	const char *nonce = announcer->record->id;

	for (struct target *target = announcer->first; target != NULL; target = target->next) {
		const struct watch_spec spec = {
		    .nonce = nonce,
		    .needles = &nonce,
		    .needle_count = 1,
		    .since_ms = clock_ms() - CLOCK_SLACK_MS,
		    .seen = on_seen,
		    .lost = on_lost,
		};

		if (target->watched)
			target->watch = channel_watch(target->channel, &spec, target);
		act(target);
	}
}

bool announcer_has_control(const struct announcer *announcer)
{
	for (const struct target *target = announcer->first; target != NULL;
	     target = target->next) {
		if (target->watched && !target->seen)
			return false;
	}
	return true;
}

bool announcer_has_control_in(const struct announcer *announcer, const struct channel *channel)
{
	for (const struct target *target = announcer->first; target != NULL;
	     target = target->next) {
		if (target->channel == channel)
			return target->watched && target->seen;
	}
	return false;
}

char *announcer_places(const struct announcer *announcer)
{
	struct buf places = {0};

	for (const struct target *target = announcer->first; target != NULL;
	     target = target->next) {
		if (target->ts[0] != '\0')
			buf_addf(&places, "%s %s %s\n", target->chat, id_of(target), target->ts);
	}
	return buf_take(&places);
}

const char *announcer_failure(const struct announcer *announcer)
{
	return announcer->failure;
}

const char *announcer_trouble(const struct announcer *announcer)
{
	for (const struct target *target = announcer->first; target != NULL;
	     target = target->next) {
		if (target->watched && target->state == TARGET_POSTING && target->trouble != NULL)
			return target->trouble;
	}
	return NULL;
}

void announcer_update(struct announcer *announcer)
{
	for (struct target *target = announcer->first; target != NULL; target = target->next) {
		target->dirty = true;
		if (target->state == TARGET_UP)
			act(target);
	}
}

void announcer_finish(struct announcer *announcer)
{
	announcer->finishing = true;
	for (struct target *target = announcer->first; target != NULL; target = target->next) {
		target->failures = 0;
		target->dirty = true;
		if (target->state == TARGET_POSTING && target->op == NULL)
			fail(target, "the drill was over before its message could be posted");
		else
			act(target);
	}
}

bool announcer_is_finished(const struct announcer *announcer)
{
	for (const struct target *target = announcer->first; target != NULL;
	     target = target->next) {
		if (target->state != TARGET_FINISHED && target->state != TARGET_FAILED)
			return false;
	}
	return true;
}

bool announcer_has_anchor(const struct announcer *announcer)
{
	return announcer->has_skew;
}

int64_t announcer_skew_ms(const struct announcer *announcer)
{
	return announcer->has_skew ? announcer->skew_ms : 0;
}
