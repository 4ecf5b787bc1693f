/* The canaries: what the monitor sees, how they break and heal, and who may not disturb them. */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "probes/http.h"
#include "src/base/mem.h"
#include "tests/faults/world.h"
#include "tests/support/loop.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))
#define OTHER_DRILL  "fd-aaaaaaa1"

struct drill {
	struct world world;
	struct fault fault;
	char *recipe; /* owned */
	struct ended ended;
};

static int set_up(void **state)
{
	struct drill *drill = mem_zalloc(sizeof *drill);

	world_start(&drill->world, DRILL);
	drill->fault.via = VIA_CANARY;
	drill->fault.canary = (struct canary_fault){
	    .name = "orders", .mode = CANARY_STATUS, .status = 503, .polled_within_ms = 45000};
	*state = drill;
	return 0;
}

static int tear_down(void **state)
{
	struct drill *drill = *state;

	ended_done(&drill->ended);
	free(drill->recipe);
	world_stop(&drill->world);
	free(drill);
	return 0;
}

static void plan(struct drill *drill)
{
	free(drill->recipe);
	drill->recipe = world_plan(&drill->world, &fault_canary, &drill->fault);
}

static enum fault_outcome run(struct drill *drill, fault_start_fn *step)
{
	return world_step(&drill->world, step, drill->recipe, &drill->ended);
}

static bool says(const struct drill *drill, const char *text)
{
	return strstr(drill->ended.text, text) != NULL;
}

static bool monitor_is_happy(void *arg)
{
	return world_monitor_saw(arg) == 200;
}

struct monitored {
	const struct world *world;
	int saw;
};

static bool monitor_saw(void *arg)
{
	const struct monitored *monitored = arg;

	return world_monitor_saw(monitored->world) == monitored->saw;
}

/* One request of a test's own, on a connection of its own. */
struct answer {
	bool done;
	enum http_result result;
	int status;
	char body[512];
};

static void on_answer(void *arg, const struct http_reply *reply)
{
	struct answer *answer = arg;

	answer->done = true;
	answer->result = reply->result;
	answer->status = reply->status;
	(void)snprintf(answer->body, sizeof answer->body, "%s", reply->body);
}

static struct answer ask(struct drill *drill, const char *method, const char *path)
{
	char *url = mem_printf("%s%s", canary_host_url(drill->world.canaries), path);
	struct answer answer = {0};

	(void)http_start(drill->world.http,
			 &(struct http_ask){.method = method, .url = url, .timeout_ms = 45000},
			 on_answer, &answer);
	loop_until(drill->world.base, &answer.done);
	free(url);
	return answer;
}

static void every_name_is_healthy(void **state)
{
	static const char too_long[] = "/canary/0123456789012345678901234567890123456789012345678"
				       "901234567890123/health";
	static const char *const good[] = {"/canary/orders/health", "/canary/a/health",
					   "/canary/orders-v2/health?check=1"};
	static const char *const bad[] = {"/",
					  "/canary/orders",
					  "/canary/orders/healthy",
					  "/canary/Orders/health",
					  "/canary//health",
					  "/canary/a.b/health",
					  too_long};
	struct drill *drill = *state;
	struct answer answer;

	for (size_t i = 0; i < LENGTH(good); i++)
		assert_int_equal(ask(drill, NULL, good[i]).status, 200);
	for (size_t i = 0; i < LENGTH(bad); i++)
		assert_int_equal(ask(drill, NULL, bad[i]).status, 404);
	assert_int_equal(ask(drill, "POST", good[0]).status, 404);
	answer = ask(drill, NULL, good[0]);
	assert_string_equal(answer.body, "# firedrill canary orders is healthy\n");
}

static void capture_waits_for_the_monitor(void **state)
{
	struct drill *drill = *state;

	plan(drill);
	world_monitor(&drill->world, "orders");
	assert_int_equal(canary_host_polls(drill->world.canaries, "orders").healthy, 0);
	assert_int_equal(run(drill, fault_canary.capture), FAULT_YES);
	assert_non_null(drill->ended.recipe);
	assert_non_null(strstr(drill->ended.recipe, canary_host_url(drill->world.canaries)));
}

static void without_a_monitor_nothing_is_broken_and_the_reason_is_told(void **state)
{
	struct drill *drill = *state;

	drill->fault.canary.polled_within_ms = 100;
	plan(drill);
	assert_int_equal(run(drill, fault_canary.confirm), FAULT_YES); /* our look is no poll */
	assert_int_equal(canary_host_polls(drill->world.canaries, "orders").healthy, 0);
	assert_int_equal(run(drill, fault_canary.capture), FAULT_NO);
	assert_true(says(drill, "/canary/orders/health"));
	assert_true(says(drill, "let the monitor poll it"));
}

static void a_poll_of_long_ago_does_not_count(void **state)
{
	struct drill *drill = *state;

	drill->fault.canary.polled_within_ms = 60;
	plan(drill);
	assert_int_equal(ask(drill, NULL, "/canary/orders/health").status, 200);
	world_wait(&drill->world, 100);
	assert_int_equal(run(drill, fault_canary.capture), FAULT_NO);
}

/* The whole story in one mode; `saw` is what the monitor gets meanwhile. */
static void tell_story(struct drill *drill, int saw)
{
	plan(drill);
	world_monitor(&drill->world, "orders");
	assert_int_equal(run(drill, fault_canary.capture), FAULT_YES);
	assert_int_equal(run(drill, fault_canary.inject), FAULT_YES);
	assert_int_equal(run(drill, fault_canary.witness), FAULT_YES);
	world_until(&drill->world, monitor_saw, &(struct monitored){&drill->world, saw});
	assert_int_equal(run(drill, fault_canary.confirm), FAULT_NO);
	assert_int_equal(run(drill, fault_canary.revert), FAULT_YES);
	assert_int_equal(run(drill, fault_canary.confirm), FAULT_YES);
	world_until(&drill->world, monitor_is_happy, &drill->world);
}

static void a_bad_status_is_seen_until_it_is_healed(void **state)
{
	tell_story(*state, 503);
}

static void a_refused_connection_is_seen_until_it_is_healed(void **state)
{
	struct drill *drill = *state;

	drill->fault.canary.mode = CANARY_REFUSED;
	tell_story(drill, 0);
}

static void a_hanging_answer_is_seen_until_it_is_healed(void **state)
{
	struct drill *drill = *state;

	drill->fault.canary.mode = CANARY_HANG;
	tell_story(drill, 0);
}

static void a_slow_answer_comes_late(void **state)
{
	struct drill *drill = *state;
	struct answer answer;

	drill->fault.canary.mode = CANARY_SLOW;
	drill->fault.canary.delay_ms = 300; /* the monitor gives up after 200 ms */
	tell_story(drill, 0);
	assert_int_equal(run(drill, fault_canary.inject), FAULT_YES);
	answer = ask(drill, NULL, "/canary/orders/health");
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "slow on purpose"));
}

static void a_wrong_body_comes_with_status_200(void **state)
{
	struct drill *drill = *state;

	drill->fault.canary.mode = CANARY_BODY;
	drill->fault.canary.body = "database: down";
	tell_story(drill, 200);
	assert_int_equal(run(drill, fault_canary.inject), FAULT_YES);
	assert_string_equal(ask(drill, NULL, "/canary/orders/health").body, "database: down");
}

static void a_broken_canary_names_its_drill(void **state)
{
	struct drill *drill = *state;

	plan(drill);
	assert_int_equal(run(drill, fault_canary.inject), FAULT_YES);
	assert_non_null(strstr(ask(drill, NULL, "/canary/orders/health").body, DRILL));
	assert_int_equal(ask(drill, NULL, "/canary/billing/health").status, 200);
}

static void a_status_without_a_body_is_still_an_answer(void **state)
{
	struct drill *drill = *state;

	drill->fault.canary.status = 304;
	plan(drill);
	assert_int_equal(run(drill, fault_canary.inject), FAULT_YES);
	assert_int_equal(ask(drill, NULL, "/canary/orders/health").status, 304);
}

static void a_fault_that_the_monitor_never_met_does_not_bite(void **state)
{
	struct drill *drill = *state;

	drill->fault.canary.polled_within_ms = 100;
	plan(drill);
	assert_int_equal(run(drill, fault_canary.witness), FAULT_NO);
	assert_true(says(drill, "not broken"));
	assert_int_equal(run(drill, fault_canary.inject), FAULT_YES);
	assert_int_equal(run(drill, fault_canary.witness), FAULT_NO);
	assert_true(says(drill, "did not poll"));
}

/* While connections are refused, nobody else may be given the port. */
static void a_refusing_canary_keeps_its_port(void **state)
{
	struct drill *drill = *state;
	struct sockaddr_in address = {.sin_family = AF_INET};
	int thief = socket(AF_INET, SOCK_STREAM, 0);

	drill->fault.canary.mode = CANARY_REFUSED;
	plan(drill);
	assert_int_equal(run(drill, fault_canary.inject), FAULT_YES);
	address.sin_port = htons(canary_host_port(drill->world.canaries));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(thief, (struct sockaddr *)&address, sizeof address), -1);
	assert_int_equal(close(thief), 0);
	assert_int_equal(run(drill, fault_canary.revert), FAULT_YES);
	assert_int_equal(ask(drill, NULL, "/canary/orders/health").status, 200);
}

static void two_drills_do_not_break_one_canary(void **state)
{
	struct drill *drill = *state;
	struct canary_answer status = {.mode = CANARY_STATUS, .status = 500},
			     refused = {.mode = CANARY_REFUSED};
	struct canary_host *host = drill->world.canaries;
	struct error error;

	plan(drill);
	assert_true(canary_host_break(host, "orders", OTHER_DRILL, &status, &error));
	assert_int_equal(run(drill, fault_canary.inject), FAULT_NO);
	assert_true(says(drill, OTHER_DRILL));
	assert_int_equal(run(drill, fault_canary.revert), FAULT_YES);
	assert_string_equal(canary_host_breaker(host, "orders"), OTHER_DRILL);
	assert_int_equal(run(drill, fault_canary.confirm), FAULT_YES);
	assert_true(says(drill, OTHER_DRILL));
	assert_false(canary_host_break(host, "billing", DRILL, &refused, &error));
	assert_true(canary_host_break(host, "billing", DRILL, &status, &error));
	assert_true(canary_host_heal(host, "billing", DRILL, &error));
	assert_true(canary_host_heal(host, "orders", OTHER_DRILL, &error));
	assert_true(canary_host_break(host, "billing", OTHER_DRILL, &refused, &error));
	assert_int_equal(run(drill, fault_canary.inject), FAULT_NO);
	assert_true(says(drill, OTHER_DRILL));
}

static void a_new_life_finds_its_canaries_healthy(void **state)
{
	struct drill *drill = *state;

	plan(drill);
	assert_int_equal(run(drill, fault_canary.inject), FAULT_YES);
	world_restart(&drill->world, true);
	assert_int_equal(run(drill, fault_canary.revert), FAULT_YES);
	assert_int_equal(run(drill, fault_canary.confirm), FAULT_YES);
	assert_true(says(drill, "answered 200"));
}

/* Another process may host the same canary still: then its answer is what counts. */
static void without_a_host_the_page_itself_is_asked(void **state)
{
	struct drill *drill = *state;
	struct canary_answer status = {.mode = CANARY_STATUS, .status = 500};
	struct fault_context alone;
	struct canary_host *host;
	struct error error;

	world_monitor(&drill->world, "orders");
	plan(drill);
	assert_int_equal(run(drill, fault_canary.capture), FAULT_YES);
	free(drill->recipe);
	drill->recipe = mem_dup(drill->ended.recipe);
	host = drill->world.canaries;
	alone = drill->world.context;
	drill->world.context.canaries = NULL;
	assert_true(canary_host_break(host, "orders", DRILL, &status, &error));
	assert_int_equal(run(drill, fault_canary.confirm), FAULT_NO);
	assert_true(canary_host_heal(host, "orders", DRILL, &error));
	assert_int_equal(run(drill, fault_canary.confirm), FAULT_YES);
	drill->world.context = alone;
}

static void without_a_host_nothing_is_put_in(void **state)
{
	struct drill *drill = *state;

	plan(drill);
	world_restart(&drill->world, false);
	assert_int_equal(run(drill, fault_canary.capture), FAULT_NO);
	assert_true(says(drill, "canary.listen"));
	assert_int_equal(run(drill, fault_canary.inject), FAULT_NO);
	assert_int_equal(run(drill, fault_canary.witness), FAULT_NO);
	assert_int_equal(run(drill, fault_canary.revert), FAULT_YES);
	assert_int_equal(run(drill, fault_canary.confirm), FAULT_YES);
}

static int connect_to(const struct canary_host *host)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(canary_host_port(host)),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

/* Also by a reset, when not all of what was sent had been read. */
static bool is_closed(void *arg)
{
	char data[1024];
	ssize_t len = recv(*(const int *)arg, data, sizeof data, MSG_DONTWAIT);

	return len == 0 || (len < 0 && errno != EAGAIN && errno != EINTR);
}

static void hostile_clients_are_put_off_and_others_still_served(void **state)
{
	struct drill *drill = *state;
	struct canary_host *host = drill->world.canaries;
	static char long_head[9000];
	int fds[300], garbage = connect_to(host), endless = connect_to(host);

	memset(long_head, 'x', sizeof long_head);
	assert_true(send(garbage, "\0\0\xff\r\n\r\n", 7, 0) == 7);
	assert_true(send(endless, long_head, sizeof long_head, 0) == (ssize_t)sizeof long_head);
	world_until(&drill->world, is_closed, &endless);
	assert_int_equal(ask(drill, NULL, "/canary/orders/health").status, 200);
	for (size_t i = 0; i < LENGTH(fds); i++) {
		fds[i] = connect_to(host);
		(void)event_base_loop(drill->world.base, EVLOOP_NONBLOCK);
	}
	world_until(&drill->world, is_closed, &fds[LENGTH(fds) - 1]); /* over the limit */
	for (size_t i = 0; i < LENGTH(fds); i++)
		assert_int_equal(close(fds[i]), 0);
	world_wait(&drill->world, 50);
	assert_int_equal(ask(drill, NULL, "/canary/orders/health").status, 200);
	assert_int_equal(close(garbage), 0);
	assert_int_equal(close(endless), 0);
}

static bool has_answer(void *arg)
{
	char data[64];
	ssize_t len = recv(*(const int *)arg, data, sizeof data, MSG_DONTWAIT | MSG_PEEK);

	return len >= 15 && memcmp(data, "HTTP/1.1 200 OK", 15) == 0;
}

static void a_client_that_stops_sending_early_is_answered(void **state)
{
	static const char head[] = "HEAD /canary/orders/health HTTP/1.0\r\n\r\n";
	struct drill *drill = *state;
	int fd = connect_to(drill->world.canaries);

	assert_true(send(fd, head, strlen(head), 0) == (ssize_t)strlen(head));
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	world_until(&drill->world, has_answer, &fd);
	assert_int_equal(close(fd), 0);
}

static void a_flood_of_names_does_not_heal_a_broken_canary(void **state)
{
	struct drill *drill = *state;
	char path[64];

	plan(drill);
	assert_int_equal(run(drill, fault_canary.inject), FAULT_YES);
	for (int i = 0; i < 300; i++) {
		(void)snprintf(path, sizeof path, "/canary/name-%d/health", i);
		assert_int_equal(ask(drill, NULL, path).status, 200);
	}
	assert_int_equal(ask(drill, NULL, "/canary/orders/health").status, 503);
}

static void an_address_that_cannot_be_used_is_explained(void **state)
{
	struct drill *drill = *state;
	struct canary_host *host = NULL;
	char taken[64];
	struct error error;
	static const char *const bad[] = {"",    "127.0.0.1",      "127.0.0.1:", "127.0.0.1:99999",
					  ":80", "somewhere:9810", "127.0.0.1:x"};

	for (size_t i = 0; i < LENGTH(bad); i++) {
		host = canary_host_new(drill->world.base, bad[i], &error);
		assert_null(host);
		assert_non_null(strstr(error.text, "127.0.0.1:9810"));
	}
	(void)snprintf(taken, sizeof taken, "127.0.0.1:%u",
		       canary_host_port(drill->world.canaries));
	host = canary_host_new(drill->world.base, taken, &error);
	assert_null(host);
	assert_non_null(strstr(error.text, "already in use"));
}

static void what_can_never_work_is_refused_by_the_plan(void **state)
{
	static const struct {
		struct canary_fault canary;
		const char *says;
	} cases[] = {
	    {{.name = NULL, .status = 503}, "fault.name"},
	    {{.name = "Orders", .status = 503}, "fault.name"},
	    {{.name = "orders/../x", .status = 503}, "fault.name"},
	    {{.name = "orders", .status = 200}, "fault.status"},
	    {{.name = "orders", .status = 99}, "fault.status"},
	    {{.name = "orders", .mode = CANARY_SLOW}, "fault.delay"},
	    {{.name = "orders", .mode = CANARY_BODY}, "fault.body"},
	    {{.name = "orders", .mode = CANARY_MODE_COUNT}, "fault.mode"},
	};
	struct drill *drill = *state;
	struct error error;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		drill->fault.canary = cases[i].canary;
		assert_null(fault_canary.plan(&drill->fault, DRILL, &error));
		assert_non_null(strstr(error.text, cases[i].says));
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(every_name_is_healthy),
	    TEST(capture_waits_for_the_monitor),
	    TEST(without_a_monitor_nothing_is_broken_and_the_reason_is_told),
	    TEST(a_poll_of_long_ago_does_not_count),
	    TEST(a_bad_status_is_seen_until_it_is_healed),
	    TEST(a_refused_connection_is_seen_until_it_is_healed),
	    TEST(a_hanging_answer_is_seen_until_it_is_healed),
	    TEST(a_slow_answer_comes_late),
	    TEST(a_wrong_body_comes_with_status_200),
	    TEST(a_broken_canary_names_its_drill),
	    TEST(a_status_without_a_body_is_still_an_answer),
	    TEST(a_fault_that_the_monitor_never_met_does_not_bite),
	    TEST(a_refusing_canary_keeps_its_port),
	    TEST(two_drills_do_not_break_one_canary),
	    TEST(a_new_life_finds_its_canaries_healthy),
	    TEST(without_a_host_the_page_itself_is_asked),
	    TEST(without_a_host_nothing_is_put_in),
	    TEST(hostile_clients_are_put_off_and_others_still_served),
	    TEST(a_client_that_stops_sending_early_is_answered),
	    TEST(a_flood_of_names_does_not_heal_a_broken_canary),
	    TEST(an_address_that_cannot_be_used_is_explained),
	    TEST(what_can_never_work_is_refused_by_the_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
