/* `firedrill init`: a first configuration and a first scenario to edit. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/words.h"
#include "src/program/verbs.h"

static const char config_text[] =
    "# firedrill's configuration; every key: `firedrill reference`.\n"
    "\n"
    "chats = {\n"
    "  slack = {\n"
    "    type  = \"slack\";\n"
    "    token = \"env:SLACK_TOKEN\";   # a bot token: scopes chat:write, channels:read, channels:history\n"
    "  };\n"
    "};\n"
    "\n"
    "# The stations that alerts pass. They tell where one was lost, and how long one takes.\n"
    "# pipelines = {\n"
    "#   main = {\n"
    "#     hops = ( { type = \"prometheus\";   url = \"http://prometheus.example:9090\"; },\n"
    "#              { type = \"alertmanager\"; url = \"http://alertmanager.example:9093\"; } );\n"
    "#     # Probes marked [DRILL] confirm a gap; in a protected environment only with bisect = true.\n"
    "#     bisect = { webhooks = ( { channel = \"#ops-staging\"; url = \"env:SLACK_WEBHOOK\"; } );\n"
    "#                alertmanager = true; };\n"
    "#   };\n"
    "# };\n"
    "\n"
    "environments = {\n"
    "  staging    = {\n"
    "    # pipeline = \"main\";\n"
    "  };\n"
    "  production = {\n"
    "    # pipeline = \"main\";\n"
    "    protected = true;                    # drills by hand need --allow-protected\n"
    "    hours = [ \"Mon-Fri 09:00-15:00\" ];   # nothing is broken outside of these\n"
    "    zone = \"UTC\";                        # such as \"Europe/Berlin\"\n"
    "    # blackout = [ \"2026-12-19 to 2027-01-06\" ];   # nothing runs by itself then\n"
    "  };\n"
    "};\n"
    "\n"
    "# Who is told of a fault that stays when the chat is down: a URL that gets a POST, or a command.\n"
    "# alarm = { url = \"https://alarm.example/firedrill\"; };\n"
    "\n"
    "# For `firedrill serve`, which runs drills by schedule (`schedule` in a scenario).\n"
    "# report = {\n"
    "#   channel = \"#drills\";       # gets every report; confirmed gaps are told here, loudly\n"
    "#   digest  = \"0 9 * * Mon\";   # what is proven, what is not, what is getting slower\n"
    "#   second  = { webhook = \"env:OTHER_CHAT_WEBHOOK\"; };   # when that channel cannot be reached\n"
    "# };\n"
    "# owners = { payments = { mention = \"S0614TZR7\"; }; };   # who is called when a gap is new\n"
    "# heartbeat = { url = \"env:HEARTBEAT_URL\"; };   # a service that calls you when firedrill is dead\n"
    "# serve = { listen = \"127.0.0.1:9820\"; };       # pages and /metrics; elsewhere with a token\n";

static const char scenario_text[] =
    "# The control drill: nothing is broken, so no alert may come.  Run it first:\n"
    "#   firedrill run control --env staging\n"
    "\n"
    "name    = \"control\";\n"
    "summary = \"Nothing is broken; an alert would be a false one\";\n"
    "\n"
    "fault = { kind = \"none\"; via = \"none\"; };\n"
    "\n"
    "expect = (\n"
    "  # A text that your alerts carry; not the drill id, which nothing carries when nothing breaks.\n"
    "  { channel = \"${alerts}\"; match = [ \"FIRING\" ]; within = \"10s\"; never = true; }\n"
    ");\n"
    "\n"
    "in = {\n"
    "  staging = { alerts = \"#ops-staging\"; };\n"
    "  # For `firedrill serve`: schedule = \"17 * * * *\"; beside alerts, as below.\n"
    "};\n"
    "\n"
    "# The next drill breaks something. Put it into a file of its own, with your service and alert:\n"
    "#\n"
    "# name    = \"orders-bad-queue\";\n"
    "# summary = \"The orders API publishes to a queue that does not exist\";\n"
    "# fault = {\n"
    "#   kind = \"bad-queue-name\";  via = \"http\";  hold_at_most = \"5m\";\n"
    "#   # hold = \"auto\";   # stays until every alert could have come, not only until they all have\n"
    "#   capture = { url = \"${api}/admin/queue\"; };\n"
    "#   inject  = { url = \"${api}/admin/queue\"; body = \"orders-${drill}\"; };\n"
    "#   revert  = { url = \"${api}/admin/queue\"; body = \"${original}\"; };\n"
    "#   confirm = { url = \"${api}/admin/queue\"; body = \"${original}\"; };\n"
    "# };\n"
    "# expect = (\n"
    "#   # \"auto\" is computed from how the stations of the pipeline are set up; or write \"90s\".\n"
    "#   { alert = \"OrdersQueueMissing\"; channel = \"${alerts}\";\n"
    "#     match = [ \"OrdersQueueMissing\", \"${drill}\" ]; within = \"auto\"; resolved = \"auto\"; }\n"
    "# );\n"
    "# in = {\n"
    "#   staging = {\n"
    "#     alerts = \"#ops-staging\"; api = \"https://orders.staging.example\";\n"
    "#     schedule = \"30 10 * * Mon-Fri\";   # minute, hour, day, month, weekday; in the zone of staging\n"
    "#   };\n"
    "# };\n";

/* "x" never overwrites what is there. */
static bool write_new(const char *path, const char *text)
{
	FILE *file = fopen(path, "wx");

	if (file == NULL && errno == EEXIST) {
		(void)fprintf(stderr,
			      "firedrill: %s is there already and is not overwritten; go on with "
			      "`firedrill check`, or begin in an empty folder\n",
			      path);
		return false;
	}
	if (file == NULL) {
		(void)fprintf(stderr, "firedrill: %s: %s\n", path, strerror(errno));
		return false;
	}
	(void)fputs(text, file);
	if (fclose(file) != 0) {
		(void)fprintf(stderr, "firedrill: %s: %s\n", path, strerror(errno));
		return false;
	}
	(void)printf("wrote %s\n", path);
	return true;
}

static int run_init(const struct options *options)
{
	(void)options;
	if (mkdir("scenarios", 0777) != 0 && errno != EEXIST) {
		(void)fprintf(stderr, "firedrill: scenarios: %s\n", strerror(errno));
		return EXIT_USAGE;
	}
	if (!write_new("firedrill.cfg", config_text) ||
	    !write_new("scenarios/control.cfg", scenario_text))
		return EXIT_USAGE;
	(void)puts("next: set SLACK_TOKEN, write your channel into scenarios/control.cfg, then\n"
		   "`firedrill check` and `firedrill doctor`");
	return EXIT_PASS;
}

const struct verb verb_init = {
    .name = "init",
    .words = "",
    .summary = "write a first firedrill.cfg and scenario into this folder",
    .help = "Writes firedrill.cfg and scenarios/control.cfg into the current folder;\n"
	    "overwrites nothing.",
    .run = run_init,
};
