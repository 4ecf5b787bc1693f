/* The ways in which an alert gets lost. */
#include "fake-services/ways.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "fake-services/alerting.h"
#include "fake-services/chat.h"
#include "fake-services/orders.h"
#include "src/base/mem.h"

#define DEFAULT_TOKEN "xoxb-firedrill"
#define RULE          "OrdersQueueMissing"
#define ELSEWHERE     "elsewhere" /* where the wrong channel's alerts go */
#define LATE_MS       5500

/* What becomes of the alert of one environment, whose name is the channel's too. */
static const struct way {
	const char *name;
	struct fake_alerting_wrong wrong;
	bool posts_nowhere; /* the receiver */
	bool swallowed;     /* by the chat, which says ok */
	bool elsewhere;     /* posted in another channel */
	bool alarms;        /* an alert comes though nothing is broken: fake_ways_alarm */
} table[] = {
    {.name = "healthy"},
    {.name = "line-lost", .wrong = {.lose_lines = true}},
    {.name = "no-rule", .wrong = {.no_rule = RULE}},
    {.name = "not-sent", .wrong = {.no_delivery = true}},
    {.name = "posts-nowhere", .posts_nowhere = true},
    {.name = "chat-drops", .swallowed = true},
    {.name = "wrong-channel", .elsewhere = true},
    {.name = "late", .wrong = {.delay_ms = LATE_MS}},
    {.name = "twice", .wrong = {.duplicate = true}},
    {.name = "not-resolved", .wrong = {.no_resolved = true}},
    {.name = "garbled", .wrong = {.garble = true}},
    {.name = "all-quiet"},
    {.name = "false-alarm", .alarms = true},
};

#define WAYS (sizeof table / sizeof table[0])

struct fake_ways {
	struct fake_chat *chat; /* owned */
	struct fake_environment environments[WAYS];
};

/* Starting. */

static const char *hook(struct fake_ways *ways, const char *channel, bool swallows)
{
	return fake_chat_set_webhook(ways->chat, &(struct fake_webhook){.channel = channel,
									.username = "Alertmanager",
									.swallows = swallows});
}

static bool start(struct fake_ways *ways, struct event_base *base, size_t i,
		  const struct fake_world_options *options, struct error *error)
{
	const struct way *way = &table[i];
	struct fake_route route = {.receiver = "ops"};

	(void)fake_chat_add_channel(ways->chat, way->name, FAKE_MEMBER);
	if (!way->posts_nowhere)
		route.webhook = hook(ways, way->elsewhere ? ELSEWHERE : way->name, way->swallowed);
	if (!fake_environment_start(base, options, way->name, &route, 1, &ways->environments[i],
				    error))
		return false;
	*fake_alerting_wrong(ways->environments[i].alerting) = way->wrong;
	return true;
}

struct fake_ways *fake_ways_new(struct event_base *base, const struct fake_world_options *options,
				struct error *error)
{
	static const struct fake_world_options standard = {0};
	struct fake_ways *ways = mem_zalloc(sizeof *ways);
	bool good;

	options = options != NULL ? options : &standard;
	ways->chat = fake_world_chat(base, options->token, NULL, 0, error);
	good = ways->chat != NULL;
	if (good)
		(void)fake_chat_add_channel(ways->chat, ELSEWHERE, FAKE_MEMBER);
	for (size_t i = 0; good && i < WAYS; i++)
		good = start(ways, base, i, options, error);
	if (!good) {
		fake_ways_free(ways);
		return NULL;
	}
	fake_chat_allow_control(ways->chat, options->control);
	return ways;
}

void fake_ways_free(struct fake_ways *ways)
{
	if (ways == NULL)
		return;
	for (size_t i = 0; i < WAYS; i++)
		fake_environment_stop(&ways->environments[i]);
	fake_chat_free(ways->chat);
	free(ways);
}

void fake_ways_alarm(struct fake_ways *ways)
{
	for (size_t i = 0; i < WAYS; i++)
		if (table[i].alarms)
			fake_alerting_event(ways->environments[i].alerting, "nightly-report",
					    "exited with 1", "");
}

char *fake_ways_line(const struct fake_ways *ways, const char *token)
{
	cJSON *line = cJSON_CreateObject(), *list;
	char *printed, *text;

	(void)cJSON_AddStringToObject(line, "chat", fake_chat_url(ways->chat));
	(void)cJSON_AddStringToObject(line, "token", token != NULL ? token : DEFAULT_TOKEN);
	list = cJSON_AddArrayToObject(line, "ways");
	for (size_t i = 0; i < WAYS; i++) {
		const struct fake_environment *environment = &ways->environments[i];
		char *channel = mem_printf("#%s", table[i].name);
		cJSON *way = cJSON_CreateObject();

		(void)cJSON_AddStringToObject(way, "way", table[i].name);
		(void)cJSON_AddStringToObject(way, "channel", channel);
		(void)cJSON_AddStringToObject(way, "orders", fake_orders_url(environment->orders));
		(void)cJSON_AddStringToObject(way, "alerting",
					      fake_alerting_url(environment->alerting));
		(void)cJSON_AddItemToArray(list, way);
		free(channel);
	}
	printed = cJSON_PrintUnformatted(line);
	text = mem_dup(printed);
	cJSON_free(printed);
	cJSON_Delete(line);
	return text;
}

struct fake_chat *fake_ways_chat(const struct fake_ways *ways)
{
	return ways->chat;
}

const struct fake_environment *fake_ways_find(const struct fake_ways *ways, const char *name)
{
	for (size_t i = 0; i < WAYS; i++)
		if (strcmp(table[i].name, name) == 0)
			return &ways->environments[i];
	return NULL;
}
