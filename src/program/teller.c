/* Telling people what became of a drill that died, or of its fault.  Messages do not wait for each
 * other. */
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
#include "src/program/errand.h"

#define AGAIN_MS        (INT64_C(3600) * 1000) /* between two news that a fault is stuck */
#define LOOK_MS         50                     /* between two looks whether all is told */
#define WAYS_MAX        256
#define SAY_MARK        "notice" /* of a message that belongs to no drill */
#define HOST_NAME_LIMIT 256

/* One message on its way. */
struct way {
	struct teller *teller; /* borrowed */
	char *drill;           /* owned; NULL: of none */
	struct errand *errand; /* owned */
	struct way *next;      /* owned */
};

/* A fault of which people know that it is stuck. */
struct known {
	char *drill; /* owned */
	int64_t told_ms;
	struct known *next; /* owned */
};

struct teller {
	struct app *app;     /* borrowed */
	char *by;            /* owned */
	struct alarm *alarm; /* owned */
	struct way *first;   /* owned */
	size_t way_count;
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

/* Messages on their way. */

static void drop(struct way *way)
{
	struct teller *teller = way->teller;
	struct way **at = &teller->first;

	while (*at != way)
		at = &(*at)->next;
	*at = way->next;
	teller->way_count--;
	errand_free(way->errand);
	free(way->drill);
	free(way);
}

static void note_trouble(struct teller *teller, const char *trouble)
{
	free(teller->trouble);
	teller->trouble = mem_dup(trouble);
}

static void on_over(void *arg, struct errand *errand, const char *trouble)
{
	struct way *way = arg;

	(void)errand;
	if (trouble != NULL)
		note_trouble(way->teller, trouble);
	drop(way);
}

static void send_off(struct teller *teller, const char *drill, const struct errand_ask *ask)
{
	struct way *way;

	if (teller->way_count >= WAYS_MAX) {
		note_trouble(teller, "too many messages at once");
		return;
	}
	way = mem_zalloc(sizeof *way);
	*way = (struct way){.teller = teller, .drill = mem_dup(drill), .next = teller->first};
	way->errand = errand_start(ask, on_over, way);
	teller->first = way;
	teller->way_count++;
}

static void send_to_report(struct teller *teller, const char *drill, const struct chat_post *post)
{
	const struct config *config = app_config(teller->app);
	const struct errand_ask ask = {.app = teller->app,
				       .chat = config->report.chat,
				       .channel = config->report.channel,
				       .post = post};

	if (config->report.chat != NULL)
		send_off(teller, drill, &ask);
}

/* What was said of a drill before must not arrive after what is said now. */
static void drop_older(struct teller *teller, const char *drill)
{
	struct way *next;

	for (struct way *way = teller->first; way != NULL; way = next) {
		next = way->next;
		if (way->drill != NULL && strcmp(way->drill, drill) == 0)
			drop(way);
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

static void remember(struct teller *teller, const char *drill, int64_t told_ms)
{
	struct known *known = mem_zalloc(sizeof *known);

	(void)forget(teller, drill);
	*known = (struct known){mem_dup(drill), told_ms, teller->known};
	teller->known = known;
}

/* False when people were told within the last hour. */
static bool is_news(struct teller *teller, const char *drill)
{
	const struct known *known = *find_known(teller, drill);
	int64_t now_ms = clock_ms();

	if (known != NULL && now_ms - known->told_ms < AGAIN_MS)
		return false;
	remember(teller, drill, now_ms);
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

/* Does a message of the drill, that is edited into the news, stand in the report channel? */
static bool is_in_report(const struct teller *teller, const struct settled *settled)
{
	const struct config *config = app_config(teller->app);

	for (size_t i = 0; config->report.chat != NULL && i < settled->message_count; i++) {
		const struct ledger_message *message = &settled->messages[i];

		if (message->ts[0] != '\0' && strcmp(message->chat, config->report.chat) == 0 &&
		    strcmp(message->channel, config->report.channel) == 0)
			return true;
	}
	return false;
}

/* When nothing was left but the messages, they are all that people have to know. What is well again
 * is said once in a channel; what is not, or was not, is said aloud. */
static void tell_chats(struct teller *teller, const struct settled *settled,
		       const struct chat_post *post, bool aloud)
{
	drop_older(teller, settled->drill);
	for (size_t i = 0; i < settled->message_count; i++) {
		const struct errand_ask ask = {
		    .app = teller->app,
		    .message = &settled->messages[i],
		    .outdated = settled->how == SETTLED_UNTOLD,
		    .last = settled->how != SETTLED_STUCK,
		    .post = post,
		};

		send_off(teller, settled->drill, &ask);
	}
	if (settled->how != SETTLED_UNTOLD && (aloud || !is_in_report(teller, settled)))
		send_to_report(teller, settled->drill, post);
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

	if (settled->how == SETTLED_BEGUN || settled->how == SETTLED_BUSY)
		return;
	/* Whoever was woken by a fault that stays wants to know that it is gone. */
	alarming = settled->how == SETTLED_STUCK ? is_news(teller, settled->drill)
						 : forget(teller, settled->drill);
	if (settled->how == SETTLED_STUCK && !alarming)
		return;
	settled_write(teller->writer, &view, &post);
	tell_chats(teller, settled, &post, alarming || settled->found == FAULT_STUCK);
	if (alarming) {
		paragraph = settled_paragraph(&view);
		alarm_raise(teller->alarm, paragraph);
		free(paragraph);
	}
	arm(teller->look, LOOK_MS);
}

void teller_is_known(struct teller *teller, const char *drill)
{
	(void)is_news(teller, drill);
}

void teller_inherit(struct teller *teller, const struct teller *older)
{
	for (const struct known *known = older->known; known != NULL; known = known->next)
		remember(teller, known->drill, known->told_ms);
}

void teller_say(struct teller *teller, const char *headline, const char *body)
{
	const struct chat_post post = {
	    .mark = SAY_MARK, .tone = CHAT_UNSURE, .headline = headline, .body = body};

	send_to_report(teller, NULL, &post);
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
