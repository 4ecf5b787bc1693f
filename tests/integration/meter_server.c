/* The daemon's web server and meter without the daemon:
 *     meter_server [ADDRESS]          (127.0.0.1:0; FIREDRILL_TOKEN in the environment: its token)
 * says {"url": ...} in one line, serves /metrics, /text, /-/healthy, /-/ready and /large, and takes what happens
 * from its input, a line each, which is answered with "ok"; it ends with it.  Times are in seconds from
 * now, as texts have no blanks:
 *     drill SCENARIO ENVIRONMENT VERDICT ORIGIN LATENCY_MS     (-1: the alert never came)
 *     next SCENARIO ENVIRONMENT SECONDS       (-1: by hand)
 *     past SCENARIO ENVIRONMENT               a drill that passed 30 days ago
 *     fault ENVIRONMENT STATE LEASE_SECONDS   gap SCENARIO ENVIRONMENT SECONDS
 *     halted 0|1   reload 0|1   told PATH 0|1   missed SCENARIO ENVIRONMENT COUNT
 *     read CHAT READS ERRORS */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/program/serve/meter.h"
#include "src/program/serve/meter_parts.h"
#include "src/program/serve/web.h"
#include "tests/reports/make_record.h"

#define WORDS 8
#define MOST  100 /* of each kind */
#define LARGE 4000000

struct server {
	struct event_base *base;
	struct web *web;
	struct meter *meter;
	struct meter_next next[MOST];
	struct meter_fault faults[MOST];
	struct meter_gap gaps[MOST];
	struct meter_now now;
	char *kept[8 * MOST]; /* owned: the names */
	size_t kept_count;
};

static const char *keep(struct server *server, const char *name)
{
	if (server->kept_count == sizeof server->kept / sizeof *server->kept)
		abort();
	return server->kept[server->kept_count++] = mem_dup(name);
}

/* Pages. */

static void answer_metrics(void *arg, const struct web_ask *ask, struct web_answer *answer)
{
	struct server *server = arg;
	bool open_metrics = meter_wants_open_metrics(ask->accept);

	server->now.now_wall_ms = clock_wall_ms();
	answer->type = meter_type(open_metrics);
	meter_write(server->meter, &server->now, open_metrics, &answer->body);
}

/* To those who would rather have OpenMetrics, too. */
static void answer_text(void *arg, const struct web_ask *ask, struct web_answer *answer)
{
	const struct web_ask plain = {.path = ask->path, .query = ask->query, .accept = ""};

	answer_metrics(arg, &plain, answer);
}

static void answer_well(void *arg, const struct web_ask *ask, struct web_answer *answer)
{
	(void)arg;
	(void)ask;
	answer->type = "text/plain; charset=utf-8";
	buf_adds(&answer->body, "well\n");
}

static void answer_large(void *arg, const struct web_ask *ask, struct web_answer *answer)
{
	char *text = mem_zalloc(LARGE);

	(void)arg;
	(void)ask;
	(void)memset(text, 'x', LARGE);
	buf_add(&answer->body, text, LARGE);
	free(text);
}

static const struct web_route routes[] = {
    {"/metrics", .exact = true, .answer = answer_metrics},
    {"/text", .exact = true, .answer = answer_text},
    {"/-/healthy", .exact = true, .open = true, .answer = answer_well},
    {"/-/ready", .exact = true, .open = true, .answer = answer_well},
    {"/large", .exact = true, .answer = answer_large},
    {0},
};

/* What happens. */

static bool add_drill(struct server *server, char **word)
{
	struct made *made = make_running();
	int64_t latency_ms = strtoll(word[5], NULL, 10);
	enum verdict verdict = VERDICT_COUNT;
	enum origin origin = ORIGIN_COUNT;

	for (int i = 0; i < VERDICT_COUNT; i++)
		verdict =
		    strcmp(verdict_name((enum verdict)i), word[3]) == 0 ? (enum verdict)i : verdict;
	for (int i = 0; i < ORIGIN_COUNT; i++)
		origin =
		    strcmp(origin_name((enum origin)i), word[4]) == 0 ? (enum origin)i : origin;
	if (verdict != VERDICT_COUNT && origin != ORIGIN_COUNT) {
		made->scenario.name = word[1];
		made->environment.name = word[2];
		made->record.origin = origin;
		made->record.evidence.expect[0].blind_ms = 250;
		make_over(made, verdict, "made");
		/* As of now, whatever the record was made of. */
		made->record.started_wall_ms = clock_wall_ms();
		for (size_t i = 0; i < PHASE_COUNT; i++)
			made->record.phase_ms[i] = made->record.started_ms;
		(void)make_finding(made, 0, latency_ms < 0 ? FINDING_MISSING : FINDING_DELIVERED,
				   latency_ms, "made");
		made->record.judgement.findings[0].resolved_wanted = latency_ms >= 0;
		made->record.judgement.findings[0].resolved_latency_ms = latency_ms;
		meter_finished(server->meter, &made->record);
	}
	made_free(made);
	return verdict != VERDICT_COUNT && origin != ORIGIN_COUNT;
}

static int64_t wall_ms(const char *seconds)
{
	return clock_wall_ms() + strtoll(seconds, NULL, 10) * 1000;
}

static bool add_next(struct server *server, char **word)
{
	if (server->now.next_count == MOST)
		return false;
	server->next[server->now.next_count++] =
	    (struct meter_next){keep(server, word[1]), keep(server, word[2]),
				strcmp(word[3], "-1") == 0 ? -1 : wall_ms(word[3])};
	return true;
}

static bool add_past(struct server *server, char **word)
{
	struct meter_place *place = meter_place_of(server->meter, word[1], word[2]);

	place->verdict = VERDICT_PASS;
	place->last_wall_ms = place->passed_wall_ms = wall_ms("-2592000");
	return true;
}

static bool add_fault(struct server *server, char **word)
{
	if (server->now.fault_count == MOST)
		return false;
	server->faults[server->now.fault_count++] = (struct meter_fault){
	    "fd-aaaaaaaa", "made", keep(server, word[1]), keep(server, word[2]), wall_ms(word[3])};
	return true;
}

static bool add_gap(struct server *server, char **word)
{
	if (server->now.gap_count == MOST)
		return false;
	server->gaps[server->now.gap_count++] =
	    (struct meter_gap){keep(server, word[1]), keep(server, word[2]), wall_ms(word[3])};
	return true;
}

static bool set_halted(struct server *server, char **word)
{
	server->now.halted = strcmp(word[1], "1") == 0;
	return true;
}

static bool set_reload(struct server *server, char **word)
{
	server->now.reload_failed = strcmp(word[1], "0") == 0;
	return true;
}

static bool add_told(struct server *server, char **word)
{
	meter_told(server->meter, word[1], strcmp(word[2], "1") == 0);
	return true;
}

static bool add_missed(struct server *server, char **word)
{
	meter_missed(server->meter, word[1], word[2], strtoul(word[3], NULL, 10));
	return true;
}

static bool add_read(struct server *server, char **word)
{
	meter_read(server->meter, word[1], strtoull(word[2], NULL, 10),
		   strtoull(word[3], NULL, 10));
	return true;
}

static const struct {
	const char *word;
	size_t words;
	bool (*take)(struct server *server, char **word);
} orders[] = {
    {"drill", 6, add_drill},   {"next", 4, add_next}, {"past", 3, add_past},
    {"fault", 4, add_fault},   {"gap", 4, add_gap},   {"halted", 2, set_halted},
    {"reload", 2, set_reload}, {"told", 3, add_told}, {"missed", 4, add_missed},
    {"read", 4, add_read},
};

static bool take(struct server *server, char *line)
{
	char *word[WORDS] = {NULL};
	size_t count = 0;

	for (char *rest = line, *next; count < WORDS && (next = strsep(&rest, " ")) != NULL;)
		word[count++] = next;
	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		if (strcmp(orders[i].word, word[0]) == 0 && orders[i].words == count)
			return orders[i].take(server, word);
	}
	return false;
}

static void on_input(struct bufferevent *bufev, void *arg)
{
	struct server *server = arg;
	char *line;

	while ((line = evbuffer_readln(bufferevent_get_input(bufev), NULL, EVBUFFER_EOL_LF)) !=
	       NULL) {
		(void)puts(take(server, line) ? "ok" : "what?");
		(void)fflush(stdout);
		free(line);
	}
}

static void on_input_end(struct bufferevent *bufev, short what, void *arg)
{
	struct server *server = arg;

	(void)bufev;
	(void)what;
	(void)event_base_loopbreak(server->base);
}

static void serve(struct server *server)
{
	struct bufferevent *input = bufferevent_socket_new(server->base, 0, 0);

	bufferevent_setcb(input, on_input, NULL, on_input_end, server);
	(void)bufferevent_enable(input, EV_READ);
	(void)printf("{\"url\": \"http://%s\"}\n", web_address(server->web));
	(void)fflush(stdout);
	(void)event_base_dispatch(server->base);
	bufferevent_free(input);
}

int main(int argc, char **argv)
{
	struct server *server = mem_zalloc(sizeof *server);
	struct error error = {""};

	(void)signal(SIGPIPE, SIG_IGN);
	server->base = event_base_new();
	server->meter = meter_new();
	server->now = (struct meter_now){.next = server->next,
					 .faults = server->faults,
					 .gaps = server->gaps,
					 .loaded_wall_ms = clock_wall_ms()};
	server->web = web_new(server->base, argc > 1 ? argv[1] : "127.0.0.1:0",
			      getenv("FIREDRILL_TOKEN"), NULL, routes, server, &error);
	if (server->web != NULL)
		serve(server);
	else
		(void)fprintf(stderr, "%s\n", error.text);
	web_free(server->web);
	meter_free(server->meter);
	event_base_free(server->base);
	for (size_t i = 0; i < server->kept_count; i++)
		free(server->kept[i]);
	free(server);
	return error.text[0] == '\0' ? EXIT_SUCCESS : EXIT_FAILURE;
}
