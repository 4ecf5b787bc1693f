/* One message carried to a chat. */
#include "src/program/serve/notices_post.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"

#define PAUSE_MS     2000   /* before it is tried again; grows with each try ... */
#define PAUSE_MAX_MS 15000  /* ... up to this */
#define CLOCKS_APART 300000 /* ms between the chat's clock and ours */
#define LOOKS_MAX    3      /* for a post of which nobody knows whether it was made */

/* What is to be done next. */
enum step { STEP_FIND, STEP_LOOK, STEP_WRITE, STEP_REPLY };

struct notices_post {
	struct app *app;          /* borrowed */
	char *chat, *channel;     /* owned */
	char *channel_id;         /* owned; "" until it is known */
	char ts[CHAT_TS_SIZE];    /* "" until it is known */
	char since[CHAT_TS_SIZE]; /* what is looked for was not posted before */
	struct notices_words words, reply;
	bool anew;    /* its old place is gone: the new message says all, without a reply */
	bool written; /* what remains is the reply */
	enum step step;
	const struct chat_driver *driver;
	struct chat *chat_open; /* borrowed */
	struct chat_op *op;     /* owned while in flight */
	struct event *again;    /* owned; the next step, or the next try */
	int tries, looks;
	int64_t give_up_ms;
	notices_post_fn *done;
	void *arg; /* borrowed, for done */
};

/* Words. */

void notices_words_set(struct notices_words *words, const struct chat_post *post)
{
	notices_words_done(words);
	if (post == NULL || post->headline == NULL)
		return;
	words->post = *post;
	words->post.mark = mem_dup(post->mark);
	words->post.headline = mem_dup(post->headline);
	words->post.body = mem_dup(post->body);
	words->post.footer = mem_dup(post->footer);
	words->post.mention = mem_dup(post->mention);
}

void notices_words_done(struct notices_words *words)
{
	free((char *)(uintptr_t)words->post.mark);
	free((char *)(uintptr_t)words->post.headline);
	free((char *)(uintptr_t)words->post.body);
	free((char *)(uintptr_t)words->post.footer);
	free((char *)(uintptr_t)words->post.mention);
	words->post = (struct chat_post){0};
}

/* Its end. */

static void arm(struct notices_post *post, int64_t delay_ms)
{
	const struct timeval delay = {.tv_sec = delay_ms / 1000, .tv_usec = delay_ms % 1000 * 1000};

	if (event_add(post->again, &delay) != 0)
		abort(); /* out of memory, as in mem.h */
}

static void post_free(struct notices_post *post)
{
	if (post->op != NULL)
		post->driver->cancel(post->op);
	event_free(post->again);
	notices_words_done(&post->words);
	notices_words_done(&post->reply);
	free(post->chat);
	free(post->channel);
	free(post->channel_id);
	free(post);
}

/* why NULL: all of it is there. */
static void end(struct notices_post *post, const char *why)
{
	notices_post_fn *done = post->done;
	void *arg = post->arg;
	char *trouble =
	    why != NULL ? mem_printf("%s, channel %s: %s", post->chat, post->channel, why) : NULL;
	char *link = post->written
			 ? post->driver->permalink(post->chat_open, post->channel_id, post->ts)
			 : NULL;
	char *channel_id = mem_dup(post->channel_id), *ts = mem_dup(post->ts);
	const struct notices_post_end told = {
	    .channel_id = channel_id,
	    .ts = ts,
	    .link = link,
	    .trouble = post->written ? NULL : trouble,
	    .lost_reply = post->written ? trouble : NULL,
	};

	post_free(post);
	done(arg, &told);
	free(link);
	free(trouble);
	free(channel_id);
	free(ts);
}

static void go(struct notices_post *post, enum step step)
{
	post->step = step;
	post->tries = 0;
	arm(post, 0);
}

static void try_again(struct notices_post *post, const struct chat_reply *reply)
{
	int64_t pause_ms = PAUSE_MS * ++post->tries;

	if (pause_ms > PAUSE_MAX_MS)
		pause_ms = PAUSE_MAX_MS;
	if (reply->result == CHAT_SLOW && reply->retry_after_ms > pause_ms)
		pause_ms = reply->retry_after_ms;
	if (pause_ms > post->give_up_ms - clock_ms())
		end(post, reply->error != NULL ? reply->error : "it does not answer");
	else
		arm(post, pause_ms);
}

/* Its steps. */

/* Where it stood is deleted, archived or not ours any more: then its channel is found anew. */
static void post_anew(struct notices_post *post)
{
	post->anew = true;
	post->ts[0] = '\0';
	post->channel_id[0] = '\0';
	go(post, STEP_FIND);
}

static void note_written(struct notices_post *post, const char *ts)
{
	if (ts != NULL && post->ts[0] == '\0')
		strncpy(post->ts, ts, sizeof post->ts - 1);
	post->written = true;
	if (post->reply.post.headline == NULL || post->anew)
		end(post, NULL);
	else
		go(post, STEP_REPLY);
}

/* Nobody knows whether it was posted: it is looked for by its mark before it is posted again. */
static void look_for(struct notices_post *post, const struct chat_reply *reply)
{
	for (size_t i = 0; i < reply->message_count; i++) {
		const struct chat_message *message = &reply->messages[i];

		if (message->mark != NULL && message->thread_ts == NULL &&
		    strcmp(message->mark, post->words.post.mark) == 0) {
			note_written(post, message->ts);
			return;
		}
	}
	if (++post->looks < LOOKS_MAX)
		try_again(post, reply);
	else
		go(post, STEP_WRITE);
}

static void note_channel(struct notices_post *post, const struct chat_reply *reply)
{
	if (reply->channel_count == 0) {
		end(post, "there is no such channel");
		return;
	}
	free(post->channel_id);
	post->channel_id = mem_dup(reply->channels[0].id);
	go(post, STEP_WRITE);
}

static void on_failure(struct notices_post *post, const struct chat_reply *reply)
{
	bool edits = post->step == STEP_WRITE && post->ts[0] != '\0';

	if (reply->result == CHAT_PERMANENT && edits) {
		post_anew(post);
	} else if (reply->result == CHAT_PERMANENT && post->step == STEP_LOOK) {
		go(post, STEP_WRITE); /* a bot may write where it must not read */
	} else if (reply->result == CHAT_PERMANENT) {
		end(post, reply->error);
	} else {
		if (post->step == STEP_WRITE && !edits && strcmp(reply->code, "ambiguous") == 0) {
			post->step = STEP_LOOK;
			post->looks = 0;
		}
		try_again(post, reply);
	}
}

static void on_reply(void *arg, const struct chat_reply *reply)
{
	struct notices_post *post = arg;

	post->op = NULL;
	if (reply->result != CHAT_OK) {
		on_failure(post, reply);
		return;
	}
	switch (post->step) {
	case STEP_FIND:
		note_channel(post, reply);
		break;
	case STEP_LOOK:
		look_for(post, reply);
		break;
	case STEP_WRITE:
		note_written(post, reply->ts);
		break;
	case STEP_REPLY:
		end(post, NULL);
		break;
	}
}

static struct chat_op *start_step(struct notices_post *post)
{
	const struct chat_driver *driver = post->driver;
	const struct chat_post *words = &post->words.post;

	switch (post->step) {
	case STEP_FIND:
		return driver->find(post->chat_open, post->channel, on_reply, post);
	case STEP_LOOK:
		return driver->read(post->chat_open, post->channel_id, post->since, NULL, on_reply,
				    post);
	case STEP_WRITE:
		if (post->ts[0] != '\0')
			return driver->edit(post->chat_open, post->channel_id, post->ts, words,
					    on_reply, post);
		break;
	case STEP_REPLY:
		return driver->post(post->chat_open, post->channel_id, post->ts, &post->reply.post,
				    on_reply, post);
	}
	return driver->post(post->chat_open, post->channel_id, NULL, words, on_reply, post);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct notices_post *post = arg;
	struct error error = {""};
	int64_t from_ms = clock_wall_ms() - CLOCKS_APART;

	(void)fd;
	(void)what;
	post->chat_open = app_chat(post->app, post->chat, &post->driver, &error);
	if (post->chat_open == NULL) {
		end(post, error.text);
		return;
	}
	if (post->since[0] == '\0')
		post->driver->ts_at(from_ms > 0 ? from_ms : 0, post->since);
	post->op = start_step(post);
}

/* Public. */

struct notices_post *notices_post_start(const struct notices_post_ask *ask, notices_post_fn *done,
					void *arg)
{
	struct notices_post *post = mem_zalloc(sizeof *post);

	*post = (struct notices_post){
	    .app = ask->app,
	    .chat = mem_dup(ask->chat),
	    .channel = mem_dup(ask->channel),
	    .channel_id = mem_dup(ask->channel_id),
	    .step = ask->ts[0] != '\0' && ask->channel_id[0] != '\0' ? STEP_WRITE : STEP_FIND,
	    .again = event_new(app_base(ask->app), -1, 0, on_turn, post),
	    .give_up_ms = clock_ms() + NOTICES_PATIENCE_MS,
	    .done = done,
	    .arg = arg,
	};
	if (post->again == NULL)
		abort(); /* out of memory, as in mem.h */
	if (post->step == STEP_WRITE)
		strncpy(post->ts, ask->ts, sizeof post->ts - 1);
	notices_words_set(&post->words, ask->post);
	notices_words_set(&post->reply, ask->reply);
	arm(post, 0);
	return post;
}

void notices_post_cancel(struct notices_post *post)
{
	if (post != NULL)
		post_free(post);
}

const struct app *notices_post_app(const struct notices_post *post)
{
	return post->app;
}
