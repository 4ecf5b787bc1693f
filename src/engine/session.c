/* Several drills: one after another in each environment and for each target, else all at once. */
#include "src/engine/session.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

struct entry {
	struct session *session; /* borrowed */
	struct drill *drill;     /* owned; NULL once it is over */
	bool started;
	struct entry *next; /* owned */
};

struct session {
	const struct drill_world *world; /* borrowed */
	struct drill_options options;
	session_drill_fn *finished;
	session_done_fn *done;
	void *arg;           /* borrowed, for both */
	struct entry *first; /* owned; in the order they were added */
	struct event *turn;  /* owned; the first start, and `done`, come from the loop */
	bool stopped;
	size_t count, dropped;
};

static void start_next(struct session *session);

static void on_finished(void *arg, struct drill *drill)
{
	struct entry *entry = arg;
	struct session *session = entry->session;

	session->finished(session->arg, drill_record(drill));
	drill_free(drill);
	entry->drill = NULL;
	start_next(session);
}

static bool are_in_each_others_way(const struct entry *a, const struct entry *b)
{
	const struct drill_record *one = drill_record(a->drill), *other = drill_record(b->drill);

	return one->environment == other->environment ||
	       (one->target[0] != '\0' && strcmp(one->target, other->target) == 0);
}

static bool must_wait(const struct session *session, const struct entry *next)
{
	for (const struct entry *entry = session->first; entry != NULL; entry = entry->next) {
		if (entry->drill != NULL && entry->started && are_in_each_others_way(entry, next))
			return true;
	}
	return false;
}

static void start_next(struct session *session)
{
	bool any = false;

	for (struct entry *entry = session->first; entry != NULL; entry = entry->next) {
		if (entry->drill != NULL && !entry->started && session->stopped) {
			drill_free(entry->drill);
			entry->drill = NULL;
			session->dropped++;
		}
		if (entry->drill == NULL)
			continue;
		any = true;
		if (!entry->started && !must_wait(session, entry)) {
			entry->started = true;
			drill_start(entry->drill, on_finished, entry);
		}
	}
	if (!any)
		session->done(session->arg);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	start_next(arg);
}

struct session *session_new(const struct drill_world *world, const struct drill_options *options,
			    session_drill_fn *finished, session_done_fn *done, void *arg)
{
	struct session *session = mem_zalloc(sizeof *session);

	*session = (struct session){
	    .world = world,
	    .options = *options,
	    .finished = finished,
	    .done = done,
	    .arg = arg,
	};
	session->turn = evtimer_new(world->base, on_turn, session);
	return session;
}

void session_free(struct session *session)
{
	if (session == NULL)
		return;
	while (session->first != NULL) {
		struct entry *gone = session->first;

		session->first = gone->next;
		drill_free(gone->drill);
		free(gone);
	}
	event_free(session->turn);
	free(session);
}

bool session_add(struct session *session, const struct scenario *scenario,
		 const struct environment *environment, struct error *error)
{
	struct drill *drill =
	    drill_new(session->world, scenario, environment, &session->options, error);
	struct entry **last = &session->first;

	if (drill == NULL)
		return false;
	while (*last != NULL)
		last = &(*last)->next;
	*last = mem_zalloc(sizeof **last);
	**last = (struct entry){.session = session, .drill = drill};
	session->count++;
	return true;
}

size_t session_count(const struct session *session)
{
	return session->count;
}

void session_start(struct session *session)
{
	event_active(session->turn, 0, 0);
}

void session_stop(struct session *session, const char *why)
{
	session->stopped = true;
	for (struct entry *entry = session->first; entry != NULL; entry = entry->next) {
		if (entry->drill != NULL && entry->started)
			drill_stop(entry->drill, why);
	}
}

size_t session_dropped(const struct session *session)
{
	return session->dropped;
}
