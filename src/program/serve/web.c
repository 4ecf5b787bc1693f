/* The web server of the daemon: who comes, who has to go, and what is answered. */
#include "src/program/serve/web.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/program/serve/web_access.h"
#include "src/program/serve/web_answer.h"
#include "src/program/serve/web_listen.h"
#include "src/program/serve/web_request.h"

#define SEND_BYTES 4194304 /* at once, if the socket takes them: they are not held any more */
#define LINGER_MS  2000 /* a body that nobody wants is read on until so long nothing came of it */
#define BREATH_S   1    /* until connections are accepted again when there were no descriptors */

enum visit_state {
	VISIT_ASKS,    /* its request comes in */
	VISIT_WAITS,   /* for its turn to be answered; what else comes in is dropped */
	VISIT_ANSWERS, /* the answer goes out; so is here */
	VISIT_LINGERS  /* all is sent; so is here, until it ends */
};

/* One connection, which is one request. */
struct visit {
	struct web *web;           /* borrowed */
	struct bufferevent *bufev; /* owned, with the socket */
	struct event *timer;       /* owned: the end of our patience */
	enum visit_state state;
	struct web_request request; /* owned; of one that waits */
	int64_t until_ms;           /* of the monotonic clock: whatever it does, it has to go */
	size_t held;                /* bytes of its page, until all of it is sent */
	bool ended;                 /* the other side sends no more */
	TAILQ_ENTRY(visit) link;
};

struct web {
	struct event_base *base;         /* borrowed */
	struct evconnlistener *listener; /* owned */
	struct event *breath;            /* owned: accept again */
	struct event *turn;              /* owned: the next that waits is answered */
	const struct web_route *routes;  /* borrowed */
	void *arg;                       /* borrowed */
	char *token;                     /* owned; NULL: none */
	char *url;                       /* owned; NULL: none */
	char address[WEB_ADDRESS_SIZE];
	TAILQ_HEAD(visits, visit) visits; /* the oldest first */
	size_t visit_count;
};

/* libevent frees a bufferevent in the next turn of its loop: by then a crowd may have come. */
static void drop_output(struct bufferevent *bufev)
{
	struct evbuffer *output = bufferevent_get_output(bufev);

	(void)evbuffer_unfreeze(output, 1);
	(void)evbuffer_drain(output, evbuffer_get_length(output));
	(void)evbuffer_freeze(output, 1);
}

static void visit_free(struct visit *visit)
{
	drop_output(visit->bufev);
	TAILQ_REMOVE(&visit->web->visits, visit, link);
	visit->web->visit_count--;
	event_free(visit->timer);
	web_request_done(&visit->request);
	bufferevent_free(visit->bufev);
	free(visit);
}

static void be_patient(struct visit *visit, int64_t ms)
{
	const struct timeval patience = {.tv_sec = (time_t)(ms / 1000),
					 .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

	(void)evtimer_add(visit->timer, &patience);
}

/* A timer of our own: the loop looks at a bufferevent's timeout before what there is to read, so after
 * a hold-up it would end those who are still sending. */
static void linger(struct visit *visit)
{
	int64_t left_ms = visit->until_ms - clock_ms();

	if (left_ms > 0)
		be_patient(visit, left_ms < LINGER_MS ? left_ms : LINGER_MS);
}

/* Answers. */

static const struct web_route *find_route(const struct web *web, const char *path)
{
	for (const struct web_route *route = web->routes; route->prefix != NULL; route++) {
		if (route->exact ? strcmp(path, route->prefix) == 0
				 : strncmp(path, route->prefix, strlen(route->prefix)) == 0)
			return route;
	}
	return NULL;
}

static void answer_request(struct web *web, const struct web_request *request,
			   struct web_answer *answer)
{
	const struct web_route *route;
	struct web_ask ask;

	if (request->status != 200) {
		web_answer_refuse(answer, request->status, request->why);
		return;
	}
	if (web->token == NULL && !web_host_fits(request->host, web->address, web->url)) {
		web_answer_refuse(answer, 403,
				  "This name is not known here: set serve.url to the address by "
				  "which you come, or set serve.token.");
		return;
	}
	route = find_route(web, request->path);
	if (web->token != NULL && (route == NULL || !route->open) &&
	    !web_token_fits(web->token, request->authorization)) {
		web_answer_refuse(answer, 401,
				  "A token is needed: as a bearer token, or as the password of "
				  "any user.");
		return;
	}
	if (route == NULL) {
		web_answer_refuse(answer, 404, "There is no such page.");
		return;
	}
	ask = (struct web_ask){.path = request->path,
			       .query = request->query,
			       .accept = request->accept != NULL ? request->accept : ""};
	route->answer(web->arg, &ask, answer);
}

/* Pages that are read slowly, or not at all, are memory: the oldest have to go. */
static void make_room(struct web *web, const struct visit *newest)
{
	struct visit *visit, *next;
	size_t held = 0;

	TAILQ_FOREACH(visit, &web->visits, link)
	{
		held += visit->held;
	}
	for (visit = TAILQ_FIRST(&web->visits); visit != NULL && held > WEB_PENDING_BYTES;
	     visit = next) {
		next = TAILQ_NEXT(visit, link);
		if (visit->held == 0 || visit == newest)
			continue;
		held -= visit->held;
		visit_free(visit);
	}
}

static void answer(struct visit *visit)
{
	const struct web_request *request = &visit->request;
	struct web_answer answer = {.status = 200, .type = "text/html; charset=utf-8"};

	visit->state = VISIT_ANSWERS;
	answer_request(visit->web, request, &answer);
	visit->held = request->head ? 0 : answer.body.len;
	web_answer_write(&answer, request->head, bufferevent_get_output(visit->bufev));
	web_request_done(&visit->request);
	make_room(visit->web, visit);
}

/* Of many who come at once one is answered in each turn of the loop: so drills get their time in between,
 * and one page is on its way, and out of memory, before the next is made. */
static void take_turns(struct web *web)
{
	const struct timeval at_once = {0};

	if (!evtimer_pending(web->turn, NULL))
		(void)evtimer_add(web->turn, &at_once);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct web *web = arg;
	struct visit *visit = TAILQ_FIRST(&web->visits);

	(void)fd;
	(void)what;
	while (visit != NULL && visit->state != VISIT_WAITS)
		visit = TAILQ_NEXT(visit, link);
	if (visit == NULL)
		return;
	answer(visit);
	take_turns(web);
}

/* One visit. */

static void on_read(struct bufferevent *bufev, void *arg)
{
	struct visit *visit = arg;
	struct evbuffer *input = bufferevent_get_input(bufev);
	size_t len = evbuffer_get_length(input);

	if (visit->state == VISIT_ASKS &&
	    web_request_read(&visit->request, (const char *)evbuffer_pullup(input, -1), len)) {
		visit->state = VISIT_WAITS;
		take_turns(visit->web);
	}
	if (visit->state != VISIT_ASKS)
		(void)evbuffer_drain(input, len);
	if (visit->state == VISIT_LINGERS)
		linger(visit);
}

static void on_written(struct bufferevent *bufev, void *arg)
{
	struct visit *visit = arg;

	if (visit->state != VISIT_ANSWERS)
		return;
	if (visit->ended) {
		visit_free(visit);
		return;
	}
	visit->held = 0;
	/* Closing a socket that has something to read would take the answer back (RFC 9112, 9.6). */
	visit->state = VISIT_LINGERS;
	(void)shutdown(bufferevent_getfd(bufev), SHUT_WR);
	linger(visit);
}

static void on_end(struct bufferevent *bufev, short what, void *arg)
{
	struct visit *visit = arg;

	(void)bufev;
	/* Half closed: whoever has asked may still read. */
	if ((what & BEV_EVENT_EOF) != 0 &&
	    (visit->state == VISIT_WAITS || visit->state == VISIT_ANSWERS))
		visit->ended = true;
	else
		visit_free(visit);
}

static void on_late(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	visit_free(arg);
}

/* Whoever has not asked yet has nothing to lose. */
static void let_one_go(struct web *web)
{
	struct visit *visit;

	TAILQ_FOREACH(visit, &web->visits, link)
	{
		if (visit->state == VISIT_ASKS || visit->state == VISIT_LINGERS)
			break;
	}
	visit_free(visit != NULL ? visit : TAILQ_FIRST(&web->visits));
}

static void on_visit(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from,
		     int from_len, void *arg)
{
	struct web *web = arg;
	struct visit *visit = mem_zalloc(sizeof *visit);

	(void)listener;
	(void)from;
	(void)from_len;
	if (web->visit_count == WEB_CONNECTIONS)
		let_one_go(web);
	visit->web = web;
	visit->bufev = bufferevent_socket_new(web->base, fd, BEV_OPT_CLOSE_ON_FREE);
	visit->timer = evtimer_new(web->base, on_late, visit);
	TAILQ_INSERT_TAIL(&web->visits, visit, link);
	web->visit_count++;
	(void)bufferevent_set_max_single_write(visit->bufev, SEND_BYTES);
	bufferevent_setwatermark(visit->bufev, EV_READ, 0, WEB_HEAD_BYTES);
	bufferevent_setcb(visit->bufev, on_read, on_written, on_end, visit);
	(void)bufferevent_enable(visit->bufev, EV_READ | EV_WRITE);
	visit->until_ms = clock_ms() + WEB_TIMEOUT_S * 1000;
	be_patient(visit, WEB_TIMEOUT_S * 1000);
}

/* The server. */

/* No descriptor is left: the listener would call at once again, for ever. */
static void on_trouble(struct evconnlistener *listener, void *arg)
{
	struct web *web = arg;
	const struct timeval breath = {.tv_sec = BREATH_S};

	(void)evconnlistener_disable(listener);
	(void)evtimer_add(web->breath, &breath);
}

static void on_breath(evutil_socket_t fd, short what, void *arg)
{
	struct web *web = arg;

	(void)fd;
	(void)what;
	(void)evconnlistener_enable(web->listener);
}

struct web *web_new(struct event_base *base, const char *address, const char *token,
		    const char *url, const struct web_route *routes, void *arg, struct error *error)
{
	struct web *web = mem_zalloc(sizeof *web);
	bool loopback = false;

	web->base = base;
	web->routes = routes;
	web->arg = arg;
	web->token = mem_dup(token);
	web->url = mem_dup(url);
	TAILQ_INIT(&web->visits);
	web->breath = evtimer_new(base, on_breath, web);
	web->turn = evtimer_new(base, on_turn, web);
	web->listener = web_listen(base, address, on_visit, web, web->address, &loopback, error);
	if (web->listener == NULL) {
		web_free(web);
		return NULL;
	}
	evconnlistener_set_error_cb(web->listener, on_trouble);
	if (!loopback && token == NULL) {
		(void)error_set(error,
				"serve.listen: others can reach %s, so a token is needed: set "
				"serve.token, or listen on 127.0.0.1",
				web->address);
		web_free(web);
		return NULL;
	}
	return web;
}

void web_free(struct web *web)
{
	if (web == NULL)
		return;
	while (!TAILQ_EMPTY(&web->visits))
		visit_free(TAILQ_FIRST(&web->visits));
	if (web->listener != NULL)
		evconnlistener_free(web->listener);
	event_free(web->breath);
	event_free(web->turn);
	if (web->token != NULL)
		explicit_bzero(web->token, strlen(web->token));
	free(web->token);
	free(web->url);
	free(web);
}

const char *web_address(const struct web *web)
{
	return web->address;
}

size_t web_connections(const struct web *web)
{
	return web->visit_count;
}
