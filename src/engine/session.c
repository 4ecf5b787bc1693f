/* Several drills: one after another in each environment and for each target, else all at once. */
#include "src/engine/session.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "src/base/mem.h"
#include "src/engine/busy.h"

struct entry {
	TAILQ_ENTRY(entry) link;
	struct session *session; /* borrowed */
	struct drill *drill;     /* owned */
	bool started, stopped;
};
TAILQ_HEAD(entries, entry);

struct session {
	const struct drill_world *world; /* borrowed */
	session_drill_fn *finished;
	session_done_fn *done;
	void *arg;                         /* borrowed, for both */
	struct entries waiting, running;   /* owned; in the order they were added, begun */
	struct busy environments, targets; /* of what runs */
	struct event *turn;                /* owned; each start, and `done`, comes from the loop */
	bool started, stays;               /* stays: goes on without drills, until it is closed */
	bool closed;                       /* takes no more */
	size_t count, dropped;
};

static void note_place(struct entry *entry, void (*note)(struct busy *busy, const char *text))
{
	const struct drill_record *record = drill_record(entry->drill);

	note(&entry->session->environments, record->environment->name);
	if (record->target[0] != '\0')
		note(&entry->session->targets, record->target);
}

static void drop_entry(struct entry *entry)
{
	struct session *session = entry->session;

	if (entry->started) {
		note_place(entry, busy_drop);
		TAILQ_REMOVE(&session->running, entry, link);
	} else {
		TAILQ_REMOVE(&session->waiting, entry, link);
	}
	session->count--;
	drill_free(entry->drill);
	free(entry);
}

static void turn(struct session *session)
{
	event_active(session->turn, 0, 0);
}

static void on_finished(void *arg, struct drill *drill)
{
	struct entry *entry = arg;
	struct session *session = entry->session;

	session->finished(session->arg, drill_record(drill));
	drop_entry(entry);
	turn(session);
}

bool session_has_place(const struct session *session, const struct drill_record *record)
{
	return busy_has(&session->environments, record->environment->name) ||
	       busy_has(&session->targets, record->target);
}

/* One that was stopped before it began touches nothing, and is in nobody's way. */
static bool must_wait(const struct entry *entry)
{
	const struct session *session = entry->session;
	const struct drill_world *world = session->world;
	const struct drill_record *record = drill_record(entry->drill);

	return !entry->stopped &&
	       (session_has_place(session, record) ||
		(world->is_taken != NULL && world->is_taken(world->arg, record)));
}

static void begin(struct entry *entry)
{
	struct session *session = entry->session;

	entry->started = true;
	TAILQ_REMOVE(&session->waiting, entry, link);
	TAILQ_INSERT_TAIL(&session->running, entry, link);
	note_place(entry, busy_add);
	drill_start(entry->drill, on_finished, entry);
}

static bool is_of(const struct entry *entry, uint64_t ask)
{
	return ask == 0 || drill_record(entry->drill)->ask == ask;
}

/* Those of an ask, 0: all. Where drills come one by one, somebody waits to hear what became of each. */
static void end_waiting(struct session *session, uint64_t ask, const char *why)
{
	struct entry *entry = TAILQ_FIRST(&session->waiting), *next;

	for (; entry != NULL; entry = next) {
		next = TAILQ_NEXT(entry, link);
		if (!is_of(entry, ask))
			continue;
		if (session->stays) {
			entry->stopped = true;
			drill_stop(entry->drill, why);
		} else {
			drop_entry(entry);
			session->dropped++;
		}
	}
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct session *session = arg;
	struct entry *entry = TAILQ_FIRST(&session->waiting), *next;

	(void)fd;
	(void)what;
	for (; entry != NULL; entry = next) {
		next = TAILQ_NEXT(entry, link);
		if (!must_wait(entry))
			begin(entry);
	}
	if (session->count == 0 && session->closed)
		session->done(session->arg);
}

struct session *session_new(const struct drill_world *world, session_drill_fn *finished,
			    session_done_fn *done, void *arg)
{
	struct session *session = mem_zalloc(sizeof *session);

	*session = (struct session){
	    .world = world,
	    .finished = finished,
	    .done = done,
	    .arg = arg,
	};
	TAILQ_INIT(&session->waiting);
	TAILQ_INIT(&session->running);
	session->turn = evtimer_new(world->base, on_turn, session);
	return session;
}

void session_free(struct session *session)
{
	struct entry *entry;

	if (session == NULL)
		return;
	while ((entry = TAILQ_FIRST(&session->running)) != NULL ||
	       (entry = TAILQ_FIRST(&session->waiting)) != NULL)
		drop_entry(entry);
	busy_done(&session->environments);
	busy_done(&session->targets);
	event_free(session->turn);
	free(session);
}

void session_stay(struct session *session)
{
	session->stays = true;
}

bool session_add(struct session *session, const struct scenario *scenario,
		 const struct environment *environment, const struct drill_options *options,
		 struct error *error)
{
	struct entry *entry;
	struct drill *drill;

	if (session->closed)
		return error_set(error, "firedrill is about to end and begins nothing more");
	drill = drill_new(session->world, scenario, environment, options, error);
	if (drill == NULL)
		return false;
	entry = mem_zalloc(sizeof *entry);
	*entry = (struct entry){.session = session, .drill = drill};
	TAILQ_INSERT_TAIL(&session->waiting, entry, link);
	session->count++;
	if (session->started)
		turn(session);
	return true;
}

size_t session_count(const struct session *session)
{
	return session->count;
}

void session_start(struct session *session)
{
	session->started = true;
	session->closed |= !session->stays;
	turn(session);
}

void session_close(struct session *session)
{
	session->closed = true;
	if (session->started)
		turn(session);
}

void session_look(struct session *session)
{
	if (session->started)
		turn(session);
}

void session_stop_ask(struct session *session, uint64_t ask, const char *why)
{
	struct entry *entry;

	TAILQ_FOREACH(entry, &session->running, link)
	{
		if (is_of(entry, ask))
			drill_stop(entry->drill, why);
	}
	end_waiting(session, ask, why);
	if (session->started)
		turn(session);
}

void session_stop(struct session *session, const char *why)
{
	session->closed = true;
	session_stop_ask(session, 0, why);
}

size_t session_dropped(const struct session *session)
{
	return session->dropped;
}
