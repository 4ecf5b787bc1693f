/* The miniature world. */
#include "fake-services/world.h"

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdlib.h>

#include "fake-services/alerting.h"
#include "fake-services/chat.h"
#include "fake-services/orders.h"
#include "src/base/mem.h"

#define DEFAULT_TOKEN "xoxb-firedrill"
#define DEFAULT_MS    1000

const char *const fake_world_channels[4] = {"ops-staging", "ops", "general", "drills"};

struct fake_chat *fake_world_chat(struct event_base *base, const char *token, const char *address,
				  int port, struct error *error)
{
	const struct fake_chat_options options = {.address = address,
						  .port = port,
						  .token = token != NULL ? token : DEFAULT_TOKEN,
						  .team = "Acme"};
	struct fake_chat *chat = fake_chat_new(base, &options, error);

	if (chat == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof fake_world_channels / sizeof fake_world_channels[0]; i++)
		(void)fake_chat_add_channel(chat, fake_world_channels[i], FAKE_MEMBER);
	return chat;
}

static const char *webhook_to(struct fake_world *world, const char *channel)
{
	return fake_chat_set_webhook(
	    world->chat, &(struct fake_webhook){.channel = channel, .username = "Alertmanager"});
}

bool fake_environment_start(struct event_base *base, const struct fake_world_options *options,
			    const char *name, const struct fake_route *routes, size_t route_count,
			    struct fake_environment *environment, struct error *error)
{
	const struct fake_orders_options orders = {.environment = name,
						   .tick_ms = options->tick_ms,
						   .loud = options->loud,
						   .control = options->control};
	struct fake_alerting_options alerting = {.environment = name,
						 .poll_ms = options->tick_ms,
						 .for_ms = options->for_ms,
						 .keep_ms = options->keep_ms,
						 .routes = routes,
						 .route_count = route_count,
						 .loud = options->loud,
						 .control = options->control};
	char *logs;
	bool ok;

	if (alerting.for_ms == 0)
		alerting.for_ms = DEFAULT_MS;
	environment->orders = fake_orders_new(base, &orders, error);
	if (environment->orders == NULL)
		return false;
	alerting.health_url = fake_orders_url(environment->orders);
	environment->alerting = fake_alerting_new(base, &alerting, error);
	if (environment->alerting == NULL)
		return false;
	logs = mem_printf("%s/logs", fake_alerting_url(environment->alerting));
	ok = fake_orders_send_logs(environment->orders, logs, error);
	free(logs);
	return ok;
}

static bool start_all(struct fake_world *world, struct event_base *base,
		      const struct fake_world_options *options, struct error *error)
{
	const struct fake_route staging[] = {
	    {.receiver = "ops-staging", .webhook = webhook_to(world, "ops-staging")}};
	const struct fake_route production[] = {
	    {.alert = "OrdersQueueMissing", .receiver = "orders-team"}, /* no chat integration */
	    {.alert = "WorkerStopped", .receiver = "ops", .webhook = webhook_to(world, "ops")},
	    {.alert = "OrdersHealthDown",
	     .receiver = "platform",
	     .webhook = webhook_to(world, "general")},
	};

	return fake_environment_start(base, options, "staging", staging, 1, &world->staging,
				      error) &&
	       fake_environment_start(base, options, "production", production, 3,
				      &world->production, error);
}

struct fake_world *fake_world_new(struct event_base *base, const struct fake_world_options *options,
				  struct error *error)
{
	static const struct fake_world_options standard = {0};
	struct fake_world *world = mem_zalloc(sizeof *world);

	options = options != NULL ? options : &standard;
	world->chat = fake_world_chat(base, options->token, NULL, 0, error);
	if (world->chat == NULL || !start_all(world, base, options, error)) {
		fake_world_free(world);
		return NULL;
	}
	fake_chat_allow_control(world->chat, options->control);
	return world;
}

void fake_environment_stop(struct fake_environment *environment)
{
	fake_orders_free(environment->orders);
	fake_alerting_free(environment->alerting);
}

void fake_world_free(struct fake_world *world)
{
	if (world == NULL)
		return;
	fake_environment_stop(&world->staging);
	fake_environment_stop(&world->production);
	fake_chat_free(world->chat);
	free(world);
}

static void add_environment(cJSON *line, const char *name,
			    const struct fake_environment *environment)
{
	cJSON *object = cJSON_AddObjectToObject(line, name);

	(void)cJSON_AddStringToObject(object, "orders", fake_orders_url(environment->orders));
	(void)cJSON_AddStringToObject(object, "alerting", fake_alerting_url(environment->alerting));
}

char *fake_world_line(const struct fake_world *world, const char *token)
{
	cJSON *line = cJSON_CreateObject();
	char *printed, *text;

	(void)cJSON_AddStringToObject(line, "chat", fake_chat_url(world->chat));
	(void)cJSON_AddStringToObject(line, "token", token != NULL ? token : DEFAULT_TOKEN);
	add_environment(line, "staging", &world->staging);
	add_environment(line, "production", &world->production);
	printed = cJSON_PrintUnformatted(line);
	text = mem_dup(printed);
	cJSON_free(printed);
	cJSON_Delete(line);
	return text;
}
