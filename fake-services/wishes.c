/* The command lines of the commands that serve. */
#include "fake-services/wishes.h"

#include <getopt.h>
#include <stdlib.h>

#include "fake-services/commands.h"
#include "fake-services/server.h"
#include "src/base/duration.h"

enum {
	LISTEN = 256,
	TICK,
	FOR,
	KEEP,
	STAY,
	QUIET,
	CONTROL,
	WAYS,
	AMQP,
	QUEUE,
	LOGS,
	HEALTH,
	ENVIRONMENT,
	WEBHOOK,
	HOOK,
	ROUTE,
	CHANNEL
};

static const struct option world_options[] = {
    {"tick", required_argument, NULL, TICK}, {"for", required_argument, NULL, FOR},
    {"keep", required_argument, NULL, KEEP}, {"stay", no_argument, NULL, STAY},
    {"quiet", no_argument, NULL, QUIET},     {"control", no_argument, NULL, CONTROL},
    {"ways", no_argument, NULL, WAYS},       {NULL, 0, NULL, 0}};
static const struct option chat_options[] = {{"listen", required_argument, NULL, LISTEN},
					     {"channel", required_argument, NULL, CHANNEL},
					     {"webhook", required_argument, NULL, HOOK},
					     {"control", no_argument, NULL, CONTROL},
					     {NULL, 0, NULL, 0}};
static const struct option orders_options[] = {
    {"listen", required_argument, NULL, LISTEN}, {"amqp", required_argument, NULL, AMQP},
    {"queue", required_argument, NULL, QUEUE},   {"logs", required_argument, NULL, LOGS},
    {"tick", required_argument, NULL, TICK},     {"quiet", no_argument, NULL, QUIET},
    {"control", no_argument, NULL, CONTROL},     {NULL, 0, NULL, 0}};
static const struct option alerting_options[] = {
    {"listen", required_argument, NULL, LISTEN},
    {"webhook", required_argument, NULL, WEBHOOK},
    {"route", required_argument, NULL, ROUTE},
    {"health", required_argument, NULL, HEALTH},
    {"environment", required_argument, NULL, ENVIRONMENT},
    {"for", required_argument, NULL, FOR},
    {"keep", required_argument, NULL, KEEP},
    {"quiet", no_argument, NULL, QUIET},
    {"control", no_argument, NULL, CONTROL},
    {NULL, 0, NULL, 0}};
static const struct option *const tables[] = {[WISHES_WORLD] = world_options,
					      [WISHES_CHAT] = chat_options,
					      [WISHES_ORDERS] = orders_options,
					      [WISHES_ALERTING] = alerting_options};

static bool add_extra(const char **list, size_t *count, const char *value, struct error *error)
{
	if (*count == MAX_EXTRA)
		return error_set(error, "an option can be given %d times at most", MAX_EXTRA);
	list[(*count)++] = value;
	return true;
}

static bool take(struct wishes *wishes, int option, struct error *error)
{
	switch (option) {
	case LISTEN:
		free(wishes->address);
		wishes->address = NULL;
		return fake_server_parse(optarg, &wishes->address, &wishes->port, error);
	case TICK:
		return duration_parse(optarg, &wishes->tick_ms, error);
	case FOR:
		return duration_parse(optarg, &wishes->for_ms, error);
	case KEEP:
		return duration_parse(optarg, &wishes->keep_ms, error);
	case STAY:
		wishes->stay = true;
		return true;
	case QUIET:
		wishes->quiet = true;
		return true;
	case CONTROL:
		wishes->control = true;
		return true;
	case WAYS:
		wishes->ways = true;
		return true;
	case AMQP:
		wishes->amqp = optarg;
		return true;
	case QUEUE:
		wishes->queue = optarg;
		return true;
	case LOGS:
		wishes->logs = optarg;
		return true;
	case HEALTH:
		wishes->health = optarg;
		return true;
	case ENVIRONMENT:
		wishes->environment = optarg;
		return true;
	case WEBHOOK:
		wishes->webhook = optarg;
		return true;
	case HOOK:
		return add_extra(wishes->hooks, &wishes->hook_count, optarg, error);
	case ROUTE:
		return add_extra(wishes->routes, &wishes->route_count, optarg, error);
	case CHANNEL:
		return add_extra(wishes->channels, &wishes->channel_count, optarg, error);
	default:
		return error_set(error, "it has no such option");
	}
}

int wishes_read(struct wishes *wishes, enum wishes_of which, int argc, char **argv)
{
	struct error error;
	int option;

	*wishes =
	    (struct wishes){.command = argv[0], .tick_ms = 200, .for_ms = 1000, .keep_ms = 1000};
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+", tables[which], NULL)) != -1)
		if (!take(wishes, option, &error))
			return command_misuse(argv[0], error.text);
	return optind < argc ? command_misuse(argv[0], "it takes options only") : 0;
}

void wishes_done(struct wishes *wishes)
{
	free(wishes->address);
}
