/* The fixture of hop tests. */
#include "tests/hops/stand.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "probes/http.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "tests/support/loop.h"

static const char *const needles[] = {"OrdersQueueMissing", STAND_DRILL};

static const struct stand_answer *answer_for(const struct stand *stand, const char *path)
{
	for (size_t i = 0; i < stand->answer_count; i++) {
		const struct stand_answer *answer = &stand->answers[i];

		if (strncmp(answer->path, path, strlen(answer->path)) == 0)
			return answer;
	}
	return NULL;
}

static void on_request(struct evhttp_request *request, void *arg)
{
	struct stand *stand = arg;
	const char *path = evhttp_request_get_uri(request);
	const char *authorization =
	    evhttp_find_header(evhttp_request_get_input_headers(request), "Authorization");
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	const struct stand_answer *answer = answer_for(stand, path);
	struct evbuffer *body = evhttp_request_get_input_buffer(request);
	ev_ssize_t len = evbuffer_copyout(body, stand->posted, sizeof stand->posted - 1);

	stand->posted[len > 0 ? len : 0] = '\0';
	(void)snprintf(stand->asked[stand->asked_count++ % 16], sizeof stand->asked[0], "%s", path);
	(void)snprintf(stand->authorization, sizeof stand->authorization, "%s",
		       authorization != NULL ? authorization : "");
	if (answer == NULL) {
		evhttp_send_reply(request, 404, "Not Found", NULL);
		return;
	}
	if (answer->hangs)
		return;
	if (answer->date != NULL)
		(void)evhttp_add_header(headers, "Date", answer->date);
	(void)evhttp_add_header(headers, "Content-Type", "application/json");
	(void)evbuffer_add(evhttp_request_get_output_buffer(request), answer->body,
			   strlen(answer->body));
	evhttp_send_reply(request, answer->status, "Whatever", NULL);
}

int stand_setup(void **state)
{
	struct stand *stand = mem_zalloc(sizeof *stand);
	struct evhttp_bound_socket *socket;
	struct sockaddr_in address = {0};
	socklen_t size = sizeof address;

	(void)signal(SIGPIPE, SIG_IGN); /* as the program does: others may close while we write */
	stand->base = event_base_new();
	stand->server = evhttp_new(stand->base);
	socket = evhttp_bind_socket_with_handle(stand->server, "127.0.0.1", 0);
	assert_non_null(socket);
	assert_int_equal(
	    getsockname(evhttp_bound_socket_get_fd(socket), (struct sockaddr *)&address, &size), 0);
	(void)snprintf(stand->url, sizeof stand->url, "http://127.0.0.1:%d",
		       ntohs(address.sin_port));
	evhttp_set_gencb(stand->server, on_request, stand);
	stand->http = http_new(stand->base);
	stand->context = (struct hop_context){stand->base, stand->http, secrets_new()};
	stand->settings = (struct hop_settings){
	    .name = stand_words("station"), .url = stand->url, .timeout_ms = 45000};
	stand->want = (struct hop_want){.drill = STAND_DRILL,
					.alert = needles[0],
					.needles = needles,
					.needle_count = 2,
					.has_nonce = true,
					.injected_wall_ms = clock_wall_ms() - 30000,
					.deadline_wall_ms = clock_wall_ms()};
	*state = stand;
	return 0;
}

static void forget(struct stand *stand, enum hop_time time)
{
	free(stand_words(stand->observed[time].json));
	free(stand_words(stand->observed[time].error));
}

int stand_teardown(void **state)
{
	struct stand *stand = *state;

	http_free(stand->http);
	evhttp_free(stand->server);
	event_base_free(stand->base);
	secrets_free(stand->context.secrets);
	for (size_t i = 0; i < stand->answer_count; i++)
		free(stand->answers[i].body);
	for (int i = 0; i < HOP_TIME_COUNT; i++)
		forget(stand, (enum hop_time)i);
	free(stand);
	return 0;
}

char *stand_words(const char *text)
{
	return (char *)(uintptr_t)text;
}

struct stand_answer *stand_answers(struct stand *stand, const char *path, const char *format, ...)
{
	struct stand_answer *answer = stand->answers;
	va_list args;

	while (answer < stand->answers + stand->answer_count && strcmp(answer->path, path) != 0)
		answer++;
	if (answer == stand->answers + stand->answer_count)
		stand->answer_count++;
	free(answer->body);
	*answer = (struct stand_answer){.path = path, .status = 200};
	va_start(args, format);
	assert_true(vasprintf(&answer->body, format, args) >= 0);
	va_end(args);
	return answer;
}

const char *stand_time(struct stand *stand, int64_t after_ms)
{
	char *text = stand->times[stand->time_count++ % STAND_TIMES];

	clock_rfc3339(stand->want.injected_wall_ms + after_ms, text, sizeof stand->times[0]);
	return text;
}

struct observing {
	struct stand *stand;
	enum hop_time time;
	bool done;
	size_t times;
};

static void on_observed(void *arg, const struct hop_observation *observation)
{
	struct observing *observing = arg;
	struct hop_observation *kept = &observing->stand->observed[observing->time];

	*kept = *observation;
	kept->json = mem_dup(observation->json);
	kept->error = mem_dup(observation->error);
	observing->done = true;
	observing->times++;
}

void stand_observe(struct stand *stand, const struct hop_driver *driver, enum hop_time time)
{
	struct observing observing = {.stand = stand, .time = time};

	forget(stand, time);
	stand->settings.type = stand_words(driver->type);
	assert_non_null(
	    driver->observe(&stand->context, &stand->settings, on_observed, &observing));
	assert_false(observing.done); /* never from inside observe */
	loop_until(stand->base, &observing.done);
	assert_int_equal(observing.times, 1);
	assert_int_equal(stand->observed[time].json == NULL, stand->observed[time].error != NULL);
	if (stand->observed[time].json != NULL)
		assert_true(strlen(stand->observed[time].json) < HOP_OBSERVATION_MAX);
	stand->made[time] = true;
}

static void on_finding(void *arg, const struct hop_finding *finding)
{
	struct stand *stand = arg;
	struct stand_finding *kept = &stand->findings[stand->finding_count % STAND_FINDINGS];

	stand->finding_count++;
	kept->hop = finding->hop;
	kept->state = finding->state;
	kept->about = finding->about;
	kept->count = finding->count;
	kept->at_wall_ms = finding->at_wall_ms;
	(void)snprintf(kept->name, sizeof kept->name, "%s", finding->name);
	(void)snprintf(kept->evidence, sizeof kept->evidence, "%s", finding->evidence);
	(void)snprintf(kept->cause, sizeof kept->cause, "%s",
		       finding->cause != NULL ? finding->cause : "");
	(void)snprintf(kept->advice, sizeof kept->advice, "%s",
		       finding->advice != NULL ? finding->advice : "");
}

void stand_explain(struct stand *stand, const struct hop_driver *driver)
{
	const struct hop_observation *observations[HOP_TIME_COUNT];

	for (int i = 0; i < HOP_TIME_COUNT; i++)
		observations[i] = stand->made[i] ? &stand->observed[i] : NULL;
	stand->finding_count = 0;
	stand->settings.type = stand_words(driver->type);
	driver->explain(&stand->settings, &stand->want, observations, on_finding, stand);
}

void stand_says(const struct stand *stand, size_t finding, enum hop hop, enum hop_state state,
		const char *evidence, const char *cause)
{
	const struct stand_finding *found = &stand->findings[finding];

	assert_true(finding < stand->finding_count);
	assert_string_equal(found->name, "station");
	if (found->hop != hop || found->state != state ||
	    (evidence != NULL && strstr(found->evidence, evidence) == NULL) ||
	    (cause != NULL && strstr(found->cause, cause) == NULL))
		fail_msg("%s %s: %s (cause: %s)\nwanted %s %s: %s (cause: %s)",
			 hop_name(found->hop), hop_state_name(found->state), found->evidence,
			 found->cause, hop_name(hop), hop_state_name(state), evidence, cause);
	assert_true(found->evidence[0] != '\0');
	assert_int_equal(found->cause[0] == '\0', found->advice[0] == '\0');
}
