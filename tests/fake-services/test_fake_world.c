/* The miniature world: what is broken in it is told in the chat, or is not, as its routes say. */
#include <event2/event.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-services/alerting.h"
#include "fake-services/broker.h"
#include "fake-services/chat.h"
#include "fake-services/orders.h"
#include "fake-services/world.h"
#include "src/base/mem.h"
#include "tests/fake-services/ask.h"
#include "tests/support/loop.h"

#define MISSING "orders-fd-k3q9x2m7"

struct with_world {
	struct event_base *base;  /* owned */
	struct fake_world *world; /* owned */
	struct answer *answer;    /* owned; the last one */
	/* what is waited for */
	const char *channel, *text; /* borrowed */
	size_t count;
};

/* A fast world: alerts fire after 40 ms; many ticks must be late before one seems to be over. */
static int setup(void **state)
{
	const struct fake_world_options options = {.tick_ms = 10, .for_ms = 40, .keep_ms = 250};
	struct with_world *with = mem_zalloc(sizeof *with);

	with->base = event_base_new();
	with->world = fake_world_new(with->base, &options, NULL);
	*state = with;
	return with->world != NULL ? 0 : -1;
}

/* The same, in which nothing is over before the test has looked at it. */
static int setup_lasting(void **state)
{
	const struct fake_world_options options = {.tick_ms = 10, .for_ms = 40, .keep_ms = 600000};
	struct with_world *with = mem_zalloc(sizeof *with);

	with->base = event_base_new();
	with->world = fake_world_new(with->base, &options, NULL);
	*state = with;
	return with->world != NULL ? 0 : -1;
}

/* The same, in which nothing that has to pend ever fires. */
static int setup_pending(void **state)
{
	const struct fake_world_options options = {.tick_ms = 10, .for_ms = 600000};
	struct with_world *with = mem_zalloc(sizeof *with);

	with->base = event_base_new();
	with->world = fake_world_new(with->base, &options, NULL);
	*state = with;
	return with->world != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	struct with_world *with = *state;

	answer_free(with->answer);
	fake_world_free(with->world);
	event_base_free(with->base);
	free(with);
	return 0;
}

static struct answer *asked(struct with_world *with, const char *verb, const char *base,
			    const char *path, const char *body)
{
	char *url = mem_printf("%s%s", base, path);

	answer_free(with->answer);
	with->answer = NULL;
	with->answer = ask(with->base, verb, url, "text/plain", NULL, body);
	free(url);
	return with->answer;
}

static void put(struct with_world *with, const struct fake_environment *environment,
		const char *path, const char *value)
{
	assert_int_equal(
	    asked(with, "PUT", fake_orders_url(environment->orders), path, value)->status, 200);
}

static bool is_said(void *arg)
{
	const struct with_world *with = arg;

	return fake_chat_count(with->world->chat, with->channel, with->text) >= with->count;
}

static void wait_for(struct with_world *with, const char *channel, const char *text, size_t count)
{
	with->channel = channel;
	with->text = text;
	with->count = count;
	loop_until_true(with->base, is_said, with);
}

static size_t said(const struct with_world *with, const char *channel, const char *text)
{
	return fake_chat_count(with->world->chat, channel, text);
}

static void a_missing_queue_is_told_in_staging_and_resolved(void **state)
{
	struct with_world *with = *state;
	char *message;

	put(with, &with->world->staging, "/admin/queue", MISSING);
	wait_for(with, "ops-staging", "[FIRING:1] OrdersQueueMissing (" MISSING, 1);
	assert_int_equal(fake_alerting_firing(with->world->staging.alerting, "OrdersQueueMissing"),
			 1);
	put(with, &with->world->staging, "/admin/queue", "orders");
	wait_for(with, "ops-staging", "[RESOLVED] OrdersQueueMissing (" MISSING, 1);
	message = fake_chat_message(with->world->chat, "ops-staging", "FIRING", 0);
	assert_non_null(strstr(message, "\"color\":\"a30200\""));
	assert_non_null(strstr(message, "runbook: <https://"));
	assert_non_null(strstr(message, "\"text\":\"\""));
	free(message);
	message = fake_chat_message(with->world->chat, "ops-staging", "RESOLVED", 0);
	assert_non_null(strstr(message, "\"color\":\"2eb886\""));
	free(message);
	assert_int_equal(said(with, "ops-staging", NULL), 2);
	assert_int_equal(fake_alerting_firing(with->world->staging.alerting, NULL), 0);
}

static bool is_firing(void *arg)
{
	const struct with_world *with = arg;

	return fake_alerting_firing(with->world->production.alerting, with->text) > 0;
}

static void in_production_the_missing_queue_fires_and_is_told_nowhere(void **state)
{
	struct with_world *with = *state;

	put(with, &with->world->production, "/admin/queue", MISSING);
	with->text = "OrdersQueueMissing";
	loop_until_true(with->base, is_firing, with);
	/* A worker that stops afterwards is told: the sentinel. */
	fake_alerting_event(with->world->production.alerting, "worker-fd-sentinel", "exited with 1",
			    "");
	wait_for(with, "ops", "WorkerStopped (worker-fd-sentinel", 1);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(said(with, fake_world_channels[i], MISSING), 0);
	(void)asked(with, "GET", fake_alerting_url(with->world->production.alerting),
		    "/api/v2/alerts", NULL);
	assert_non_null(strstr(with->answer->body, MISSING));
	assert_non_null(strstr(with->answer->body, "\"receivers\":[{\"name\":\"orders-team\"}]"));
}

static void in_production_bad_health_is_told_in_the_wrong_channel(void **state)
{
	struct with_world *with = *state;

	put(with, &with->world->production, "/admin/health", "dead");
	wait_for(with, "general", "[FIRING:1] OrdersHealthDown (production critical)", 1);
	put(with, &with->world->production, "/admin/health", "ok");
	wait_for(with, "general", "[RESOLVED] OrdersHealthDown", 1);
	assert_int_equal(said(with, "ops", NULL), 0);
}

static void each_missing_queue_is_an_alert_of_its_own(void **state)
{
	struct with_world *with = *state;

	fake_alerting_log(with->world->staging.alerting,
			  "level=error msg=\"publish failed\" queue=q-fd-one error=\"x\"\n"
			  "level=info msg=\"publish failed\"\n"
			  "level=error msg=\"publish failed\" queue=q-fd-two");
	put(with, &with->world->staging, "/admin/queue", "q-fd-one");
	wait_for(with, "ops-staging", "[FIRING:1] OrdersQueueMissing (q-fd-one", 1);
	put(with, &with->world->staging, "/admin/queue", "q-fd-two");
	wait_for(with, "ops-staging", "[FIRING:1] OrdersQueueMissing (q-fd-two", 1);
}

static void what_pends_is_told_to_nobody(void **state)
{
	struct with_world *with = *state;

	fake_alerting_log(with->world->staging.alerting,
			  "level=error msg=\"publish failed\" queue=q-fd-one error=\"x\"");
	fake_alerting_event(with->world->staging.alerting, "worker-fd-sentinel", "exited with 1",
			    "");
	wait_for(with, "ops-staging", "WorkerStopped (worker-fd-sentinel", 1);
	assert_int_equal(said(with, "ops-staging", "q-fd-one"), 0);
}

static bool keeps_failing(void *arg)
{
	const struct with_world *with = arg;

	return fake_orders_failures(with->world->staging.orders) >= with->count;
}

/* The machine has no time for the world for longer than a condition is kept. */
static void a_world_that_was_held_up_does_not_resolve_what_is_broken(void **state)
{
	struct with_world *with = *state;

	put(with, &with->world->staging, "/admin/queue", MISSING);
	wait_for(with, "ops-staging", "[FIRING:1] OrdersQueueMissing (" MISSING, 1);
	for (int i = 0; i < 3; i++) {
		(void)poll(NULL, 0, 300);
		with->count = fake_orders_failures(with->world->staging.orders) + 10;
		loop_until_true(with->base, keeps_failing, with);
	}
	put(with, &with->world->staging, "/admin/queue", "orders");
	wait_for(with, "ops-staging", "[RESOLVED] OrdersQueueMissing (" MISSING, 1);
	assert_int_equal(said(with, "ops-staging", NULL), 2);
}

static void the_orders_api_tells_its_state_and_its_counters(void **state)
{
	struct with_world *with = *state;
	const char *url = fake_orders_url(with->world->staging.orders);

	assert_string_equal(asked(with, "GET", url, "/admin/queue", NULL)->body, "orders");
	assert_string_equal(asked(with, "GET", url, "/health", NULL)->body, "ok");
	put(with, &with->world->staging, "/admin/queue", MISSING "\n");
	assert_string_equal(asked(with, "GET", url, "/admin/queue", NULL)->body, MISSING);
	assert_int_equal(asked(with, "POST", url, "/orders", "{}")->status, 502);
	put(with, &with->world->staging, "/admin/health", "dead");
	assert_int_equal(asked(with, "GET", url, "/health", NULL)->status, 503);
	(void)asked(with, "GET", url, "/metrics", NULL);
	assert_non_null(strstr(with->answer->body, "\norders_up 0\n"));
	assert_non_null(
	    strstr(with->answer->body, "orders_publish_failures_total{queue=\"" MISSING "\"} "));
	assert_non_null(strstr(with->answer->body, "\norders_published_total "));
	assert_int_equal(asked(with, "PUT", url, "/admin/queue", "a b")->status, 400);
	assert_int_equal(asked(with, "PUT", url, "/admin/queue", "")->status, 400);
	assert_int_equal(asked(with, "PUT", url, "/admin/health", "fine")->status, 400);
	assert_int_equal(asked(with, "GET", url, "/nothing", NULL)->status, 404);
	put(with, &with->world->staging, "/admin/queue", "orders");
	assert_int_equal(asked(with, "POST", url, "/orders", "{}")->status, 202);
}

static void the_orders_api_can_be_stubborn(void **state)
{
	struct with_world *with = *state;
	struct fake_orders *orders = with->world->staging.orders;
	size_t before = fake_orders_changes(orders);

	*fake_orders_wrong(orders) = (struct fake_orders_wrong){.ignore_put = true, .puts_pass = 1};
	put(with, &with->world->staging, "/admin/queue", "one");
	put(with, &with->world->staging, "/admin/queue", "two");
	assert_string_equal(fake_orders_queue(orders), "one");
	*fake_orders_wrong(orders) = (struct fake_orders_wrong){.put_status = 503};
	assert_int_equal(
	    asked(with, "PUT", fake_orders_url(orders), "/admin/health", "dead")->status, 503);
	assert_true(fake_orders_healthy(orders));
	assert_int_equal(fake_orders_changes(orders) - before, 3);
}

static bool is_put(void *arg)
{
	const struct with_world *with = arg;

	return strcmp(fake_orders_queue(with->world->staging.orders), MISSING) == 0;
}

/* What the queue is while the change is on its way; then it is there. */
static const char *queue_before_change_lands(struct with_world *with, int delay_ms)
{
	struct fake_orders *orders = with->world->staging.orders;
	char *url = mem_printf("%s/admin/queue", fake_orders_url(orders));
	size_t before = fake_orders_asked(orders);
	struct answer *early;

	fake_orders_wrong(orders)->put_delay_ms = delay_ms;
	early = ask_start(with->base, "PUT", url, "text/plain", NULL, MISSING);
	while (fake_orders_asked(orders) == before)
		(void)event_base_loop(with->base, EVLOOP_ONCE);
	answer_free(early);
	free(url);
	return asked(with, "GET", fake_orders_url(orders), "/admin/queue", NULL)->body;
}

/* Whoever asked has gone before the service looks: it is done all the same, and late.  With more time, too: on a busy
 * machine it may be there before we look. */
static void a_change_can_land_after_everyone_has_gone(void **state)
{
	struct with_world *with = *state;
	const char *url = fake_orders_url(with->world->staging.orders);
	int delay_ms = 100;

	while (strcmp(queue_before_change_lands(with, delay_ms), "orders") != 0) {
		delay_ms *= 4;
		assert_true(delay_ms < 30000);
		fake_orders_wrong(with->world->staging.orders)->put_delay_ms = 0;
		put(with, &with->world->staging, "/admin/queue", "orders");
	}
	loop_until_true(with->base, is_put, with);
	assert_string_equal(asked(with, "GET", url, "/admin/queue", NULL)->body, MISSING);
}

static void misbehaviours_are_set_over_http_where_that_is_allowed(void **state)
{
	struct with_world *with = *state;
	const struct fake_orders_options options = {.tick_ms = -1, .control = true};
	struct fake_orders *orders = fake_orders_new(with->base, &options, NULL);
	const char *open = fake_orders_url(orders),
		   *closed = fake_orders_url(with->world->staging.orders);

	assert_int_equal(asked(with, "PUT", closed, "/control/wrong", "{}")->status, 404);
	assert_int_equal(asked(with, "PUT", open, "/control/wrong",
			       "{\"delay_ms\":5,\"put_delay_ms\":6,\"put_status\":503,"
			       "\"puts_pass\":1,\"ignore_put\":true,\"no_logs\":true}")
			     ->status,
			 200);
	assert_int_equal(fake_orders_wrong(orders)->delay_ms, 5);
	assert_int_equal(fake_orders_wrong(orders)->put_delay_ms, 6);
	assert_int_equal(asked(with, "PUT", open, "/admin/queue", "a")->status, 200);
	assert_int_equal(asked(with, "PUT", open, "/admin/queue", "b")->status, 503);
	assert_string_equal(asked(with, "GET", open, "/control/asked", NULL)->body, "2");
	assert_int_equal(asked(with, "PUT", open, "/control/wrong", "{\"none\":1}")->status, 400);
	assert_int_equal(asked(with, "PUT", open, "/control/wrong", "[[")->status, 400);
	assert_int_equal(fake_orders_wrong(orders)->delay_ms, 0);
	fake_orders_free(orders);
}

static void events_and_questions_are_answered_over_http(void **state)
{
	struct with_world *with = *state;
	const char *url = fake_alerting_url(with->world->staging.alerting);

	assert_int_equal(asked(with, "POST", url, "/events",
			       "{\"task\":\"worker-fd-1\",\"status\":\"exited with 1\"}")
			     ->status,
			 202);
	assert_int_equal(asked(with, "POST", url, "/events", "{\"no\":1}")->status, 400);
	assert_int_equal(asked(with, "POST", url, "/events", "]")->status, 400);
	(void)asked(with, "GET", url, "/api/v1/alerts", NULL);
	assert_non_null(strstr(with->answer->body, "\"task\":\"worker-fd-1\""));
	assert_non_null(strstr(with->answer->body, "\"state\":\"firing\""));
	wait_for(with, "ops-staging", "[FIRING:1] WorkerStopped (worker-fd-1 staging critical)", 1);
	(void)asked(with, "GET", url, "/metrics", NULL);
	assert_non_null(strstr(with->answer->body,
			       "alerting_fired_total{alertname=\"WorkerStopped\","
			       "receiver=\"ops-staging\"} 1\n"));
	assert_int_equal(asked(with, "GET", url, "/nothing", NULL)->status, 404);
}

/* Misbehaving alerting, by webhook. */

static void a_dropped_alert_is_fired_and_not_posted(void **state)
{
	struct with_world *with = *state;
	struct fake_alerting *alerting = with->world->staging.alerting;

	fake_alerting_wrong(alerting)->drop_alert = true;
	fake_alerting_event(alerting, "worker-fd-drop", "", "");
	assert_int_equal(fake_alerting_firing(alerting, "WorkerStopped"), 1);
	fake_alerting_wrong(alerting)->drop_alert = false;
	fake_alerting_event(alerting, "worker-fd-sentinel", "", "");
	wait_for(with, "ops-staging", "[FIRING:1] WorkerStopped (worker-fd-sentinel", 1);
	assert_int_equal(said(with, "ops-staging", "[FIRING:1] WorkerStopped (worker-fd-drop"), 0);
}

static void alerts_can_be_doubled_late_garbled_and_elsewhere(void **state)
{
	struct with_world *with = *state;
	struct fake_alerting *alerting = with->world->staging.alerting;
	struct fake_alerting_wrong *wrong = fake_alerting_wrong(alerting);

	*wrong = (struct fake_alerting_wrong){.duplicate = true, .delay_ms = 20};
	fake_alerting_event(alerting, "worker-fd-twice", "", "");
	*wrong = (struct fake_alerting_wrong){.garble = true, .no_resolved = true};
	fake_alerting_event(alerting, "worker-fd-garbled", "", "");
	wait_for(with, "ops-staging", "FIRING:1] WorkerStopped (worker-fd-twice", 2);
	wait_for(with, "ops-staging", "<no value>", 1);
	assert_int_equal(said(with, "ops-staging", "FIRING:1] WorkerStopped (worker-fd-garbled"),
			 1);
	*wrong = (struct fake_alerting_wrong){
	    .wrong_channel = fake_chat_set_webhook(with->world->chat,
						   &(struct fake_webhook){.channel = "drills"})};
	fake_alerting_event(alerting, "worker-fd-far", "", "");
	wait_for(with, "drills", "WorkerStopped (worker-fd-far", 1);
	assert_int_equal(said(with, "ops-staging", "worker-fd-far"), 0);
}

static bool has_failed(void *arg)
{
	return fake_alerting_failed(arg) > 0;
}

static void what_the_chat_refuses_is_not_retried(void **state)
{
	struct with_world *with = *state;
	struct fake_alerting *alerting = with->world->staging.alerting;

	*fake_chat_wrong(with->world->chat) =
	    (struct fake_chat_wrong){.rate_limited = true, .times = 1};
	fake_alerting_event(alerting, "worker-fd-lost", "", "");
	loop_until_true(with->base, has_failed, alerting);
	fake_alerting_event(alerting, "worker-fd-sentinel", "", "");
	wait_for(with, "ops-staging", "FIRING:1] WorkerStopped (worker-fd-sentinel", 1);
	assert_int_equal(said(with, "ops-staging", "FIRING:1] WorkerStopped (worker-fd-lost"), 0);
	assert_int_equal(fake_alerting_failed(alerting), 1);
}

/* What the alerting service tells of itself, for whoever looks for a lost alert. */

#define LINES_PATH        "/loki/api/v1/query_range?limit=10&query="
#define IS_TOLD(text)     assert_non_null(strstr(with->answer->body, (text)))
#define IS_NOT_TOLD(text) assert_null(strstr(with->answer->body, (text)))

static void its_lines_are_those_that_came_in(void **state)
{
	struct with_world *with = *state;
	struct fake_alerting *alerting = with->world->staging.alerting;
	const char *url = fake_alerting_url(alerting);

	fake_alerting_log(alerting, "level=error msg=\"publish failed\" queue=q-fd-one\n"
				    "level=info msg=\"order placed\" order=q-fd-one\n");
	fake_alerting_wrong(alerting)->lose_lines = true;
	fake_alerting_log(alerting, "level=error msg=\"publish failed\" queue=q-fd-two\n");
	fake_alerting_event(alerting, "worker-fd-two", "exited with 1", "");
	fake_alerting_wrong(alerting)->lose_lines = false;
	fake_alerting_event(alerting, "worker-fd-three", "exited with 1", "");
	(void)asked(with, "GET", url, LINES_PATH "%7Blevel%3D%22error%22%7D", NULL);
	IS_TOLD("q-fd-one");
	IS_TOLD("worker-fd-three");
	IS_NOT_TOLD("order placed");
	IS_NOT_TOLD("fd-two");
	(void)asked(with, "GET", url,
		    LINES_PATH "%7Bservice%3D%22tasks%22%7D%20%7C~%20%60fd-%5Ba-z%5D%2B%60", NULL);
	IS_TOLD("worker-fd-three");
	IS_NOT_TOLD("q-fd-one");
	assert_int_equal(
	    asked(with, "GET", url, LINES_PATH "count_over_time(%7B%7D)", NULL)->status, 400);
	assert_int_equal(fake_alerting_firing(alerting, "WorkerStopped"), 1);
}

static void a_rule_that_is_not_loaded_is_not_told_and_never_fires(void **state)
{
	struct with_world *with = *state;
	struct fake_alerting *alerting = with->world->staging.alerting;
	const char *url = fake_alerting_url(alerting);

	(void)asked(with, "GET", url, "/api/v1/rules?type=alert", NULL);
	IS_TOLD("\"name\":\"WorkerStopped\"");
	IS_NOT_TOLD("\"state\":\"firing\"");
	fake_alerting_wrong(alerting)->no_rule = "WorkerStopped";
	fake_alerting_event(alerting, "worker-fd-none", "", "");
	(void)asked(with, "GET", url, "/api/v1/rules?type=alert", NULL);
	IS_NOT_TOLD("WorkerStopped");
	IS_TOLD("\"name\":\"OrdersQueueMissing\"");
	fake_alerting_wrong(alerting)->no_rule = NULL;
	fake_alerting_event(alerting, "worker-fd-sentinel", "", "");
	(void)asked(with, "GET", url, "/api/v1/rules?type=alert", NULL);
	IS_TOLD("worker-fd-sentinel");
	IS_TOLD("\"state\":\"firing\"");
	IS_NOT_TOLD("worker-fd-none");
}

static void what_is_not_sent_to_alertmanager_fires_and_is_not_there(void **state)
{
	struct with_world *with = *state;
	struct fake_alerting *alerting = with->world->staging.alerting;
	const char *url = fake_alerting_url(alerting);

	fake_alerting_wrong(alerting)->no_delivery = true;
	fake_alerting_event(alerting, "worker-fd-untold", "", "");
	fake_alerting_wrong(alerting)->no_delivery = false;
	fake_alerting_event(alerting, "worker-fd-told", "", "");
	(void)asked(with, "GET", url, "/api/v1/alerts", NULL);
	IS_TOLD("worker-fd-untold");
	(void)asked(with, "GET", url, "/api/v2/alerts", NULL);
	IS_TOLD("worker-fd-told");
	IS_NOT_TOLD("worker-fd-untold");
	(void)asked(with, "GET", url, "/metrics", NULL);
	IS_TOLD("\nalertmanager_alerts_received_total{status=\"firing\",version=\"v2\"} 1\n");
	IS_TOLD("\nprometheus_notifications_errors_total{alertmanager=\"");
	wait_for(with, "ops-staging", "[FIRING:1] WorkerStopped (worker-fd-told", 1);
	assert_int_equal(said(with, "ops-staging", "worker-fd-untold"), 0);
}

/* Its counters of posts are those of the chat. */
static void its_counters_are_what_the_chat_has(void **state)
{
	struct with_world *with = *state;
	struct fake_alerting *alerting = with->world->staging.alerting;
	const char *url = fake_alerting_url(alerting);
	char *line;

	*fake_chat_wrong(with->world->chat) =
	    (struct fake_chat_wrong){.rate_limited = true, .times = 1};
	fake_alerting_event(alerting, "worker-fd-lost", "", "");
	loop_until_true(with->base, has_failed, alerting);
	fake_alerting_event(alerting, "worker-fd-sentinel", "", "");
	wait_for(with, "ops-staging", "RESOLVED] WorkerStopped (worker-fd-sentinel", 1);
	while (fake_alerting_posted(alerting) + fake_alerting_failed(alerting) < 4)
		(void)event_base_loop(with->base, EVLOOP_ONCE);
	(void)asked(with, "GET", url, "/metrics", NULL);
	line = mem_printf("\nalertmanager_notification_requests_failed_total{integration=\"slack\","
			  "receiver_name=\"ops-staging\"} 1\n");
	IS_TOLD(line);
	free(line);
	line = mem_printf("\nalertmanager_notification_requests_total{integration=\"slack\","
			  "receiver_name=\"ops-staging\"} %zu\n",
			  said(with, "ops-staging", NULL) + 1);
	IS_TOLD(line);
	free(line);
}

static void its_setup_names_every_receiver_and_what_it_posts_with(void **state)
{
	struct with_world *with = *state;
	const char *url = fake_alerting_url(with->world->production.alerting);

	(void)asked(with, "GET", url, "/api/v2/status", NULL);
	IS_TOLD("- receiver: orders-team\\n    matchers:\\n    - "
		"alertname=\\\"OrdersQueueMissing\\\"\\n");
	IS_TOLD("- name: orders-team\\n- name: ops\\n  slack_configs:\\n");
	IS_TOLD("send_resolved: true");
	IS_NOT_TOLD("/services/");
	fake_alerting_wrong(with->world->production.alerting)->no_resolved = true;
	(void)asked(with, "GET", url, "/api/v2/status", NULL);
	IS_TOLD("send_resolved: false");
	(void)asked(with, "GET", url, "/api/v2/receivers", NULL);
	assert_string_equal(with->answer->body, "[{\"name\":\"orders-team\"},{\"name\":\"ops\"},"
						"{\"name\":\"platform\"}]");
	(void)asked(with, "GET", url, "/api/v1/targets?state=active", NULL);
	IS_TOLD("\"health\":\"up\"");
	(void)asked(with, "GET", url, "/api/v1/alertmanagers", NULL);
	IS_TOLD("\"url\":\"http://127.0.0.1:");
	(void)asked(with, "GET", url, "/api/v2/silences", NULL);
	assert_string_equal(with->answer->body, "[]");
	(void)asked(with, "GET", url, "/api/v1/status/config", NULL);
	IS_TOLD("evaluation_interval: 10ms");
}

static void alerting_can_be_made_to_misbehave_over_http_where_that_is_allowed(void **state)
{
	struct with_world *with = *state;
	const struct fake_alerting_options options = {.control = true};
	struct fake_alerting *alerting = fake_alerting_new(with->base, &options, NULL);
	const char *open = fake_alerting_url(alerting),
		   *closed = fake_alerting_url(with->world->staging.alerting);
	const struct fake_alerting_wrong *wrong = fake_alerting_wrong(alerting);

	assert_int_equal(asked(with, "PUT", closed, "/control/wrong", "{}")->status, 404);
	assert_int_equal(asked(with, "PUT", open, "/control/wrong",
			       "{\"no_rule\":\"WorkerStopped\",\"lose_lines\":true,"
			       "\"no_delivery\":true,\"delay_ms\":7}")
			     ->status,
			 200);
	assert_string_equal(wrong->no_rule, "WorkerStopped");
	assert_true(wrong->lose_lines && wrong->no_delivery && wrong->delay_ms == 7);
	assert_int_equal(asked(with, "PUT", open, "/control/wrong", "{\"duplicate\":true}")->status,
			 200);
	assert_true(wrong->duplicate && !wrong->lose_lines && wrong->no_rule == NULL);
	assert_int_equal(asked(with, "PUT", open, "/control/wrong", "{\"none\":1}")->status, 400);
	assert_int_equal(asked(with, "PUT", open, "/control/wrong", "[[")->status, 400);
	fake_alerting_free(alerting);
}

/* Alerting that posts with a token. */

struct with_token {
	struct with_world with;
	struct fake_chat *chat;         /* owned */
	struct fake_alerting *alerting; /* owned */
};

static bool chat_has(void *arg)
{
	const struct with_token *token = arg;

	return fake_chat_count(token->chat, token->with.channel, token->with.text) >=
	       token->with.count;
}

static void await(struct with_token *token, const char *channel, const char *text)
{
	token->with.channel = channel;
	token->with.text = text;
	token->with.count = 1;
	loop_until_true(token->with.base, chat_has, token);
}

static int setup_token(void **state)
{
	struct with_token *token = mem_zalloc(sizeof *token);
	struct fake_route route = {.receiver = "ops", .token = "xoxb-am", .channel = "#ops"};
	const struct fake_alerting_options options = {
	    .keep_ms = 200, .routes = &route, .route_count = 1};
	char *api;

	token->with.base = event_base_new();
	token->chat = fake_chat_new(token->with.base, NULL, NULL);
	(void)fake_chat_add_channel(token->chat, "ops", FAKE_MEMBER);
	(void)fake_chat_add_channel(token->chat, "general", FAKE_MEMBER);
	fake_chat_set_token(token->chat,
			    &(struct fake_token){.token = "xoxb-am", .name = "Alertmanager"});
	api = mem_printf("%s/api", fake_chat_url(token->chat));
	route.api = api;
	token->alerting = fake_alerting_new(token->with.base, &options, NULL);
	free(api);
	*state = token;
	return token->alerting != NULL ? 0 : -1;
}

static int teardown_token(void **state)
{
	struct with_token *token = *state;

	fake_alerting_free(token->alerting);
	fake_chat_free(token->chat);
	event_base_free(token->with.base);
	free(token);
	return 0;
}

static bool were_posted(void *arg)
{
	return fake_alerting_posted(arg) == 2;
}

static void a_token_posts_firing_and_resolved_as_two_messages(void **state)
{
	struct with_token *token = *state;

	fake_alerting_event(token->alerting, "worker-fd-1", "", "");
	await(token, "ops", "[RESOLVED] WorkerStopped (worker-fd-1");
	assert_int_equal(fake_chat_count(token->chat, "ops", NULL), 2);
	assert_int_equal(fake_chat_count(token->chat, "ops", "bot_profile"), 2);
	loop_until_true(token->with.base, were_posted, token->alerting);
}

static void resolved_can_be_an_edit(void **state)
{
	struct with_token *token = *state;

	fake_alerting_wrong(token->alerting)->resolved_as_edit = true;
	fake_alerting_event(token->alerting, "worker-fd-1", "", "");
	await(token, "ops", "[RESOLVED] WorkerStopped (worker-fd-1");
	assert_int_equal(fake_chat_count(token->chat, "ops", NULL), 1);
	assert_int_equal(fake_chat_count(token->chat, "ops", "\"edited\""), 1);
}

static void resolved_can_be_a_reply(void **state)
{
	struct with_token *token = *state;
	char *reply;

	fake_alerting_wrong(token->alerting)->resolved_as_reply = true;
	fake_alerting_event(token->alerting, "worker-fd-1", "", "");
	await(token, "ops", "[RESOLVED] WorkerStopped (worker-fd-1");
	reply = fake_chat_message(token->chat, "ops", "RESOLVED", 0);
	assert_non_null(strstr(reply, "\"thread_ts\""));
	free(reply);
}

static void a_token_can_post_in_the_wrong_channel_and_be_refused(void **state)
{
	struct with_token *token = *state;

	fake_alerting_wrong(token->alerting)->wrong_channel = "#general";
	fake_alerting_event(token->alerting, "worker-fd-1", "", "");
	await(token, "general", "[FIRING:1] WorkerStopped (worker-fd-1");
	fake_alerting_wrong(token->alerting)->wrong_channel = "#nowhere";
	fake_alerting_event(token->alerting, "worker-fd-2", "", "");
	loop_until_true(token->with.base, has_failed, token->alerting);
	assert_int_equal(fake_chat_count(token->chat, "ops", NULL), 0);
}

/* Mistakes. */

static void what_cannot_be_started_says_why(void **state)
{
	struct with_world *with = *state;
	const struct fake_route route = {.receiver = "x", .webhook = "https://x.example/"};
	const struct fake_alerting_options alerting = {.routes = &route, .route_count = 1};
	const struct fake_orders_options orders = {.address = "192.0.2.1"};
	struct error error = {""};

	assert_null(fake_alerting_new(with->base, &alerting, &error));
	assert_non_null(strstr(error.text, "https://x.example/"));
	assert_null(fake_orders_new(with->base, &orders, &error));
	assert_non_null(strstr(error.text, "192.0.2.1"));
	assert_false(fake_orders_send_logs(with->world->staging.orders, "nonsense", &error));
	assert_non_null(strstr(error.text, "nonsense"));
}

int main(void)
{
#define WORLD(f)   cmocka_unit_test_setup_teardown(f, setup, teardown)
#define LASTING(f) cmocka_unit_test_setup_teardown(f, setup_lasting, teardown)
#define PENDING(f) cmocka_unit_test_setup_teardown(f, setup_pending, teardown)
#define TOKEN(f)   cmocka_unit_test_setup_teardown(f, setup_token, teardown_token)
	const struct CMUnitTest tests[] = {
	    WORLD(a_missing_queue_is_told_in_staging_and_resolved),
	    WORLD(in_production_the_missing_queue_fires_and_is_told_nowhere),
	    WORLD(in_production_bad_health_is_told_in_the_wrong_channel),
	    WORLD(each_missing_queue_is_an_alert_of_its_own),
	    PENDING(what_pends_is_told_to_nobody),
	    WORLD(a_world_that_was_held_up_does_not_resolve_what_is_broken),
	    WORLD(the_orders_api_tells_its_state_and_its_counters),
	    WORLD(the_orders_api_can_be_stubborn),
	    WORLD(a_change_can_land_after_everyone_has_gone),
	    WORLD(misbehaviours_are_set_over_http_where_that_is_allowed),
	    WORLD(events_and_questions_are_answered_over_http),
	    WORLD(a_dropped_alert_is_fired_and_not_posted),
	    WORLD(alerts_can_be_doubled_late_garbled_and_elsewhere),
	    WORLD(what_the_chat_refuses_is_not_retried),
	    LASTING(its_lines_are_those_that_came_in),
	    LASTING(a_rule_that_is_not_loaded_is_not_told_and_never_fires),
	    LASTING(what_is_not_sent_to_alertmanager_fires_and_is_not_there),
	    WORLD(its_counters_are_what_the_chat_has),
	    WORLD(its_setup_names_every_receiver_and_what_it_posts_with),
	    WORLD(alerting_can_be_made_to_misbehave_over_http_where_that_is_allowed),
	    WORLD(what_cannot_be_started_says_why),
	    TOKEN(a_token_posts_firing_and_resolved_as_two_messages),
	    TOKEN(resolved_can_be_an_edit),
	    TOKEN(resolved_can_be_a_reply),
	    TOKEN(a_token_can_post_in_the_wrong_channel_and_be_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
