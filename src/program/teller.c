/* Telling people what became of a fault that outlived its drill.  One errand is one message to
 * edit or to post; errands do not wait for each other. */
#include "src/program/teller.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probes/alarm.h"
#include "probes/chats/chat.h"
#include "reports/settled.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/program/places.h"

#define PATIENCE_MS     60000 /* for one errand */
#define PAUSE_MS        2000  /* before an errand is tried again; grows with each try ... */
#define PAUSE_MAX_MS    10000 /* ... up to this */
#define AGAIN_MS        (INT64_C(3600) * 1000) /* between two news that a fault is stuck */
#define LOOK_MS         50                     /* between two looks whether all is told */
#define ERRANDS_MAX     256
#define SAY_MARK        "notice" /* of a message that belongs to no drill */
#define HOST_NAME_LIMIT 256

struct errand {
	struct teller *teller; /* borrowed */
	char *drill;           /* owned; NULL: of none */
	char *chat, *channel;  /* owned; an id, or a name that has to be found first */
	bool found;            /* channel is an id */
	char *ts;              /* owned; the message to edit; NULL: a new one */
	char *headline, *body, *footer, *mark; /* owned */
	enum chat_tone tone;
	const struct chat_driver *driver;
	struct chat_op *op;  /* owned while in flight */
	struct event *again; /* owned; the next try */
	int tries;
	int64_t give_up_ms;
	struct errand *next; /* owned */
};

/* A fault of which people know that it is stuck. */
struct known {
	char *drill; /* owned */
	int64_t told_ms;
	struct known *next; /* owned */
};

struct teller {
	struct app *app;      /* borrowed */
	char *by;             /* owned */
	struct alarm *alarm;  /* owned */
	struct errand *first; /* owned */
	size_t errand_count;
	struct known *known;           /* owned */
	struct event *look;            /* owned; runs until everything is told */
	struct settled_writer *writer; /* owned */
	char *trouble;                 /* owned */
	char host[HOST_NAME_LIMIT];
	teller_idle_fn *idle;
	void *arg;
};

static void arm(struct event *event, int64_t delay_ms)
{
	const struct timeval delay = {.tv_sec = delay_ms / 1000, .tv_usec = delay_ms % 1000 * 1000};

	if (event_add(event, &delay) != 0)
		abort(); /* out of memory, as in mem.h */
}

/* Errands. */

static void drop(struct errand *errand)
{
	struct teller *teller = errand->teller;
	struct errand **at = &teller->first;

	while (*at != errand)
		at = &(*at)->next;
	*at = errand->next;
	teller->errand_count--;
	if (errand->op != NULL)
		errand->driver->cancel(errand->op);
	event_free(errand->again);
	free(errand->drill);
	free(errand->chat);
	free(errand->channel);
	free(errand->ts);
	free(errand->headline);
	free(errand->body);
	free(errand->footer);
	free(errand->mark);
	free(errand);
}

static void give_up(struct errand *errand, const char *why)
{
	struct teller *teller = errand->teller;

	free(teller->trouble);
	teller->trouble = mem_printf("%s, channel %s: %s", errand->chat, errand->channel, why);
	drop(errand);
}

static void on_reply(void *arg, const struct chat_reply *reply)
{
	struct errand *errand = arg;
	int64_t pause_ms = PAUSE_MS * errand->tries;

	errand->op = NULL;
	if (reply->result == CHAT_OK && (errand->found || reply->channel_count == 0)) {
		drop(errand);
		return;
	}
	if (reply->result == CHAT_OK) {
		free(errand->channel);
		errand->channel = mem_dup(reply->channels[0].id);
		errand->found = true;
		arm(errand->again, 0);
		return;
	}
	if (pause_ms > PAUSE_MAX_MS)
		pause_ms = PAUSE_MAX_MS;
	if (reply->result == CHAT_SLOW && reply->retry_after_ms > pause_ms)
		pause_ms = reply->retry_after_ms;
	if (reply->result == CHAT_PERMANENT || pause_ms > errand->give_up_ms - clock_ms())
		give_up(errand, reply->error);
	else
		arm(errand->again, pause_ms);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct errand *errand = arg;
	const struct chat_post post = {
	    .mark = errand->mark,
	    .tone = errand->tone,
	    .headline = errand->headline,
	    .body = errand->body,
	    .footer = errand->footer,
	};
	struct error error = {""};
	struct chat *chat = app_chat(errand->teller->app, errand->chat, &errand->driver, &error);

	(void)fd;
	(void)what;
	errand->tries++;
	if (chat == NULL)
		give_up(errand, error.text);
	else if (!errand->found)
		errand->op = errand->driver->find(chat, errand->channel, on_reply, errand);
	else if (errand->ts != NULL)
		errand->op = errand->driver->edit(chat, errand->channel, errand->ts, &post,
						  on_reply, errand);
	else
		errand->op =
		    errand->driver->post(chat, errand->channel, NULL, &post, on_reply, errand);
}

static struct errand *add_errand(struct teller *teller, const char *drill, const char *chat,
				 const char *channel, const struct chat_post *post)
{
	struct errand *errand;

	if (teller->errand_count >= ERRANDS_MAX) {
		free(teller->trouble);
		teller->trouble = mem_dup("too many messages at once");
		return NULL;
	}
	errand = mem_zalloc(sizeof *errand);
	*errand = (struct errand){
	    .teller = teller,
	    .drill = mem_dup(drill),
	    .chat = mem_dup(chat),
	    .channel = mem_dup(channel),
	    .headline = mem_dup(post->headline),
	    .body = mem_dup(post->body),
	    .footer = mem_dup(post->footer),
	    .mark = mem_dup(post->mark),
	    .tone = post->tone,
	    .again = event_new(app_base(teller->app), -1, 0, on_turn, errand),
	    .give_up_ms = clock_ms() + PATIENCE_MS,
	    .next = teller->first,
	};
	if (errand->again == NULL)
		abort(); /* out of memory, as in mem.h */
	teller->first = errand;
	teller->errand_count++;
	arm(errand->again, 0);
	return errand;
}

/* What was said of a drill before must not arrive after what is said now. */
static void drop_older(struct teller *teller, const char *drill)
{
	struct errand *next;

	for (struct errand *errand = teller->first; errand != NULL; errand = next) {
		next = errand->next;
		if (errand->drill != NULL && strcmp(errand->drill, drill) == 0)
			drop(errand);
	}
}

/* Who knows what. */

static struct known **find_known(struct teller *teller, const char *drill)
{
	struct known **at = &teller->known;

	while (*at != NULL && strcmp((*at)->drill, drill) != 0)
		at = &(*at)->next;
	return at;
}

static bool forget(struct teller *teller, const char *drill)
{
	struct known **at = find_known(teller, drill);
	struct known *gone = *at;

	if (gone == NULL)
		return false;
	*at = gone->next;
	free(gone->drill);
	free(gone);
	return true;
}

/* False when people were told within the last hour. */
static bool is_news(struct teller *teller, const char *drill)
{
	struct known *known = *find_known(teller, drill);
	int64_t now_ms = clock_ms();

	if (known != NULL && now_ms - known->told_ms < AGAIN_MS)
		return false;
	(void)forget(teller, drill);
	known = mem_zalloc(sizeof *known);
	*known = (struct known){mem_dup(drill), now_ms, teller->known};
	teller->known = known;
	return true;
}

/* The flow. */

static void on_look(evutil_socket_t fd, short what, void *arg)
{
	struct teller *teller = arg;

	(void)fd;
	(void)what;
	if (!teller_is_idle(teller)) {
		arm(teller->look, LOOK_MS);
		return;
	}
	if (teller->idle != NULL)
		teller->idle(teller->arg);
}

static void tell_chats(struct teller *teller, const struct settled *settled,
		       const struct chat_post *post)
{
	const struct config *config = app_config(teller->app);
	struct place places[PLACES_MAX];
	size_t count = places_parse(settled->places, places);

	drop_older(teller, settled->drill);
	for (size_t i = 0; i < count; i++) {
		struct errand *errand =
		    add_errand(teller, settled->drill, places[i].chat, places[i].channel_id, post);

		if (errand == NULL)
			return;
		errand->ts = mem_dup(places[i].ts);
		errand->found = true;
	}
	if (config->report.chat != NULL)
		(void)add_errand(teller, settled->drill, config->report.chat,
				 config->report.channel, post);
}

struct teller *teller_new(struct app *app, const char *by, teller_idle_fn *idle, void *arg)
{
	struct teller *teller = mem_zalloc(sizeof *teller);

	*teller = (struct teller){
	    .app = app,
	    .by = mem_dup(by),
	    .alarm =
		alarm_new(app_base(app), app_faults(app)->http, app_secrets(app), app_config(app)),
	    .look = event_new(app_base(app), -1, 0, on_look, teller),
	    .writer = settled_writer_new(),
	    .idle = idle,
	    .arg = arg,
	};
	if (teller->look == NULL)
		abort(); /* out of memory, as in mem.h */
	if (gethostname(teller->host, sizeof teller->host - 1) != 0)
		teller->host[0] = '\0';
	return teller;
}

void teller_free(struct teller *teller)
{
	if (teller == NULL)
		return;
	while (teller->first != NULL)
		drop(teller->first);
	while (teller->known != NULL)
		(void)forget(teller, teller->known->drill);
	event_free(teller->look);
	alarm_free(teller->alarm);
	settled_writer_free(teller->writer);
	free(teller->trouble);
	free(teller->by);
	free(teller);
}

void teller_tell(struct teller *teller, const struct settled *settled)
{
	const struct settled_view view = {
	    .settled = settled,
	    .by = teller->by,
	    .host = teller->host,
	    .now_wall_ms = clock_wall_ms(),
	    .goes_on = strcmp(teller->by, TELLER_GUARDIAN) == 0,
	};
	struct chat_post post;
	bool alarming;
	char *paragraph;

	if (settled->how != SETTLED_CLEAN && settled->how != SETTLED_STUCK)
		return;
	/* Whoever was woken by a fault that stays wants to know that it is gone. */
	alarming = settled->how == SETTLED_STUCK ? is_news(teller, settled->drill)
						 : forget(teller, settled->drill);
	if (settled->how == SETTLED_STUCK && !alarming)
		return;
	settled_write(teller->writer, &view, &post);
	tell_chats(teller, settled, &post);
	if (alarming) {
		paragraph = settled_paragraph(&view);
		alarm_raise(teller->alarm, paragraph);
		free(paragraph);
	}
	arm(teller->look, LOOK_MS);
}

void teller_is_known(struct teller *teller, const struct settled *settled)
{
	(void)is_news(teller, settled->drill);
}

void teller_say(struct teller *teller, const char *headline, const char *body)
{
	const struct config *config = app_config(teller->app);
	const struct chat_post post = {
	    .mark = SAY_MARK, .tone = CHAT_UNSURE, .headline = headline, .body = body};

	if (config->report.chat != NULL)
		(void)add_errand(teller, NULL, config->report.chat, config->report.channel, &post);
	arm(teller->look, LOOK_MS);
}

void teller_alarm(struct teller *teller, const char *text)
{
	alarm_raise(teller->alarm, text);
	arm(teller->look, LOOK_MS);
}

bool teller_is_idle(const struct teller *teller)
{
	return teller->first == NULL && alarm_is_idle(teller->alarm);
}

const char *teller_trouble(const struct teller *teller)
{
	const char *trouble = alarm_trouble(teller->alarm);

	return trouble != NULL ? trouble : teller->trouble;
}
