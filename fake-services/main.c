/* fake-services: the world in miniature as a program. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-services/commands.h"

struct command {
	const char *name, *summary;
	int (*run)(int argc, char **argv);
	const char *help;
};

static const struct command commands[] = {
    {.name = "world",
     .summary = "a chat, and an orders API with its alerting in staging and production",
     .run = command_world,
     .help =
	 "Usage: fake-services world [OPTIONS]\n\n"
	 "Starts everything on free ports of 127.0.0.1 and prints one line of JSON that says where:\n"
	 "  {\"chat\":URL,\"token\":TOKEN,\"staging\":{\"orders\":URL,\"alerting\":URL},\"production\":{...}}\n"
	 "A chat's page for people is at its URL, the Slack API at URL/api.\n"
	 "Ends at SIGTERM, SIGINT, or when its standard input (a pipe or a terminal) ends.\n\n"
	 "  --tick TIME   between two orders and two health checks (200ms)\n"
	 "  --for TIME    how long a condition must hold before an alert fires (1s)\n"
	 "  --keep TIME   how long after the last sign of it an alert is resolved (1s)\n"
	 "  --stay        does not end with the standard input\n"
	 "  --control     PUT /control/wrong, as with chat --control and orders --control\n"
	 "  --ways        instead: one environment for each way to lose an alert, as firedrill's\n"
	 "                self-test wants them: {\"chat\":URL,\"token\":TOKEN,\"ways\":[{\"way\":NAME,\n"
	 "                \"channel\":\"#NAME\",\"orders\":URL,\"alerting\":URL}, ...]}; SIGUSR1 makes\n"
	 "                an alert come in \"false-alarm\"\n"
	 "  --quiet       the services do not log to stderr\n\n"
	 "Environment: FAKE_CHAT_TOKEN, the bot's token (xoxb-firedrill)\n"},
    {.name = "chat",
     .summary = "a Slack-compatible chat",
     .run = command_chat,
     .help =
	 "Usage: fake-services chat [OPTIONS]\n\n"
	 "Has #ops-staging, #ops, #general and #drills, with the bot in them and a webhook for each.\n"
	 "Prints one line of JSON: {\"url\":URL,\"api\":URL,\"token\":TOKEN,\"channels\":{NAME:ID},\n"
	 "\"webhooks\":{NAME:URL}}.\n\n"
	 "  --listen ADDRESS:PORT   where (127.0.0.1:0, any free port)\n"
	 "  --channel NAME          one channel more, with a webhook\n"
	 "  --webhook PATH=CHANNEL  a webhook with a path of your own, /services/...\n"
	 "  --control               PUT /control/wrong with JSON such as {\"rate_limited\":true,\n"
	 "                          \"times\":1} makes it misbehave; DELETE ends that; PUT\n"
	 "                          /control/token and /control/channel add or change one\n\n"
	 "Environment: FAKE_CHAT_TOKEN, the bot's token (xoxb-firedrill)\n"},
    {.name = "orders",
     .summary = "an orders API that publishes to a queue",
     .run = command_orders,
     .help =
	 "Usage: fake-services orders [OPTIONS]\n\n"
	 "GET and PUT /admin/queue and /admin/health, GET /health and /metrics, POST /orders.\n"
	 "Prints one line of JSON: {\"url\":URL}.\n\n"
	 "  --listen ADDRESS:PORT  where (127.0.0.1:0, any free port)\n"
	 "  --amqp URL             publishes to RabbitMQ, amqp://USER:PASSWORD@HOST:PORT/VHOST, and\n"
	 "                         declares its queue there; else to an embedded broker\n"
	 "  --queue NAME           the queue it starts with (orders)\n"
	 "  --logs URL             log lines are POSTed there too, such as ALERTING/logs\n"
	 "  --tick TIME            between two orders (200ms)\n"
	 "  --control              PUT /control/wrong with JSON such as {\"delay_ms\":100} makes it\n"
	 "                         misbehave; GET /control/asked counts requests below /admin\n"
	 "  --quiet                does not log to stderr\n"},
    {.name = "alerting",
     .summary = "a small alerting service that posts to a chat",
     .run = command_alerting,
     .help =
	 "Usage: fake-services alerting [OPTIONS]\n\n"
	 "POST /logs and /events, GET /api/v1/alerts, /api/v2/alerts and /metrics. Knows the alerts\n"
	 "OrdersQueueMissing, WorkerStopped and OrdersHealthDown. Prints one line: {\"url\":URL}.\n\n"
	 "  --listen ADDRESS:PORT  where (127.0.0.1:0, any free port)\n"
	 "  --webhook URL          where alerts are posted: an incoming webhook\n"
	 "  --route ALERT=URL      where the alerts of this name are posted; without a URL, nowhere\n"
	 "  --health URL           an orders API whose /health is polled\n"
	 "  --environment NAME     a label of every alert (staging)\n"
	 "  --for TIME             how long a condition must hold before an alert fires (1s)\n"
	 "  --keep TIME            how long after the last sign of it an alert is resolved (1s)\n"
	 "  --quiet                does not log to stderr\n"},
    {.name = "worker",
     .summary = "a worker that needs ORDERS_DATABASE_URL",
     .run = command_worker,
     .help = "Usage: fake-services worker\n\n"
	     "Prints \"worker ready\" and runs until SIGTERM or SIGINT.\n\n"
	     "Environment: ORDERS_DATABASE_URL  needed; without it the worker exits with 1\n"
	     "             WORKER_QUEUE         its queue (orders); any other does not exist\n"},
    {.name = "supervise",
     .summary = "runs a command, restarts it when it stops, reports every stop",
     .run = command_supervise,
     .help =
	 "Usage: fake-services supervise --report URL --task NAME [OPTIONS] -- COMMAND [ARGUMENT...]\n\n"
	 "POSTs {\"task\":NAME,\"status\":TEXT,\"output\":TEXT} to the URL whenever the command stops, and\n"
	 "exits with 1 when it has used up its restarts. SIGTERM ends both.\n\n"
	 "  --report URL     an alerting service's /events\n"
	 "  --task NAME      what the command is called in reports\n"
	 "  --attempts N     restarts (2)\n"
	 "  --pause TIME     before each restart (200ms)\n"},
};

static void print_commands(FILE *file)
{
	(void)fputs(
	    "Usage: fake-services COMMAND [OPTIONS]\n\n"
	    "The world in miniature: the services that firedrill's demo and tests break.\n\n",
	    file);
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		(void)fprintf(file, "  %-10s %s\n", commands[i].name, commands[i].summary);
	(void)fputs("\nfake-services COMMAND --help tells more.\n", file);
}

int command_misuse(const char *command, const char *text)
{
	(void)fprintf(stderr, "fake-services %s: %s\nfake-services %s --help tells how.\n", command,
		      text, command);
	return FAKE_EXIT_USAGE;
}

/* What comes after "--" belongs to another command. */
static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_commands(stderr);
		return FAKE_EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		print_commands(stdout);
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		if (!wants_help(argc - 1, argv + 1))
			return commands[i].run(argc - 1, argv + 1);
		(void)fputs(commands[i].help, stdout);
		return EXIT_SUCCESS;
	}
	(void)fprintf(stderr, "fake-services: there is no command \"%s\"\n\n", argv[1]);
	print_commands(stderr);
	return FAKE_EXIT_USAGE;
}
