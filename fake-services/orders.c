/* The orders API. */
#include "fake-services/orders.h"

#include <cjson/cJSON.h>
#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-services/broker.h"
#include "fake-services/client.h"
#include "fake-services/server.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define TICK_MS         200
#define MAX_QUEUE_NAME  255
#define MAX_FAILED      50  /* queue names with a counter of their own */
#define MAX_LOG_WAITING 100 /* log lines on their way; more are dropped */
#define METRICS_TYPE    "text/plain; version=0.0.4; charset=utf-8"

/* One line of orders_publish_failures_total. */
struct failed {
	char *queue; /* owned */
	size_t count;
};

struct fake_orders {
	struct event_base *base;    /* borrowed */
	struct fake_server *server; /* owned */
	struct fake_client *logs;   /* owned; NULL: lines are not sent */
	struct broker *broker;      /* owned */
	struct event *tick;         /* owned */
	char *queue;                /* owned */
	char *environment;          /* owned; NULL: none */
	bool dead, loud, control;
	size_t published, failures, changes, asked;
	struct failed failed[MAX_FAILED];
	size_t failed_count;
	struct fake_orders_wrong wrong;
};

/* Logging, as a real service does: a line to stderr, a line to the log collector. */

__attribute__((format(printf, 2, 3))) static void log_line(struct fake_orders *orders,
							   const char *format, ...)
{
	struct buf line = {.limit = 2048};
	char when[32], text[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	buf_adds(&line, text);
	buf_adds(&line, "\n");
	clock_rfc3339(clock_wall_ms(), when, sizeof when);
	if (orders->loud)
		(void)fprintf(stderr, "%s %s%s%s\n", when,
			      orders->environment != NULL ? orders->environment : "",
			      orders->environment != NULL ? " " : "", text);
	if (orders->logs != NULL && fake_client_waiting(orders->logs) < MAX_LOG_WAITING)
		fake_client_send(orders->logs, "", "text/plain; charset=utf-8", NULL,
				 buf_text(&line), NULL, NULL);
	buf_done(&line);
}

/* Publishing. */

static void count_failure(struct fake_orders *orders)
{
	size_t i;

	orders->failures++;
	for (i = 0; i < orders->failed_count; i++)
		if (strcmp(orders->failed[i].queue, orders->queue) == 0)
			break;
	if (i == MAX_FAILED)
		return;
	if (i == orders->failed_count)
		orders->failed[orders->failed_count++].queue = mem_dup(orders->queue);
	orders->failed[i].count++;
}

static bool publish(struct fake_orders *orders)
{
	char *body = mem_printf("{\"order\":%zu}", orders->published + orders->failures + 1);
	struct error error = {""};
	bool ok = fake_broker_publish(orders->broker, orders->queue, body, &error);

	free(body);
	if (ok) {
		orders->published++;
		return true;
	}
	count_failure(orders);
	if (!orders->wrong.no_logs)
		log_line(orders,
			 "level=error service=orders msg=\"publish failed\" queue=%s error=\"%s\"",
			 orders->queue, error.text);
	return false;
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)publish(arg);
}

/* The API. */

static void send_metrics(const struct fake_orders *orders, struct fake_request *request)
{
	struct buf text = {0};

	buf_addf(&text,
		 "# HELP orders_published_total Orders that reached their queue.\n"
		 "# TYPE orders_published_total counter\n"
		 "orders_published_total %zu\n"
		 "# HELP orders_publish_failures_total Orders that did not.\n"
		 "# TYPE orders_publish_failures_total counter\n",
		 orders->published);
	for (size_t i = 0; i < orders->failed_count; i++)
		buf_addf(&text, "orders_publish_failures_total{queue=\"%s\"} %zu\n",
			 orders->failed[i].queue, orders->failed[i].count);
	buf_addf(&text,
		 "# HELP orders_up Whether the service can do its work.\n"
		 "# TYPE orders_up gauge\n"
		 "orders_up %d\n",
		 !orders->dead);
	fake_reply(request, 200, METRICS_TYPE, buf_text(&text), text.len);
	buf_done(&text);
}

/* False when the PUT is not to be carried out: it has been answered. */
static bool may_put(struct fake_orders *orders, struct fake_request *request)
{
	struct fake_orders_wrong *wrong = &orders->wrong;

	orders->changes++;
	if (wrong->puts_pass > 0) {
		wrong->puts_pass--;
		return true;
	}
	if (wrong->put_status != 0)
		fake_reply_text(request, wrong->put_status, "cannot change this now\n");
	else if (wrong->ignore_put)
		fake_reply_text(request, 200, fake_request_body(request));
	else
		return true;
	return false;
}

/* The body as one word; false: it is not one that a queue can have. */
static bool read_word(const struct fake_request *request, char ret_word[MAX_QUEUE_NAME + 1])
{
	const char *body = fake_request_body(request);
	size_t len = strcspn(body, "\r\n");

	if (len == 0 || len > MAX_QUEUE_NAME || body[len + strspn(body + len, "\r\n")] != '\0')
		return false;
	memcpy(ret_word, body, len);
	ret_word[len] = '\0';
	return strspn(ret_word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				"._:-") == len;
}

static void put_queue(struct fake_orders *orders, struct fake_request *request)
{
	char word[MAX_QUEUE_NAME + 1];

	if (!read_word(request, word)) {
		fake_reply_text(request, 400,
				"A queue's name has up to 255 letters, digits and . _ : -\n");
		return;
	}
	if (!may_put(orders, request))
		return;
	log_line(orders, "level=info service=orders msg=\"queue changed\" from=%s to=%s",
		 orders->queue, word);
	free(orders->queue);
	orders->queue = mem_dup(word);
	fake_reply_text(request, 200, orders->queue);
}

static void put_health(struct fake_orders *orders, struct fake_request *request)
{
	char word[MAX_QUEUE_NAME + 1];

	if (!read_word(request, word) || (strcmp(word, "ok") != 0 && strcmp(word, "dead") != 0)) {
		fake_reply_text(request, 400, "Health is \"ok\" or \"dead\"\n");
		return;
	}
	if (!may_put(orders, request))
		return;
	log_line(orders, "level=info service=orders msg=\"health changed\" to=%s", word);
	orders->dead = strcmp(word, "dead") == 0;
	fake_reply_text(request, 200, word);
}

static void post_order(struct fake_orders *orders, struct fake_request *request)
{
	if (publish(orders))
		fake_reply_text(request, 202, "accepted\n");
	else
		fake_reply_text(request, 502, "the order could not be queued\n");
}

/* Misbehaviours set over HTTP. */

static bool set_wrong(struct fake_orders_wrong *wrong, const char *json)
{
	cJSON *wishes = cJSON_Parse(json);
	const cJSON *wish;
	bool known = cJSON_IsObject(wishes);

	*wrong = (struct fake_orders_wrong){0};
	cJSON_ArrayForEach(wish, wishes)
	{
		if (strcmp(wish->string, "ignore_put") == 0)
			wrong->ignore_put = cJSON_IsTrue(wish);
		else if (strcmp(wish->string, "put_status") == 0)
			wrong->put_status = wish->valueint;
		else if (strcmp(wish->string, "puts_pass") == 0)
			wrong->puts_pass = wish->valueint;
		else if (strcmp(wish->string, "no_logs") == 0)
			wrong->no_logs = cJSON_IsTrue(wish);
		else if (strcmp(wish->string, "hang") == 0)
			wrong->hang = cJSON_IsTrue(wish);
		else if (strcmp(wish->string, "delay_ms") == 0)
			wrong->delay_ms = wish->valueint;
		else if (strcmp(wish->string, "put_delay_ms") == 0)
			wrong->put_delay_ms = wish->valueint;
		else
			known = false;
	}
	cJSON_Delete(wishes);
	return known;
}

static void control(struct fake_orders *orders, struct fake_request *request)
{
	bool put = strcmp(fake_request_verb(request), "PUT") == 0;
	char asked[32];

	(void)snprintf(asked, sizeof asked, "%zu", orders->asked);
	if (!put && strcmp(fake_request_path(request), "/control/asked") == 0)
		fake_reply_text(request, 200, asked);
	else if (put && strcmp(fake_request_path(request), "/control/wrong") == 0 &&
		 set_wrong(&orders->wrong, fake_request_body(request)))
		fake_reply_text(request, 200, "ok\n");
	else
		fake_reply_text(request, 400, "no such field, or no JSON object\n");
}

static void answer(void *arg, struct fake_request *request)
{
	struct fake_orders *orders = arg;
	const char *path = fake_request_path(request), *verb = fake_request_verb(request);
	bool get = strcmp(verb, "GET") == 0, put = strcmp(verb, "PUT") == 0;

	if (get && strcmp(path, "/admin/queue") == 0)
		fake_reply_text(request, 200, orders->queue);
	else if (put && strcmp(path, "/admin/queue") == 0)
		put_queue(orders, request);
	else if (get && strcmp(path, "/admin/health") == 0)
		fake_reply_text(request, 200, orders->dead ? "dead" : "ok");
	else if (put && strcmp(path, "/admin/health") == 0)
		put_health(orders, request);
	else if (get && strcmp(path, "/health") == 0)
		fake_reply_text(request, orders->dead ? 503 : 200, orders->dead ? "dead" : "ok");
	else if (get && strcmp(path, "/metrics") == 0)
		send_metrics(orders, request);
	else if (strcmp(verb, "POST") == 0 && strcmp(path, "/orders") == 0)
		post_order(orders, request);
	else
		fake_reply_text(request, 404,
				"There is /admin/queue, /admin/health, /health, /metrics and "
				"POST /orders\n");
}

static void on_request(void *arg, struct fake_request *request)
{
	struct fake_orders *orders = arg;
	const struct fake_orders_wrong *wrong = &orders->wrong;
	const char *path = fake_request_path(request);
	bool admin = strncmp(path, "/admin/", strlen("/admin/")) == 0;
	bool put = admin && strcmp(fake_request_verb(request), "PUT") == 0;
	int wait_ms = put ? wrong->delay_ms + wrong->put_delay_ms : wrong->delay_ms;

	orders->asked += admin;
	if (orders->control && strncmp(path, "/control/", strlen("/control/")) == 0)
		control(orders, request);
	else if (wrong->hang)
		fake_reply_never(request);
	else if (wait_ms > 0 && (admin || strcmp(path, "/health") == 0))
		fake_request_later(request, wait_ms, answer, orders);
	else
		answer(orders, request);
}

/* The object. */

struct fake_orders *fake_orders_new(struct event_base *base,
				    const struct fake_orders_options *options, struct error *error)
{
	struct fake_orders *orders = mem_zalloc(sizeof *orders);
	int64_t tick = options->tick_ms != 0 ? options->tick_ms : TICK_MS;
	const struct timeval period = {.tv_sec = (time_t)(tick / 1000),
				       .tv_usec = (suseconds_t)(tick % 1000) * 1000};

	orders->base = base;
	orders->queue = mem_dup(options->queue != NULL ? options->queue : "orders");
	orders->environment = mem_dup(options->environment);
	orders->loud = options->loud;
	orders->control = options->control;
	orders->broker =
	    options->broker != NULL ? options->broker : fake_broker_new_embedded("orders");
	orders->tick = event_new(base, -1, EV_PERSIST, on_tick, orders);
	orders->server =
	    fake_server_new(base, options->address, options->port, on_request, orders, error);
	if (orders->server == NULL) {
		fake_orders_free(orders);
		return NULL;
	}
	if (tick > 0)
		(void)event_add(orders->tick, &period);
	return orders;
}

void fake_orders_free(struct fake_orders *orders)
{
	if (orders == NULL)
		return;
	event_free(orders->tick);
	fake_client_free(orders->logs);
	fake_server_free(orders->server);
	fake_broker_free(orders->broker);
	for (size_t i = 0; i < orders->failed_count; i++)
		free(orders->failed[i].queue);
	free(orders->queue);
	free(orders->environment);
	free(orders);
}

const char *fake_orders_url(const struct fake_orders *orders)
{
	return fake_server_url(orders->server);
}

bool fake_orders_send_logs(struct fake_orders *orders, const char *url, struct error *error)
{
	fake_client_free(orders->logs);
	orders->logs = fake_client_new(orders->base, url, error);
	return orders->logs != NULL;
}

const char *fake_orders_queue(const struct fake_orders *orders)
{
	return orders->queue;
}

bool fake_orders_healthy(const struct fake_orders *orders)
{
	return !orders->dead;
}

size_t fake_orders_failures(const struct fake_orders *orders)
{
	return orders->failures;
}

size_t fake_orders_asked(const struct fake_orders *orders)
{
	return orders->asked;
}

size_t fake_orders_changes(const struct fake_orders *orders)
{
	return orders->changes;
}

struct fake_orders_wrong *fake_orders_wrong(struct fake_orders *orders)
{
	return &orders->wrong;
}
