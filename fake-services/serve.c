/* The commands that serve until they are told to end: world, chat, orders, alerting. */
#include <cjson/cJSON.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake-services/alerting.h"
#include "fake-services/broker.h"
#include "fake-services/chat.h"
#include "fake-services/commands.h"
#include "fake-services/orders.h"
#include "fake-services/ways.h"
#include "fake-services/wishes.h"
#include "fake-services/world.h"
#include "src/base/mem.h"

/* Running. */

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)event_base_loopbreak(arg);
}

static void on_input(evutil_socket_t fd, short what, void *arg)
{
	char dropped[512];

	(void)what;
	if (read((int)fd, dropped, sizeof dropped) <= 0)
		(void)event_base_loopbreak(arg);
}

/* A file or /dev/null has no end that can be waited for. */
static bool input_can_end(void)
{
	struct stat status;

	return fstat(STDIN_FILENO, &status) == 0 &&
	       (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || isatty(STDIN_FILENO));
}

/* Prints the line, serves until told to end. */
static int serve(struct event_base *base, const char *line, bool until_input_ends)
{
	struct event *term = evsignal_new(base, SIGTERM, on_end, base);
	struct event *interrupt = evsignal_new(base, SIGINT, on_end, base);
	struct event *input = event_new(base, STDIN_FILENO, EV_READ | EV_PERSIST, on_input, base);

	(void)signal(SIGPIPE, SIG_IGN);
	(void)evsignal_add(term, NULL);
	(void)evsignal_add(interrupt, NULL);
	if (until_input_ends && input_can_end())
		(void)event_add(input, NULL);
	(void)puts(line);
	(void)fflush(stdout);
	(void)event_base_dispatch(base);
	event_free(term);
	event_free(interrupt);
	event_free(input);
	return EXIT_SUCCESS;
}

static int fail(const struct wishes *wishes, const struct error *error)
{
	(void)fprintf(stderr, "fake-services %s: %s\n", wishes->command, error->text);
	return EXIT_FAILURE;
}

static int serve_url(struct event_base *base, const char *url)
{
	char *line = mem_printf("{\"url\":\"%s\"}", url);
	int code = serve(base, line, false);

	free(line);
	return code;
}

/* The world. */

static int run_world(struct event_base *base, const struct wishes *wishes,
		     const struct fake_world_options *options)
{
	struct error error;
	struct fake_world *world = fake_world_new(base, options, &error);
	char *line;
	int code;

	if (world == NULL)
		return fail(wishes, &error);
	line = fake_world_line(world, options->token);
	code = serve(base, line, !wishes->stay);
	free(line);
	fake_world_free(world);
	return code;
}

static void on_alarm(evutil_socket_t fd, short what, void *ways)
{
	(void)fd;
	(void)what;
	fake_ways_alarm(ways);
}

static int run_ways(struct event_base *base, const struct wishes *wishes,
		    const struct fake_world_options *options)
{
	struct error error;
	struct fake_ways *ways = fake_ways_new(base, options, &error);
	struct event *alarm;
	char *line;
	int code;

	if (ways == NULL)
		return fail(wishes, &error);
	alarm = evsignal_new(base, SIGUSR1, on_alarm, ways);
	(void)evsignal_add(alarm, NULL);
	line = fake_ways_line(ways, options->token);
	code = serve(base, line, !wishes->stay);
	free(line);
	event_free(alarm);
	fake_ways_free(ways);
	return code;
}

int command_world(int argc, char **argv)
{
	struct wishes wishes;
	int code = wishes_read(&wishes, WISHES_WORLD, argc, argv);

	if (code == 0) {
		const struct fake_world_options options = {
		    .token = getenv("FAKE_CHAT_TOKEN"),
		    .tick_ms = wishes.tick_ms,
		    .for_ms = wishes.for_ms > 0 ? wishes.for_ms : -1,
		    .keep_ms = wishes.keep_ms,
		    .loud = !wishes.quiet,
		    .control = wishes.control,
		};
		struct event_base *base = event_base_new();

		code = wishes.ways ? run_ways(base, &wishes, &options)
				   : run_world(base, &wishes, &options);
		event_base_free(base);
	}
	wishes_done(&wishes);
	return code;
}

/* The chat. */

static bool add_hook(struct fake_chat *chat, const char *hook, struct error *error)
{
	const char *equals = strchr(hook, '=');
	char *path = mem_dup_n(hook, equals != NULL ? (size_t)(equals - hook) : strlen(hook));
	bool ok = equals != NULL && strncmp(path, "/services/", 10) == 0 &&
		  fake_chat_set_webhook(
		      chat, &(struct fake_webhook){.path = path, .channel = equals + 1}) != NULL;

	free(path);
	if (!ok)
		return error_set(error,
				 "--webhook %s: write /services/PATH=CHANNEL, with a channel "
				 "that is there",
				 hook);
	return true;
}

static char *chat_line(struct fake_chat *chat, const struct wishes *wishes, const char *token)
{
	cJSON *line = cJSON_CreateObject(), *channels, *webhooks;
	char *api = mem_printf("%s/api", fake_chat_url(chat)), *printed, *text;
	size_t standard = sizeof fake_world_channels / sizeof fake_world_channels[0];

	(void)cJSON_AddStringToObject(line, "url", fake_chat_url(chat));
	(void)cJSON_AddStringToObject(line, "api", api);
	(void)cJSON_AddStringToObject(line, "token", token != NULL ? token : "xoxb-firedrill");
	channels = cJSON_AddObjectToObject(line, "channels");
	webhooks = cJSON_AddObjectToObject(line, "webhooks");
	for (size_t i = 0; i < standard + wishes->channel_count; i++) {
		const char *name =
		    i < standard ? fake_world_channels[i] : wishes->channels[i - standard];
		const char *hook = fake_chat_set_webhook(
		    chat, &(struct fake_webhook){.channel = name, .username = "Alertmanager"});

		(void)cJSON_AddStringToObject(channels, name, fake_chat_channel_id(chat, name));
		(void)cJSON_AddStringToObject(webhooks, name, hook);
	}
	free(api);
	printed = cJSON_PrintUnformatted(line);
	text = mem_dup(printed);
	cJSON_free(printed);
	cJSON_Delete(line);
	return text;
}

static int run_chat(struct event_base *base, const struct wishes *wishes)
{
	const char *token = getenv("FAKE_CHAT_TOKEN");
	struct error error;
	struct fake_chat *chat =
	    fake_world_chat(base, token, wishes->address, wishes->port, &error);
	char *line = NULL;
	bool ok = chat != NULL;
	int code;

	for (size_t i = 0; ok && i < wishes->channel_count; i++)
		(void)fake_chat_add_channel(chat, wishes->channels[i], FAKE_MEMBER);
	for (size_t i = 0; ok && i < wishes->hook_count; i++)
		ok = add_hook(chat, wishes->hooks[i], &error);
	if (ok) {
		fake_chat_allow_control(chat, wishes->control);
		line = chat_line(chat, wishes, token);
		code = serve(base, line, false);
	} else {
		code = fail(wishes, &error);
	}
	free(line);
	fake_chat_free(chat);
	return code;
}

int command_chat(int argc, char **argv)
{
	struct wishes wishes;
	int code = wishes_read(&wishes, WISHES_CHAT, argc, argv);

	if (code == 0) {
		struct event_base *base = event_base_new();

		code = run_chat(base, &wishes);
		event_base_free(base);
	}
	wishes_done(&wishes);
	return code;
}

/* The orders API. */

static int run_orders(struct event_base *base, const struct wishes *wishes)
{
	struct fake_orders_options options = {.address = wishes->address,
					      .port = wishes->port,
					      .queue = wishes->queue,
					      .tick_ms = wishes->tick_ms,
					      .loud = !wishes->quiet,
					      .control = wishes->control};
	const char *queue = wishes->queue != NULL ? wishes->queue : "orders";
	struct fake_orders *orders;
	struct error error;
	int code;

	options.broker = wishes->amqp != NULL ? fake_broker_new_amqp(wishes->amqp, queue, &error)
					      : fake_broker_new_embedded(queue);
	if (options.broker == NULL)
		return fail(wishes, &error);
	orders = fake_orders_new(base, &options, &error);
	if (orders == NULL ||
	    (wishes->logs != NULL && !fake_orders_send_logs(orders, wishes->logs, &error)))
		code = fail(wishes, &error);
	else
		code = serve_url(base, fake_orders_url(orders));
	fake_orders_free(orders);
	return code;
}

int command_orders(int argc, char **argv)
{
	struct wishes wishes;
	int code = wishes_read(&wishes, WISHES_ORDERS, argc, argv);

	if (code == 0) {
		struct event_base *base = event_base_new();

		code = run_orders(base, &wishes);
		event_base_free(base);
	}
	wishes_done(&wishes);
	return code;
}

/* The alerting service. */

/* "ALERT=URL": the alert's name is owned by the caller. */
static char *read_route(const char *text, struct fake_route *route)
{
	const char *equals = strchr(text, '=');
	char *alert = mem_dup_n(text, equals != NULL ? (size_t)(equals - text) : strlen(text));

	*route = (struct fake_route){.alert = alert, .receiver = alert};
	if (equals != NULL && equals[1] != '\0')
		route->webhook = equals + 1;
	return alert;
}

static int run_alerting(struct event_base *base, const struct wishes *wishes)
{
	struct fake_route routes[FAKE_MAX_ROUTES];
	char *names[FAKE_MAX_ROUTES] = {NULL};
	struct fake_alerting_options options = {.address = wishes->address,
						.port = wishes->port,
						.environment = wishes->environment,
						.health_url = wishes->health,
						.for_ms = wishes->for_ms,
						.keep_ms = wishes->keep_ms,
						.routes = routes,
						.loud = !wishes->quiet,
						.control = wishes->control};
	struct fake_alerting *alerting;
	struct error error;
	int code;

	if (wishes->route_count >= FAKE_MAX_ROUTES)
		return command_misuse(wishes->command, "too many --route");
	for (; options.route_count < wishes->route_count; options.route_count++)
		names[options.route_count] =
		    read_route(wishes->routes[options.route_count], &routes[options.route_count]);
	if (wishes->webhook != NULL)
		routes[options.route_count++] =
		    (struct fake_route){.receiver = "chat", .webhook = wishes->webhook};
	alerting = fake_alerting_new(base, &options, &error);
	code =
	    alerting != NULL ? serve_url(base, fake_alerting_url(alerting)) : fail(wishes, &error);
	fake_alerting_free(alerting);
	for (size_t i = 0; i < FAKE_MAX_ROUTES; i++)
		free(names[i]);
	return code;
}

int command_alerting(int argc, char **argv)
{
	struct wishes wishes;
	int code = wishes_read(&wishes, WISHES_ALERTING, argc, argv);

	if (code == 0) {
		struct event_base *base = event_base_new();

		code = run_alerting(base, &wishes);
		event_base_free(base);
	}
	wishes_done(&wishes);
	return code;
}
