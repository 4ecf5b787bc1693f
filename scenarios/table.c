/* The table of all keys, in the order in which people should read about them. */
#include "scenarios/keys.h"

#include "scenarios/config.h"
#include "scenarios/scenario.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

#define TEXT_BYTES  65536 /* a body, a payload */
#define LINE_BYTES  1000  /* everything that people read on a line */
#define NAME_BYTES  64
#define QUERY_BYTES 4000
#define MEMBERS     64 /* of any list */

/* Where a value goes. */
#define IN(type, member)           .offset = offsetof(struct type, member)
#define IN_LIST(type, list, count) IN(type, list), .count_offset = offsetof(struct type, count)
#define OF_SIZE(type)              .size = sizeof(struct type), .min = 1, .max = MEMBERS

/* How large it may be. */
#define LINE      .min = 1, .max = LINE_BYTES
#define BODY      .min = 0, .max = TEXT_BYTES
#define FEW       .min = 1, .max = MEMBERS
#define ANY_FEW   .min = 0, .max = MEMBERS
#define VIA(name) .bound = true, .via = VIA_##name

static const char *kind_word(int i)
{
	return i < KIND_COUNT ? kind_name((enum fault_kind)i) : NULL;
}

static const char *via_word(int i)
{
	return i < VIA_COUNT ? via_name((enum fault_via)i) : NULL;
}

static const char *effect_word(int i) /* without "irreversible": nobody may allow that */
{
	return i < EFFECT_IRREVERSIBLE ? effect_name((enum effect)i) : NULL;
}

static const char *chat_type_word(int i)
{
	return i < 1 ? "slack" : NULL;
}

static const char *hop_type_word(int i)
{
	static const char *const words[] = {"prometheus", "alertmanager", "grafana", "loki",
					    "http-json"};

	return i < (int)LENGTH(words) ? words[i] : NULL;
}

static const char *station_word(int i) /* without "chat": firedrill reads that itself */
{
	return i < HOP_CHAT ? hop_name((enum hop)i) : NULL;
}

static const char *method_word(int i)
{
	static const char *const words[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};

	return i < (int)LENGTH(words) ? words[i] : NULL;
}

static const char *mode_word(int i)
{
	static const char *const words[CANARY_MODE_COUNT] = {
	    [CANARY_STATUS] = "status", [CANARY_REFUSED] = "refused", [CANARY_HANG] = "hang",
	    [CANARY_SLOW] = "slow",     [CANARY_BODY] = "body",
	};

	return i < CANARY_MODE_COUNT ? words[i] : NULL;
}

/* clang-format off */

/* The keys of an HTTP request: the ones that every step has. */
#define HTTP(step, name, what, ...)                                                                \
	{KEYS_SCENARIO, "fault." #step "." name, what, VIA(HTTP), __VA_ARGS__}
#define HTTP_CALL(step, usual_method, ...)                                                         \
	HTTP(step, "url", KEY_URL, __VA_ARGS__, IN(scenario, fault.http.step.url), LINE,           \
	     .required = true, .example = "\"${api}/admin/queue\"", .help = "Where it is sent"),   \
	HTTP(step, "method", KEY_CHOICE, __VA_ARGS__, IN(scenario, fault.http.step.method), LINE,  \
	     .standard = usual_method, .word = method_word, .help = "The request's method"),       \
	HTTP(step, "headers", KEY_HEADERS, IN(scenario, fault.http.step.headers),                  \
	     .min = 0, .max = 32, .references = true, .otherwise = "none",                         \
	     .example = "{ Authorization = \"env:ORDERS_AUTHORIZATION\"; }",                       \
	     .help = "Headers; a secret one must be a reference to its whole value"),              \
	HTTP(step, "status", KEY_INTEGER, __VA_ARGS__, IN(scenario, fault.http.step.status),       \
	     .min = 100, .max = 599, .otherwise = "any 2xx", .example = "204",                     \
	     .help = "The status that the answer must have"),                                      \
	HTTP(step, "contains", KEY_TEXT, __VA_ARGS__, IN(scenario, fault.http.step.contains),      \
	     LINE, .otherwise = "anything", .example = "\"orders\"",                               \
	     .help = "A text that must occur in the answer's body")
/* A request that changes something: `body` is sent. */
#define HTTP_CHANGE(step, ...)                                                                     \
	HTTP_CALL(step, "PUT", __VA_ARGS__),                                                       \
	HTTP(step, "body", KEY_TEXT, __VA_ARGS__, IN(scenario, fault.http.step.body), BODY,        \
	     .otherwise = "nothing", .example = "\"orders-${drill}\"", .help = "What is sent"),    \
	HTTP(step, "expect", KEY_TEXT, __VA_ARGS__, IN(scenario, fault.http.step.expect), BODY,    \
	     .otherwise = "anything", .example = "\"ok\"",                                         \
	     .help = "What the answer's body must be, without blanks around it")
/* A request that only looks: `body` is what comes back. */
#define HTTP_LOOK(step, ...)                                                                       \
	HTTP_CALL(step, "GET", __VA_ARGS__),                                                       \
	HTTP(step, "body", KEY_TEXT, __VA_ARGS__, IN(scenario, fault.http.step.expect), BODY,      \
	     .otherwise = "anything", .example = "\"orders\"",                                     \
	     .help = "What the answer's body must be, without blanks around it")
#define NO_ORIGINAL   .original = false
#define WITH_ORIGINAL .original = true

#define CONFIG   KEYS_CONFIG
#define SCENARIO KEYS_SCENARIO

const struct key keys_all[] = {
    /* firedrill.cfg */
    {CONFIG, "state", KEY_PATH, IN(config, state), LINE, .standard = "firedrill.db",
     .help = "The file in which faults and drills are remembered; a relative one lies in "
             "$STATE_DIRECTORY when that is set, as systemd does for a service"},
    {CONFIG, "scenarios", KEY_PATH, IN(config, scenarios), LINE, .standard = "scenarios",
     .help = "The folder of scenario files; every `*.cfg` in it is one"},

    {CONFIG, "chats", KEY_NAMED, IN_LIST(config, chats, chat_count), OF_SIZE(chat_settings),
     .required = true, .example = "{ slack = { type = \"slack\"; token = \"env:SLACK_TOKEN\"; }; }",
     .help = "The chats that are read and posted to, by the names that scenarios use"},
    {CONFIG, "chats.*.type", KEY_CHOICE, IN(chat_settings, type), LINE, .required = true,
     .word = chat_type_word, .example = "\"slack\"", .help = "What it is"},
    {CONFIG, "chats.*.token", KEY_SECRET, IN(chat_settings, token), LINE, .required = true,
     .example = "\"env:SLACK_TOKEN\"", .help = "Where the bot's token is; never the token itself"},
    {CONFIG, "chats.*.url", KEY_URL, IN(chat_settings, url), LINE,
     .standard = "https://slack.com/api", .help = "Where the chat's API begins"},
    {CONFIG, "chats.*.poll", KEY_DURATION, IN(chat_settings, poll_ms), .min = 10, .max = HOUR,
     .standard = "2s", .help = "The time between two reads of one channel"},
    {CONFIG, "chats.*.timeout", KEY_DURATION, IN(chat_settings, timeout_ms), .min = 10,
     .max = 10 * MINUTE, .standard = "10s", .help = "How long one request may take"},
    {CONFIG, "chats.*.requests_per_minute", KEY_INTEGER, IN(chat_settings, requests_per_minute),
     .min = 1, .max = 60000, .otherwise = "the chat's usual limit: 50 for Slack", .example = "50",
     .help = "How many requests may be spent on reading, over all channels"},
    {CONFIG, "chats.*.patience", KEY_DURATION, IN(chat_settings, patience_ms), .min = 100,
     .max = HOUR, .standard = "75s",
     .help = "How long after a deadline a chat that fails or is slow is still tried"},

    {CONFIG, "pipelines", KEY_NAMED, IN_LIST(config, pipelines, pipeline_count),
     OF_SIZE(pipeline), .otherwise = "nobody is asked where an alert was lost",
     .example = "{ main = { hops = ( { type = \"prometheus\"; url = "
                "\"http://prometheus.example:9090\"; } ); }; }",
     .help = "The ways that alerts take, by the names that environments use"},
    {CONFIG, "pipelines.*.hops", KEY_LIST, IN_LIST(pipeline, hops, hop_count),
     OF_SIZE(hop_settings), .required = true,
     .example = "( { type = \"alertmanager\"; url = \"http://alertmanager.example:9093\"; } )",
     .help = "Who can be asked about an alert on its way; in any order"},
    {CONFIG, "pipelines.*.hops[].type", KEY_CHOICE, IN(hop_settings, type), LINE, .required = true,
     .word = hop_type_word, .example = "\"prometheus\"", .help = "What it is"},
    {CONFIG, "pipelines.*.hops[].name", KEY_TEXT, IN(hop_settings, name), .min = 1,
     .max = NAME_BYTES, .otherwise = "the type", .example = "\"prometheus-2\"",
     .help = "What people call it"},
    {CONFIG, "pipelines.*.hops[].url", KEY_URL, IN(hop_settings, url), LINE, .required = true,
     .example = "\"https://monitoring.example/prometheus\"",
     .help = "Where it is, with a path prefix if it has one; with type \"http-json\": what is read"},
    {CONFIG, "pipelines.*.hops[].headers", KEY_HEADERS, IN(hop_settings, headers), .min = 0,
     .max = 32, .references = true, .otherwise = "none",
     .example = "{ Authorization = \"env:GRAFANA_AUTHORIZATION\"; }",
     .help = "Headers of every request; a secret one must be a reference to its whole value"},
    {CONFIG, "pipelines.*.hops[].timeout", KEY_DURATION, IN(hop_settings, timeout_ms), .min = 10,
     .max = 10 * MINUTE, .standard = "5s", .help = "How long one request may take"},
    {CONFIG, "pipelines.*.hops[].query", KEY_TEXT, IN(hop_settings, query), .min = 1,
     .max = QUERY_BYTES, .otherwise = "needed with type \"loki\"",
     .example = "\"{app=\\\"orders\\\", level=\\\"error\\\"}\"",
     .help = "With type \"loki\": the LogQL query of the lines that the rule reads; with "
             "\"http-json\": put behind the URL, such as \"?active=true\""},
    {CONFIG, "pipelines.*.hops[].path", KEY_TEXT, IN(hop_settings, path), LINE,
     .otherwise = "needed with type \"http-json\"", .example = "\"data.items[*]\"",
     .help = "With type \"http-json\": where the alerts are in the answer; each must hold every "
             "text of `match`"},
    {CONFIG, "pipelines.*.hops[].station", KEY_CHOICE, IN(hop_settings, station), LINE,
     .word = station_word,
     .otherwise = "\"log\" with type \"loki\"; needed with type \"http-json\"",
     .example = "\"alertmanager\"",
     .help = "With these two types: which station of the way it is"},

    {CONFIG, "pipelines.*.bisect", KEY_GROUP, .otherwise = "nothing is sent after a gap",
     .example = "{ webhooks = ( { channel = \"#ops\"; url = \"env:SLACK_WEBHOOK_OPS\"; } ); "
                "alertmanager = true; }",
     .help = "What is sent after a gap, marked as a drill, to confirm where the alert was lost"},
    {CONFIG, "pipelines.*.bisect.webhooks", KEY_LIST,
     IN_LIST(pipeline, bisect.webhooks, bisect.webhook_count), OF_SIZE(webhook_settings),
     .otherwise = "nothing is posted",
     .example = "( { channel = \"#ops\"; url = \"env:SLACK_WEBHOOK_OPS\"; } )",
     .help = "The incoming webhooks by which the sender of alerts posts: one for each channel"},
    {CONFIG, "pipelines.*.bisect.webhooks[].chat", KEY_CHAT, IN(webhook_settings, chat), LINE,
     .otherwise = "the only chat there is", .help = "The chat of the channel"},
    {CONFIG, "pipelines.*.bisect.webhooks[].channel", KEY_CHANNEL, IN(webhook_settings, channel),
     LINE, .required = true, .example = "\"#ops\"",
     .help = "The channel that it posts to, written as in `expect`"},
    {CONFIG, "pipelines.*.bisect.webhooks[].url", KEY_SECRET, IN(webhook_settings, url), LINE,
     .required = true, .example = "\"env:SLACK_WEBHOOK_OPS\"",
     .help = "Where the webhook's address is; never the address itself, which is a secret"},
    {CONFIG, "pipelines.*.bisect.alertmanager", KEY_BOOLEAN, IN(pipeline, bisect.alertmanager),
     .standard = "false", .example = "true",
     .help = "Send an alert with the labels of the lost one straight to the Alertmanager of "
             "`hops`; it is ended at once, and ends by itself within 5 minutes"},
    {CONFIG, "pipelines.*.bisect.within", KEY_DURATION, IN(pipeline, bisect.within_ms),
     .min = SECOND, .max = 4 * MINUTE, .standard = "60s",
     .help = "How long each of the two may take until it is read in the channel"},

    {CONFIG, "environments", KEY_NAMED, IN_LIST(config, environments, environment_count),
     OF_SIZE(environment), .required = true,
     .example = "{ staging = { }; production = { protected = true; }; }",
     .help = "Where drills may run, by the names that scenarios use"},
    {CONFIG, "environments.*.protected", KEY_BOOLEAN, IN(environment, protected_),
     .standard = "false", .example = "true",
     .help = "Drills by hand need `--allow-protected` here"},
    {CONFIG, "environments.*.effect_limit", KEY_WORD, IN(environment, effect_limit),
     .word = effect_word, .otherwise = "\"copy\" when protected, else \"mutation\"",
     .example = "\"copy\"", .help = "How far a fault may reach here; anything further is refused"},
    {CONFIG, "environments.*.hours", KEY_HOURS, IN(environment, hours), FEW,
     .otherwise = "at any time", .example = "[ \"Mon-Fri 09:00-17:00\" ]",
     .help = "When a fault may be in place here: it must end by `hold_at_most` inside, too"},
    {CONFIG, "environments.*.zone", KEY_ZONE, IN(environment, zone), LINE, .standard = "UTC",
     .example = "\"Europe/Berlin\"",
     .help = "The time zone of `hours`, of schedules, and of the days of `drills_per_day`"},
    {CONFIG, "environments.*.holidays", KEY_TEXTS, IN(environment, holidays), FEW,
     .otherwise = "none", .example = "[ \"german\" ]",
     .help = "Calendars of `calendars`: on their days nothing runs by itself here"},
    {CONFIG, "environments.*.blackout", KEY_TEXTS, IN(environment, blackout), FEW,
     .otherwise = "none",
     .example = "[ \"2026-12-19 to 2027-01-06\", \"Fri 14:00-24:00\" ]",
     .help = "When nothing runs by itself here: days, moments, or hours of every week"},
    {CONFIG, "environments.*.targets", KEY_PATTERNS, IN(environment, targets), FEW,
     .otherwise = "anything", .help = "What may be changed here, with `*` and `?`; `firedrill plan` "
                                      "shows what a drill changes"},
    {CONFIG, "environments.*.spacing", KEY_DURATION, IN(environment, spacing_ms), .min = SECOND,
     .max = 30 * DAY, .otherwise = "none", .example = "\"1h\"",
     .help = "The least time between the end of one fault and the next"},
    {CONFIG, "environments.*.drills_per_day", KEY_INTEGER, IN(environment, drills_per_day),
     .min = 1, .max = 10000, .otherwise = "any number", .example = "3",
     .help = "How many faults may be put in here in one day"},
    {CONFIG, "environments.*.freeze", KEY_PATH, IN(environment, freeze), LINE,
     .otherwise = "none", .example = "\"/etc/firedrill/freeze-production\"",
     .help = "While this file exists, nothing new is broken here; its first line says why"},
    {CONFIG, "environments.*.pipeline", KEY_NAME, IN(environment, pipeline), LINE,
     .otherwise = "nobody is asked", .example = "\"main\"",
     .help = "The pipeline that its alerts pass: who is asked where one was lost"},
    {CONFIG, "environments.*.bisect", KEY_BOOLEAN, IN(environment, bisect),
     .otherwise = "true; false when protected", .example = "false",
     .help = "Send what `bisect` of its pipeline says after a gap here"},
    {CONFIG, "environments.*.variables", KEY_VARIABLES, IN(environment, variables), .min = 0,
     .max = 256, .otherwise = "none", .example = "{ alerts = \"#ops\"; }",
     .help = "Texts for ${name} in every scenario that runs here"},

    {CONFIG, "report", KEY_GROUP, .otherwise = "reports go to the watched channels only",
     .example = "{ channel = \"#drills\"; }",
     .help = "Where reports go besides the watched channels"},
    {CONFIG, "report.chat", KEY_CHAT, IN(config, report.chat), LINE,
     .otherwise = "the only chat there is", .help = "The chat of the report channel"},
    {CONFIG, "report.channel", KEY_CHANNEL, IN(config, report.channel), LINE,
     .otherwise = "no report channel", .example = "\"#drills\"",
     .help = "The channel that gets every report"},
    {CONFIG, "report.announce", KEY_BOOLEAN, IN(config, report.announce), .standard = "true",
     .help = "Post the drill's message in the watched channels, too"},
    {CONFIG, "report.digest", KEY_TEXT, IN(config, report.digest), LINE, .otherwise = "never",
     .example = "\"0 9 * * Mon\"",
     .help = "When `firedrill serve` posts a digest to the report channel; written as a schedule"},
    {CONFIG, "report.zone", KEY_ZONE, IN(config, report.zone), LINE, .standard = "UTC",
     .example = "\"Europe/Berlin\"", .help = "The time zone of `digest` and of times in it"},
    {CONFIG, "report.second", KEY_GROUP, .otherwise = "the chat only",
     .example = "{ webhook = \"env:OTHER_CHAT_WEBHOOK\"; }",
     .help = "Where people are told when the report channel cannot be reached, or is itself what "
             "is broken; each that is named is used"},
    {CONFIG, "report.second.chat", KEY_CHAT, IN(config, report.second.chat), LINE,
     .otherwise = "the only chat there is", .help = "Another chat of `chats`"},
    {CONFIG, "report.second.channel", KEY_CHANNEL, IN(config, report.second.channel), LINE,
     .otherwise = "no other channel", .example = "\"#drills-second\"",
     .help = "Its channel"},
    {CONFIG, "report.second.webhook", KEY_SECRET, IN(config, report.second.webhook), LINE,
     .otherwise = "none", .example = "\"env:OTHER_CHAT_WEBHOOK\"",
     .help = "Where the address is that gets a POST with the JSON { \"text\": ... }; never the "
             "address itself, which is a secret"},
    {CONFIG, "report.second.mail", KEY_GROUP, .otherwise = "none",
     .example = "{ server = \"smtp://mail.example:587\"; from = \"firedrill@mail.example\"; "
                "to = [ \"ops@mail.example\" ]; }",
     .help = "E-mail, by SMTP"},
    {CONFIG, "report.second.mail.server", KEY_TEXT, IN(config, report.second.mail.server), LINE,
     .required = true, .example = "\"smtp://mail.example:587\"",
     .help = "The server; `smtp://` uses STARTTLS where it is offered, `smtps://` TLS from the start"},
    {CONFIG, "report.second.mail.user", KEY_TEXT, IN(config, report.second.mail.user), LINE,
     .otherwise = "nobody logs in", .example = "\"firedrill\"", .help = "Who logs in there"},
    {CONFIG, "report.second.mail.password", KEY_SECRET, IN(config, report.second.mail.password),
     LINE, .otherwise = "nobody logs in", .example = "\"env:MAIL_PASSWORD\"",
     .help = "Where the user's password is; never the password itself"},
    {CONFIG, "report.second.mail.from", KEY_TEXT, IN(config, report.second.mail.from), LINE,
     .required = true, .example = "\"firedrill@mail.example\"", .help = "The sender's address"},
    {CONFIG, "report.second.mail.to", KEY_TEXTS, IN(config, report.second.mail.to), FEW,
     .required = true, .example = "[ \"ops@mail.example\" ]", .help = "The addresses that get it"},

    {CONFIG, "owners", KEY_NAMED, IN_LIST(config, owners, owner_count), OF_SIZE(owner_settings),
     .otherwise = "nobody is called by name", .example = "{ payments = { mention = \"S0614TZR7\"; }; }",
     .help = "The teams that scenarios name in `owner`"},
    {CONFIG, "owners.*.mention", KEY_TEXT, IN(owner_settings, mention), .min = 1, .max = NAME_BYTES,
     .required = true, .example = "\"S0614TZR7\"",
     .help = "Who is called in chat when a gap is new: the id of a user or of a user group, \"here\" "
             "or \"channel\""},

    {CONFIG, "calendars", KEY_NAMED, IN_LIST(config, calendars, calendar_count),
     OF_SIZE(calendar_settings), .otherwise = "no holidays",
     .example = "{ german = { file = \"holidays-de.ics\"; }; }",
     .help = "Holidays, by the names that environments use"},
    {CONFIG, "calendars.*.file", KEY_PATH, IN(calendar_settings, file), LINE, .required = true,
     .example = "\"holidays-de.ics\"", .help = "A file of iCalendar; its events are the holidays"},

    {CONFIG, "canary", KEY_GROUP, .otherwise = "no canaries",
     .example = "{ listen = \"127.0.0.1:9810\"; }",
     .help = "Where firedrill itself hosts services for monitors to poll"},
    {CONFIG, "canary.listen", KEY_ADDRESS, IN(config, canary.listen), LINE, .required = true,
     .help = "The address and port to listen on"},

    {CONFIG, "freeze", KEY_PATH, IN(config, freeze), LINE, .otherwise = "none",
     .example = "\"/etc/firedrill/freeze\"",
     .help = "While this file exists, nothing new is broken anywhere; its first line says why"},

    {CONFIG, "history", KEY_GROUP, .otherwise = "drills are remembered for a year",
     .example = "{ keep = \"90d\"; }",
     .help = "What is remembered of drills that are over, in a file beside `state`"},
    {CONFIG, "history.keep", KEY_DURATION, IN(config, history.keep_ms), .min = DAY,
     .max = 366 * DAY, .standard = "365d",
     .help = "How long a drill, and what it proved, is remembered; at most 4 GiB of the newest"},

    {CONFIG, "serve", KEY_GROUP, .otherwise = "pages and metrics on 127.0.0.1:9820",
     .example = "{ listen = \"127.0.0.1:9820\"; }", .help = "Pages and metrics of `firedrill serve`"},
    {CONFIG, "serve.listen", KEY_ADDRESS, IN(config, serve.listen), LINE,
     .standard = "127.0.0.1:9820",
     .help = "The address and port; anything but a loopback address needs a token"},
    {CONFIG, "serve.token", KEY_SECRET, IN(config, serve.token), LINE, .otherwise = "none is asked for",
     .example = "\"env:FIREDRILL_TOKEN\"",
     .help = "Where the token is that readers must have: as a bearer token, or as the password of "
             "any user in a browser"},
    {CONFIG, "serve.url", KEY_URL, IN(config, serve.url), LINE, .otherwise = "no links",
     .example = "\"https://firedrill.example\"",
     .help = "How people reach the pages: for the links in chat"},

    {CONFIG, "heartbeat", KEY_GROUP, .otherwise = "nobody notices when firedrill itself is dead",
     .example = "{ url = \"env:HEARTBEAT_URL\"; }",
     .help = "A service that calls people when `firedrill serve` does not call it"},
    {CONFIG, "heartbeat.url", KEY_SECRET, IN(config, heartbeat.url), LINE, .required = true,
     .example = "\"env:HEARTBEAT_URL\"",
     .help = "Where the address is that is called; /start and /fail are added to it at the start and "
             "when something is wrong"},
    {CONFIG, "heartbeat.every", KEY_DURATION, IN(config, heartbeat.every_ms), .min = SECOND,
     .max = DAY, .standard = "1m", .help = "The time between two calls"},

    {CONFIG, "alarm", KEY_GROUP, .otherwise = "the chat and the system log only",
     .example = "{ url = \"https://alarm.example/firedrill\"; }",
     .help = "Who is told of a fault that stays, whatever the chat does"},
    {CONFIG, "alarm.url", KEY_URL, IN(config, alarm.url), LINE, .otherwise = "none",
     .example = "\"https://alarm.example/firedrill\"",
     .help = "Gets a POST with the JSON { \"text\": ... }"},
    {CONFIG, "alarm.headers", KEY_HEADERS, IN(config, alarm.headers), .min = 0, .max = 32,
     .references = true, .otherwise = "none", .example = "{ Authorization = \"env:ALARM_KEY\"; }",
     .help = "Headers of that request; a secret one must be a reference to its whole value"},
    {CONFIG, "alarm.command", KEY_COMMAND, IN(config, alarm.command), FEW, .otherwise = "none",
     .example = "[ \"/usr/local/bin/page\", \"ops\" ]",
     .help = "A command that tells somebody; the text is in FIREDRILL_ALARM; no shell"},

    /* scenarios */
    {SCENARIO, "name", KEY_NAME, IN(scenario, name), .min = 1, .max = NAME_BYTES, .required = true,
     .verbatim = true, .help = "What it is called on the command line and in reports"},
    {SCENARIO, "summary", KEY_TEXT, IN(scenario, summary), LINE, .required = true,
     .example = "\"The orders API publishes to a queue that does not exist\"",
     .help = "One sentence: what goes wrong"},
    {SCENARIO, "owner", KEY_TEXT, IN(scenario, owner), LINE, .otherwise = "nobody",
     .example = "\"payments\"", .help = "The team to talk to"},
    {SCENARIO, "runbook", KEY_TEXT, IN(scenario, runbook), LINE, .otherwise = "none",
     .example = "\"https://wiki.example/orders-queue\"",
     .help = "The page that says what to do"},
    {SCENARIO, "jitter", KEY_DURATION, IN(scenario, jitter_ms), .min = 0, .max = DAY,
     .standard = "1m",
     .help = "A drill by schedule begins up to so much later, by an amount that is always the same for "
             "this scenario; never more than half of the time between two"},
    {SCENARIO, "repeat", KEY_BOOLEAN, IN(scenario, repeat), .standard = "true",
     .help = "A gap that a schedule finds is confirmed by one repeat before anybody is called"},
    {SCENARIO, "service", KEY_TEXTS, IN(scenario, service), FEW, .otherwise = "none",
     .example = "[ \"orders\" ]",
     .help = "Texts of which an alert of the same service carries one; such an alert that is not "
             "this drill's own ends the drill"},

    {SCENARIO, "fault", KEY_GROUP, .required = true,
     .example = "{ kind = \"none\"; via = \"none\"; }", .help = "What is broken, and how"},
    {SCENARIO, "fault.kind", KEY_WORD, IN(scenario, fault.kind), .required = true,
     .word = kind_word, .example = "\"bad-queue-name\"", .help = "What is wrong"},
    {SCENARIO, "fault.via", KEY_WORD, IN(scenario, fault.via), .required = true, .word = via_word,
     .example = "\"http\"", .help = "What puts the fault in; it decides the keys below"},
    {SCENARIO, "fault.hold_at_most", KEY_DURATION, IN(scenario, fault.hold_at_most_ms), .min = 100,
     .max = 7 * DAY,
     .otherwise = "1m plus the longest `within` or `hold`; \"auto\" counts as 5m",
     .example = "\"5m\"", .help = "The lease: the fault is taken out at the latest after this"},
    {SCENARIO, "fault.hold", KEY_DURATION, IN(scenario, fault.hold_ms), .min = 0, .max = 7 * DAY,
     .automatic = true, .standard = "0s", .example = "\"auto\"",
     .help = "The fault stays in place at least this long, even when every alert has come; "
             "`auto`: until each of them could have come"},

    /* via http */
    {SCENARIO, "fault.capture", KEY_GROUP, VIA(HTTP), .otherwise = "nothing is read",
     .example = "{ url = \"${api}/admin/queue\"; }",
     .help = "Read before the fault: the answer's body becomes ${original}"},
    HTTP_LOOK(capture, NO_ORIGINAL),
    {SCENARIO, "fault.inject", KEY_GROUP, VIA(HTTP), .required = true,
     .example = "{ url = \"${api}/admin/queue\"; body = \"orders-${drill}\"; }",
     .help = "The request that breaks it"},
    HTTP_CHANGE(inject, NO_ORIGINAL),
    {SCENARIO, "fault.witness", KEY_GROUP, VIA(HTTP),
     .otherwise = "`confirm`, which must not hold then",
     .example = "{ url = \"${api}/metrics\"; contains = \"orders-${drill}\"; }",
     .help = "An independent look that the fault really bites"},
    HTTP_LOOK(witness, NO_ORIGINAL),
    {SCENARIO, "fault.revert", KEY_GROUP, VIA(HTTP), .required = true,
     .example = "{ url = \"${api}/admin/queue\"; body = \"${original}\"; }",
     .help = "The request that puts it right; may use ${original}"},
    HTTP_CHANGE(revert, WITH_ORIGINAL),
    {SCENARIO, "fault.confirm", KEY_GROUP, VIA(HTTP), .required = true,
     .example = "{ url = \"${api}/admin/queue\"; body = \"orders\"; }",
     .help = "Reads the target back afterwards; with a capture and without a body, the answer must "
             "be ${original}"},
    HTTP_LOOK(confirm, WITH_ORIGINAL),

    /* via process */
    {SCENARIO, "fault.command", KEY_COMMAND, VIA(PROCESS), IN(scenario, fault.process.command), FEW,
     .required = true, .example = "[ \"/opt/orders/worker\", \"--once\" ]",
     .help = "The service's command, of which a copy is started; no shell"},
    {SCENARIO, "fault.unset", KEY_UNSET, VIA(PROCESS), IN(scenario, fault.process.unset), FEW,
     .otherwise = "none", .help = "Environment variables that the copy does not get"},
    {SCENARIO, "fault.set", KEY_SETTINGS, VIA(PROCESS), IN(scenario, fault.process.set), ANY_FEW,
     .otherwise = "none", .example = "{ QUEUE = \"orders-${drill}\"; }",
     .help = "Environment variables that the copy gets with another value"},
    {SCENARIO, "fault.directory", KEY_PATH, VIA(PROCESS), IN(scenario, fault.process.directory),
     LINE, .otherwise = "firedrill's own", .example = "\"/opt/orders\"",
     .help = "The folder in which the copy is started"},
    {SCENARIO, "fault.ready", KEY_TEXT, VIA(PROCESS), IN(scenario, fault.process.ready), LINE,
     .otherwise = "only `dies_within` counts", .example = "\"worker ready\"",
     .help = "A text in its output that says that it started anyway"},
    {SCENARIO, "fault.dies_within", KEY_DURATION, VIA(PROCESS),
     IN(scenario, fault.process.dies_within_ms), .min = 10, .max = HOUR, .standard = "10s",
     .help = "Alive after this, it started anyway: it is stopped and the fault had no effect"},

    /* via canary */
    {SCENARIO, "fault.name", KEY_NAME, VIA(CANARY), IN(scenario, fault.canary.name), .min = 1,
     .max = NAME_BYTES, .required = true, .example = "\"orders\"",
     .help = "Hosted as /canary/NAME/health"},
    {SCENARIO, "fault.mode", KEY_WORD, VIA(CANARY), IN(scenario, fault.canary.mode),
     .word = mode_word, .standard = "status",
     .help = "How it is ill: a bad status, a refused connection, no answer, a late one, a wrong "
             "body"},
    {SCENARIO, "fault.status", KEY_INTEGER, VIA(CANARY), IN(scenario, fault.canary.status),
     .min = 300, .max = 599, .standard = "503", .help = "With mode \"status\": the status"},
    {SCENARIO, "fault.delay", KEY_DURATION, VIA(CANARY), IN(scenario, fault.canary.delay_ms),
     .min = 1, .max = HOUR, .otherwise = "needed with mode \"slow\"", .example = "\"30s\"",
     .help = "With mode \"slow\": how late it answers"},
    {SCENARIO, "fault.body", KEY_TEXT, VIA(CANARY), IN(scenario, fault.canary.body), BODY,
     .otherwise = "needed with mode \"body\"", .example = "\"database: down\"",
     .help = "With mode \"body\": what it answers, with status 200"},
    {SCENARIO, "fault.polled_within", KEY_DURATION, VIA(CANARY),
     IN(scenario, fault.canary.polled_within_ms), .min = 10, .max = DAY, .standard = "2m",
     .help = "How recently the monitor must have found it healthy before the fault"},

    /* via rabbitmq */
    {SCENARIO, "fault.url", KEY_URL, VIA(RABBITMQ), IN(scenario, fault.rabbitmq.url), LINE,
     .required = true, .example = "\"http://rabbit.example:15672\"",
     .help = "The management API of the broker"},
    {SCENARIO, "fault.user", KEY_TEXT, VIA(RABBITMQ), IN(scenario, fault.rabbitmq.user), LINE,
     .required = true, .example = "\"firedrill\"", .help = "A user who may publish"},
    {SCENARIO, "fault.password", KEY_SECRET, VIA(RABBITMQ), IN(scenario, fault.rabbitmq.password),
     LINE, .required = true, .example = "\"env:RABBITMQ_PASSWORD\"",
     .help = "Where the user's password is; never the password itself"},
    {SCENARIO, "fault.vhost", KEY_TEXT, VIA(RABBITMQ), IN(scenario, fault.rabbitmq.vhost), LINE,
     .standard = "/", .help = "The virtual host"},
    {SCENARIO, "fault.exchange", KEY_TEXT, VIA(RABBITMQ), IN(scenario, fault.rabbitmq.exchange),
     LINE, .standard = "amq.default", .help = "The exchange to publish to"},
    {SCENARIO, "fault.routing_key", KEY_TEXT, VIA(RABBITMQ),
     IN(scenario, fault.rabbitmq.routing_key), LINE, .required = true,
     .example = "\"orders-${drill}\"",
     .help = "With the default exchange: the queue that does not exist"},
    {SCENARIO, "fault.payload", KEY_TEXT, VIA(RABBITMQ), IN(scenario, fault.rabbitmq.payload), BODY,
     .standard = "[DRILL] firedrill ${drill}: this message goes nowhere on purpose",
     .help = "The message"},

    /* via exec */
    {SCENARIO, "fault.inject", KEY_COMMAND, VIA(EXEC), IN(scenario, fault.exec.inject), FEW,
     .required = true, .example = "[ \"/usr/local/bin/break-queue\", \"${drill}\" ]",
     .help = "The command that breaks it; exit status 0 means done; no shell"},
    {SCENARIO, "fault.witness", KEY_COMMAND, VIA(EXEC), IN(scenario, fault.exec.witness), FEW,
     .otherwise = "`confirm`, which must not hold then",
     .example = "[ \"/usr/local/bin/queue-is-broken\" ]",
     .help = "Exit status 0 means that the fault really bites"},
    {SCENARIO, "fault.revert", KEY_COMMAND, VIA(EXEC), IN(scenario, fault.exec.revert), FEW,
     .required = true, .example = "[ \"/usr/local/bin/mend-queue\" ]",
     .help = "The command that puts it right; it may run more than once"},
    {SCENARIO, "fault.confirm", KEY_COMMAND, VIA(EXEC), IN(scenario, fault.exec.confirm), FEW,
     .required = true, .example = "[ \"/usr/local/bin/queue-is-fine\" ]",
     .help = "Exit status 0 means that nothing of the fault is left"},
    {SCENARIO, "fault.environment", KEY_SETTINGS, VIA(EXEC), IN(scenario, fault.exec.environment),
     ANY_FEW, .references = true, .otherwise = "PATH and FIREDRILL_DRILL only",
     .example = "{ API_TOKEN = \"env:ORDERS_TOKEN\"; }",
     .help = "More environment variables for the commands; a secret one must be a reference"},
    {SCENARIO, "fault.timeout", KEY_DURATION, VIA(EXEC), IN(scenario, fault.exec.timeout_ms),
     .min = 10, .max = HOUR, .standard = "30s", .help = "How long each command may take"},

    {SCENARIO, "stop_when", KEY_LIST, IN_LIST(scenario, stop_when, stop_when_count),
     OF_SIZE(stop_condition), .otherwise = "nothing",
     .example = "( { check = \"${api}/health\"; } )",
     .help = "What is looked at while the fault is in place, and ends the drill at once when it is "
             "wrong"},
    {SCENARIO, "stop_when[].check", KEY_URL, IN(stop_condition, check), LINE,
     .otherwise = "`prometheus` and `query` are needed", .example = "\"${api}/health\"",
     .help = "A URL that must go on to answer as it should"},
    {SCENARIO, "stop_when[].status", KEY_INTEGER, IN(stop_condition, status), .min = 100,
     .max = 599, .otherwise = "any 2xx", .example = "200",
     .help = "With `check`: the status that the answer must have"},
    {SCENARIO, "stop_when[].contains", KEY_TEXT, IN(stop_condition, contains), LINE,
     .otherwise = "anything", .example = "\"ok\"",
     .help = "With `check`: a text that must occur in the answer's body"},
    {SCENARIO, "stop_when[].prometheus", KEY_URL, IN(stop_condition, prometheus), LINE,
     .otherwise = "`check` is needed", .example = "\"http://prometheus.example:9090\"",
     .help = "Where a Prometheus is"},
    {SCENARIO, "stop_when[].query", KEY_TEXT, IN(stop_condition, query), .min = 1,
     .max = QUERY_BYTES, .otherwise = "needed with `prometheus`",
     .example = "\"rate(orders_lost_total[1m]) > 10\"",
     .help = "With `prometheus`: what must find nothing; a series, or a number other than 0, is "
             "wrong"},
    {SCENARIO, "stop_when[].headers", KEY_HEADERS, IN(stop_condition, headers), .min = 0,
     .max = 32, .references = true, .otherwise = "none",
     .example = "{ Authorization = \"env:PROMETHEUS_AUTHORIZATION\"; }",
     .help = "Headers of the request; a secret one must be a reference to its whole value"},
    {SCENARIO, "stop_when[].every", KEY_DURATION, IN(stop_condition, every_ms), .min = 100,
     .max = 10 * MINUTE, .standard = "5s", .help = "The time between two looks"},
    {SCENARIO, "stop_when[].times", KEY_INTEGER, IN(stop_condition, times), .min = 1, .max = 100,
     .standard = "2",
     .help = "So many looks in a row must find it wrong, or must get no answer"},

    {SCENARIO, "expect", KEY_LIST, IN_LIST(scenario, expect, expect_count), OF_SIZE(expectation),
     .required = true,
     .example = "( { channel = \"#ops\"; match = [ \"OrdersQueueMissing\", \"${drill}\" ]; } )",
     .help = "The alerts that must follow, and those that must never follow"},
    {SCENARIO, "expect[].alert", KEY_TEXT, IN(expectation, alert), LINE,
     .otherwise = "the first text of `match`", .example = "\"OrdersQueueMissing\"",
     .help = "What people call it"},
    {SCENARIO, "expect[].chat", KEY_CHAT, IN(expectation, chat), LINE,
     .otherwise = "the only chat there is", .help = "The chat to read"},
    {SCENARIO, "expect[].channel", KEY_CHANNEL, IN(expectation, channel), LINE, .required = true,
     .example = "\"#ops\"", .help = "The channel to read: a name or an id"},
    {SCENARIO, "expect[].match", KEY_TEXTS, IN(expectation, match), FEW, .required = true,
     .example = "[ \"OrdersQueueMissing\", \"${drill}\" ]",
     .help = "Every one of these must occur in the message"},
    {SCENARIO, "expect[].within", KEY_DURATION, IN(expectation, within_ms), .min = 100, .max = DAY,
     .automatic = true, .standard = "2m",
     .help = "The deadline, counted from the fault on; `auto`: computed from what the stations of "
             "the environment's pipeline are set up to do"},
    {SCENARIO, "expect[].grace", KEY_DURATION, IN(expectation, grace_ms), .min = 0, .max = HOUR,
     .standard = "30s", .help = "How long after the deadline a late alert is still looked for"},
    {SCENARIO, "expect[].settle", KEY_DURATION, IN(expectation, settle_ms), .min = 0, .max = HOUR,
     .standard = "0s", .help = "How long to go on reading after it came, for duplicates"},
    {SCENARIO, "expect[].resolved", KEY_DURATION, IN(expectation, resolved_ms), .min = 100,
     .max = DAY, .automatic = true, .otherwise = "not asked for", .example = "\"3m\"",
     .help = "It must be resolved at most this long after the revert; `auto` as with `within`"},
    {SCENARIO, "expect[].resolved_match", KEY_TEXTS, IN(expectation, resolved_match), FEW,
     .standard = "resolved", .help = "One of these, as a word and in any case, means resolved"},
    {SCENARIO, "expect[].contains", KEY_TEXTS, IN(expectation, contains), FEW,
     .otherwise = "nothing", .example = "[ \"runbook\" ]",
     .help = "Must occur in the message, too, or it is `unreadable`"},
    {SCENARIO, "expect[].at_most", KEY_INTEGER, IN(expectation, at_most), .min = 0, .max = 1000,
     .standard = "1", .help = "How many messages may fire; 0: any number"},
    {SCENARIO, "expect[].never", KEY_BOOLEAN, IN(expectation, never),
     .otherwise = "false; true when the kind is \"none\"", .example = "true",
     .help = "It must never appear, until the deadline"},

    {SCENARIO, "in", KEY_NAMED, IN_LIST(scenario, in, in_count), OF_SIZE(placement),
     .required = true,
     .example = "{ staging = { api = \"https://orders.staging.example\"; }; }",
     .help = "The environments of firedrill.cfg in which it may run"},
    {SCENARIO, "in.*.schedule", KEY_TEXT, IN(placement, schedule), LINE, .verbatim = true,
     .otherwise = "only by hand", .example = "\"17 * * * *\"",
     .help = "When `firedrill serve` runs it, in the environment's zone: minute, hour, day, month, "
             "weekday; or \"@daily\", \"@every 6h\", \"RRULE:FREQ=WEEKLY;BYDAY=TU;BYHOUR=10\""},
    {SCENARIO, "in.*.*", KEY_VARIABLE, IN(placement, variables), .min = 0, .max = 256,
     .verbatim = true, .otherwise = "none", .example = "\"https://orders.staging.example\"",
     .help = "Any other name is a variable, for ${name} in this file"},
};

/* clang-format on */

const size_t keys_count = LENGTH(keys_all);
