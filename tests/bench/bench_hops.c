/* What it costs to ask the stations of a pipeline: the requests of one look at each type, and those
 * of N drills that wait on one pipeline and miss their alerts.  usage: bench_hops DRILLS STATE-FILE */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "fake-services/chat.h"
#include "probes/chats/channel.h"
#include "probes/faults/fault.h"
#include "probes/hops/hop.h"
#include "probes/http.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/engine/drill.h"
#include "src/engine/hops.h"
#include "src/store/ledger.h"
#include "src/store/locks.h"

#define TOKEN     "xoxb-bench"
#define POLL_MS   500
#define WITHIN_MS 3000

static const char *const types[] = {"prometheus", "alertmanager", "grafana", "loki", "http-json"};
#define TYPES (sizeof types / sizeof types[0])

/* What a healthy station without any alert says; the first that the path holds counts. */
static const struct {
	const char *path, *body;
} answers[] = {
    {"/loki/", "{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":[]}}"},
    {"/api/v1/rules",
     "{\"status\":\"success\",\"data\":{\"groups\":[{\"name\":\"g\",\"folderUid\":\"f\",\"rules\":"
     "[{\"name\":\"BenchAlert\",\"query\":\"bench > 0\",\"state\":\"inactive\",\"health\":\"ok\","
     "\"type\":\"alerting\",\"alerts\":[]}]}]}}"},
    {"/api/v1/query",
     "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}"},
    {"/api/v1/targets", "{\"status\":\"success\",\"data\":{\"activeTargets\":[]}}"},
    {"/api/v1/alertmanagers", "{\"status\":\"success\",\"data\":{\"activeAlertmanagers\":[]}}"},
    {"/metrics", "bench_total 1\n"},
    {"/status",
     "{\"cluster\":{},\"config\":{\"original\":\"route:\\n  receiver: team\\nreceivers:\\n- name: "
     "team\\n\"},\"uptime\":\"2026-01-01T00:00:00Z\",\"versionInfo\":{\"version\":\"0.25.0\"}}"},
    {"", "[]"},
};

struct bench {
	struct event_base *base;
	struct fake_chat *chat; /* owned */
	struct channels *channels;
	struct hops *hops;
	struct pipeline pipeline;
	size_t asked[TYPES]; /* requests that arrived */
	size_t drills, over, gaps;
};

/* The stations: one server, each type below a path of its own. */

static void on_asked(struct evhttp_request *request, void *arg)
{
	struct bench *bench = arg;
	struct evbuffer *answer = evbuffer_new();
	const char *path = evhttp_request_get_uri(request);
	size_t i = 0;

	for (size_t type = 0; type < TYPES; type++)
		bench->asked[type] += strncmp(path + 1, types[type], strlen(types[type])) == 0;
	while (strstr(path, answers[i].path) == NULL)
		i++;
	(void)evbuffer_add(answer, answers[i].body, strlen(answers[i].body));
	evhttp_send_reply(request, 200, "OK", answer);
	evbuffer_free(answer);
}

static struct evhttp *serve(struct bench *bench, int *ret_port)
{
	struct evhttp *http = evhttp_new(bench->base);
	struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
	struct sockaddr_in address = {0};
	socklen_t len = sizeof address;

	if (bound == NULL ||
	    getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &len) != 0)
		exit(1);
	evhttp_set_gencb(http, on_asked, bench);
	*ret_port = ntohs(address.sin_port);
	return http;
}

static void make_pipeline(struct pipeline *pipeline, int port)
{
	*pipeline = (struct pipeline){.name = mem_dup("main"),
				      .hops = mem_zalloc(TYPES * sizeof *pipeline->hops),
				      .hop_count = TYPES};
	for (size_t i = 0; i < TYPES; i++)
		pipeline->hops[i] = (struct hop_settings){
		    .type = mem_dup(types[i]),
		    .name = mem_dup(types[i]),
		    .url = mem_printf("http://127.0.0.1:%d/%s", port, types[i]),
		    .timeout_ms = 10000,
		    .query = mem_dup(i == 3 ? "{app=\"bench\"}" : ""),
		    .path = mem_dup("[*]"),
		    .station = mem_dup("log")};
}

/* One look at each. */

static void on_observed(void *arg, const struct hop_observation *seen)
{
	struct bench *bench = arg;

	if (seen->json == NULL)
		(void)fprintf(stderr, "bench_hops: %s\n", seen->error);
	(void)event_base_loopbreak(bench->base);
}

static void look_at_each(struct bench *bench, const struct hop_context *context)
{
	for (size_t i = 0; i < TYPES; i++) {
		(void)hop_driver_find(types[i])->observe(context, &bench->pipeline.hops[i],
							 on_observed, bench);
		(void)event_base_dispatch(bench->base);
	}
	(void)printf("{\"look\":{");
	for (size_t i = 0; i < TYPES; i++)
		(void)printf("%s\"%s\":%zu", i > 0 ? "," : "", types[i], bench->asked[i]);
	(void)printf("},");
	memset(bench->asked, 0, sizeof bench->asked);
}

/* The drills. */

static struct channels *on_chat(void *arg, const char *name, struct error *error)
{
	struct bench *bench = arg;

	(void)name;
	(void)error;
	return bench->channels;
}

static void on_write(void *arg, const struct drill_record *record, struct chat_post *ret_post)
{
	(void)arg;
	*ret_post = (struct chat_post){.mark = record->id, .headline = "bench"};
}

static bool on_details(void *arg, const struct drill_record *record, struct chat_post *ret_post)
{
	(void)arg;
	(void)record;
	(void)ret_post;
	return false;
}

static bool on_hold(void *arg, const struct drill_record *record, int64_t lease_wall_ms,
		    struct error *error)
{
	(void)arg;
	(void)record;
	(void)lease_wall_ms;
	(void)error;
	return true;
}

static void on_record(void *arg, const struct drill_record *record)
{
	(void)arg;
	(void)record;
}

static void on_done(void *arg, struct drill *drill)
{
	struct bench *bench = arg;

	bench->gaps += drill_record(drill)->judgement.verdict == VERDICT_GAP;
	if (++bench->over == bench->drills)
		(void)event_base_loopbreak(bench->base);
}

static void run(struct bench *bench, const struct drill_world *world)
{
	char *match[] = {mem_dup("BenchAlert"), mem_dup("${drill}")};
	struct expectation expect = {.alert = mem_dup("BenchAlert"),
				     .chat = mem_dup("slack"),
				     .channel = mem_dup("#ops"),
				     .match = {.list = match, .count = 2},
				     .within_ms = WITHIN_MS,
				     .grace_ms = 1000};
	struct placement placement = {0};
	struct scenario scenario = {.name = mem_dup("bench"),
				    .summary = mem_dup("waits"),
				    .fault = {.hold_at_most_ms = 7200000},
				    .expect = &expect,
				    .expect_count = 1,
				    .in = &placement,
				    .in_count = 1};
	const struct drill_options options = {0};
	struct drill **drills = mem_zalloc(bench->drills * sizeof(struct drill *));
	struct error error = {""};
	size_t total = 0;

	for (size_t i = 0; i < bench->drills; i++) {
		const struct environment *environment = &world->config->environments[i];

		placement.environment = environment->name;
		drills[i] = drill_new(world, &scenario, environment, &options, &error);
		if (drills[i] == NULL) {
			(void)fprintf(stderr, "bench_hops: %s\n", error.text);
			exit(1);
		}
		drill_start(drills[i], on_done, bench);
	}
	(void)event_base_dispatch(bench->base);
	(void)printf("\"drills\":%zu,\"gaps\":%zu,\"asked\":{", bench->drills, bench->gaps);
	for (size_t i = 0; i < TYPES; i++) {
		(void)printf("%s\"%s\":%zu", i > 0 ? "," : "", types[i], bench->asked[i]);
		total += bench->asked[i];
	}
	(void)printf("},\"total\":%zu}\n", total);
	for (size_t i = 0; i < bench->drills; i++)
		drill_free(drills[i]);
	free(drills);
}

/* One environment for each: there is one drill at a time in an environment. */
static void make_config(struct config *config, struct bench *bench)
{
	config->pipelines = &bench->pipeline;
	config->pipeline_count = 1;
	config->environments = mem_zalloc(bench->drills * sizeof *config->environments);
	config->environment_count = bench->drills;
	for (size_t i = 0; i < bench->drills; i++)
		config->environments[i] = (struct environment){.name = mem_printf("bench-%zu", i),
							       .effect_limit = EFFECT_MUTATION,
							       .pipeline = mem_dup("main")};
}

int main(int argc, char **argv)
{
	struct bench bench = {.drills = argc == 3 ? strtoul(argv[1], NULL, 10) : 0};
	struct config config = {0};
	struct chat_settings settings = {.name = mem_dup("slack"),
					 .type = mem_dup("slack"),
					 .token = mem_dup("env:BENCH_TOKEN"),
					 .poll_ms = POLL_MS,
					 .timeout_ms = 10000,
					 .patience_ms = 600000};
	struct fault_context faults = {0};
	struct drill_world world = {.config = &config,
				    .faults = &faults,
				    .chat = on_chat,
				    .write_post = on_write,
				    .write_details = on_details,
				    .hold = on_hold,
				    .release = on_record,
				    .changed = on_record,
				    .arg = &bench};
	struct hop_context stations;
	struct error error = {""};
	struct evhttp *server;
	struct chat *slack;
	int port;

	if (bench.drills == 0)
		return 2;
	faults.base = world.base = bench.base = event_base_new();
	server = serve(&bench, &port);
	make_pipeline(&bench.pipeline, port);
	make_config(&config, &bench);
	bench.chat = fake_chat_new(bench.base, &(struct fake_chat_options){.token = TOKEN}, &error);
	(void)fake_chat_add_channel(bench.chat, "ops", FAKE_MEMBER);
	(void)setenv("BENCH_TOKEN", TOKEN, 1);
	settings.url = mem_printf("%s/api", fake_chat_url(bench.chat));
	config.chats = &settings;
	config.chat_count = 1;
	faults.http = http_new(bench.base);
	faults.secrets = world.secrets = secrets_new();
	stations = (struct hop_context){bench.base, faults.http, faults.secrets};
	world.hops = bench.hops = hops_new(&stations, hop_driver_find);
	world.ledger = ledger_open(argv[2], &error);
	world.locks = locks_open(argv[2], &error);
	slack = chat_slack.open(&settings, faults.http, faults.secrets, &error);
	if (world.ledger == NULL || world.locks == NULL || slack == NULL) {
		(void)fprintf(stderr, "bench_hops: %s\n", error.text);
		return 1;
	}
	bench.channels = channels_new(bench.base, &chat_slack, slack, POLL_MS);
	look_at_each(&bench, &stations);
	run(&bench, &world);
	channels_free(bench.channels);
	hops_free(bench.hops);
	chat_slack.close(slack);
	http_free(faults.http);
	fake_chat_free(bench.chat);
	evhttp_free(server);
	event_base_free(bench.base);
	ledger_close(world.ledger);
	locks_close(world.locks);
	secrets_free(faults.secrets);
	return bench.gaps == bench.drills ? 0 : 1;
}
