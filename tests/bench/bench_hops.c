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
#include "probes/hops/hop.h"
#include "src/base/mem.h"
#include "src/engine/hops.h"
#include "tests/bench/bench_drills.h"

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
	struct bench_drills drills;
	struct pipeline pipeline;
	size_t asked[TYPES]; /* requests that arrived */
	size_t over, gaps;
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
	struct evhttp *http = evhttp_new(bench->drills.base);
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
	(void)event_base_loopbreak(bench->drills.base);
}

/* "{"prometheus":5,...}"; returns how many they are together. */
static size_t print_asked(const struct bench *bench)
{
	size_t total = 0;

	for (size_t i = 0; i < TYPES; i++) {
		(void)printf("%s\"%s\":%zu", i > 0 ? "," : "{", types[i], bench->asked[i]);
		total += bench->asked[i];
	}
	(void)printf("}");
	return total;
}

static void look_at_each(struct bench *bench, const struct hop_context *context)
{
	for (size_t i = 0; i < TYPES; i++) {
		(void)hop_driver_find(types[i])->observe(context, &bench->pipeline.hops[i],
							 on_observed, bench);
		(void)event_base_dispatch(bench->drills.base);
	}
	(void)printf("{\"look\":");
	(void)print_asked(bench);
	memset(bench->asked, 0, sizeof bench->asked);
}

/* The drills. */

static void on_done(void *arg, struct drill *drill)
{
	struct bench *bench = arg;

	bench->gaps += drill_record(drill)->judgement.verdict == VERDICT_GAP;
	if (++bench->over == bench->drills.count)
		(void)event_base_loopbreak(bench->drills.base);
}

static void run(struct bench *bench)
{
	size_t total;

	bench_drills_start(&bench->drills);
	(void)event_base_dispatch(bench->drills.base);
	(void)printf(",\"drills\":%zu,\"gaps\":%zu,\"asked\":", bench->drills.count, bench->gaps);
	total = print_asked(bench);
	(void)printf(",\"total\":%zu}\n", total);
}

int main(int argc, char **argv)
{
	struct bench bench = {0};
	struct bench_drills *drills = &bench.drills;
	struct hop_context stations;
	struct error error = {""};
	struct evhttp *server;
	struct fake_chat *chat;
	int port;

	if (argc != 3 || strtoul(argv[1], NULL, 10) == 0)
		return 2;
	*drills = (struct bench_drills){.base = event_base_new(),
					.token = TOKEN,
					.state = argv[2],
					.poll_ms = POLL_MS,
					.within_ms = WITHIN_MS,
					.pipeline = &bench.pipeline,
					.count = strtoul(argv[1], NULL, 10),
					.done = on_done,
					.arg = &bench};
	server = serve(&bench, &port);
	make_pipeline(&bench.pipeline, port);
	chat = fake_chat_new(drills->base, &(struct fake_chat_options){.token = TOKEN}, &error);
	(void)fake_chat_add_channel(chat, "ops", FAKE_MEMBER);
	drills->chat = fake_chat_url(chat);
	bench_drills_open(drills);
	stations = (struct hop_context){drills->base, drills->faults.http, drills->faults.secrets};
	drills->world.hops = hops_new(&stations, hop_driver_find);
	look_at_each(&bench, &stations);
	run(&bench);
	bench_drills_close(drills);
	hops_free(drills->world.hops);
	fake_chat_free(chat);
	evhttp_free(server);
	event_base_free(drills->base);
	return bench.gaps == drills->count ? 0 : 1;
}
