/* Telling people by a path that does not depend on the chat.  A path that fails is tried again by
 * itself; one path never waits for another. */
#include "probes/alarm.h"

#include <cjson/cJSON.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "probes/child.h"
#include "probes/http.h"
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

#define TRIES_MAX          3
#define PAUSE_MS           1000 /* before the second try; three times as long before the third */
#define URL_TIMEOUT_MS     10000
#define URL_ANSWER_LIMIT   65536 /* bytes */
#define COMMAND_TIMEOUT_MS 30000
#define COMMAND_OUTPUT     200 /* bytes of it that are kept for the words on what went wrong */
#define HEADER_LIMIT       32
#define CALLS_MAX          64 /* in flight; a flood beyond is in the system log only */
#define PATH_DEFAULT       "/usr/local/bin:/usr/bin:/bin"
#define MARK               "alarm" /* of the command's process, where a drill's has the drill id */

enum path { PATH_URL, PATH_COMMAND, PATH_COUNT };

static const char *const path_names[PATH_COUNT] = {
    [PATH_URL] = "alarm.url",
    [PATH_COMMAND] = "alarm.command",
};

/* One alarm on its way by one path. */
struct call {
	struct alarm *alarm; /* borrowed */
	enum path path;
	char *text; /* owned */
	int tries;
	struct event *again;          /* owned; starts the next try */
	struct http_request *request; /* owned while in flight */
	struct child *child;          /* owned while it runs */
	struct call *next;            /* owned */
};

struct alarm {
	struct event_base *base;
	struct http *http;
	struct secrets *secrets;
	const struct config *config; /* these four are borrowed */
	struct call *calls;          /* owned */
	size_t call_count;
	char *failed[PATH_COUNT]; /* owned; why a path failed in the end; NULL: it did not */
	char *trouble;            /* owned; all of them in words */
};

static void call_free(struct call *call)
{
	http_cancel(call->request);
	child_cancel(call->child);
	event_free(call->again);
	free(call->text);
	free(call);
}

static void drop(struct call *call)
{
	struct alarm *alarm = call->alarm;
	struct call **at = &alarm->calls;

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	alarm->call_count--;
	call_free(call);
}

/* why is taken over; NULL: the path works. */
static void set_failed(struct alarm *alarm, enum path path, char *why)
{
	struct buf words = {0};

	free(alarm->failed[path]);
	alarm->failed[path] = why;
	for (enum path each = 0; each < PATH_COUNT; each++) {
		if (alarm->failed[each] == NULL)
			continue;
		buf_addf(&words, "%s%s: %s", words.len > 0 ? "; " : "", path_names[each],
			 alarm->failed[each]);
	}
	free(alarm->trouble);
	alarm->trouble = words.len > 0 ? buf_take(&words) : NULL;
}

/* One try is over. why is taken over; NULL: it worked. */
static void end_try(struct call *call, char *why)
{
	const int64_t pause_ms = call->tries == 1 ? PAUSE_MS : 3 * PAUSE_MS;
	const struct timeval pause = {.tv_sec = pause_ms / 1000, .tv_usec = pause_ms % 1000 * 1000};

	secret_mask(call->alarm->secrets, why);
	if (why != NULL && call->tries < TRIES_MAX) {
		free(why);
		(void)event_add(call->again, &pause);
		return;
	}
	set_failed(call->alarm, call->path, why);
	drop(call);
}

/* The URL. */

static void on_answer(void *arg, const struct http_reply *reply)
{
	struct call *call = arg;
	char *why = NULL;

	call->request = NULL;
	if (reply->result != HTTP_ANSWERED)
		why = mem_dup(reply->error);
	else if (reply->status < 200 || reply->status > 299)
		why = mem_printf("answered with status %d", reply->status);
	end_try(call, why);
}

static bool fill_headers(const struct alarm *alarm, struct http_header list[HEADER_LIMIT],
			 size_t *ret_count, struct error *error)
{
	const struct pairs *headers = &alarm->config->alarm.headers;

	if (headers->count >= HEADER_LIMIT)
		return error_set(error, "alarm.headers has more than %d", HEADER_LIMIT - 1);
	list[0] = (struct http_header){"Content-Type", "application/json"};
	for (size_t i = 0; i < headers->count; i++) {
		const struct pair *pair = &headers->list[i];
		const char *value = pair->value;

		if (secret_is_reference(value))
			value = secret_resolve(alarm->secrets, value, error);
		if (value == NULL)
			return false;
		list[i + 1] = (struct http_header){pair->name, value};
	}
	*ret_count = headers->count + 1;
	return true;
}

static void try_url(struct call *call)
{
	const struct alarm *alarm = call->alarm;
	struct http_header headers[HEADER_LIMIT];
	struct http_ask ask = {
	    .method = "POST",
	    .url = alarm->config->alarm.url,
	    .headers = headers,
	    .timeout_ms = URL_TIMEOUT_MS,
	    .max_bytes = URL_ANSWER_LIMIT,
	};
	cJSON *json = cJSON_CreateObject();
	struct error error = {""};
	char *body;

	(void)cJSON_AddStringToObject(json, "text", call->text);
	body = cJSON_PrintUnformatted(json);
	cJSON_Delete(json);
	if (body == NULL)
		abort(); /* out of memory, as in mem.h */
	ask.body = body;
	ask.body_len = strlen(body);
	if (fill_headers(alarm, headers, &ask.header_count, &error))
		call->request = http_start(alarm->http, &ask, on_answer, call);
	else
		end_try(call, mem_dup(error.text));
	cJSON_free(body);
}

/* The command. */

static void on_end(void *arg, const struct child_end *end)
{
	struct call *call = arg;
	char *why = NULL;

	call->child = NULL;
	if (!end->started)
		why = mem_dup(end->error);
	else if (end->timed_out)
		why = mem_printf("was killed after %d s", COMMAND_TIMEOUT_MS / 1000);
	else if (end->status != 0)
		why = mem_printf("ended with status %d%s%s", end->status,
				 end->output[0] != '\0' ? ": " : "", end->output);
	end_try(call, why);
}

static void try_command(struct call *call)
{
	const struct texts *command = &call->alarm->config->alarm.command;
	const char *path = getenv("PATH");
	char *text_entry = mem_printf("FIREDRILL_ALARM=%s", call->text);
	char *path_entry = mem_printf("PATH=%s", path != NULL ? path : PATH_DEFAULT);
	const char *environment[] = {text_entry, path_entry, NULL};
	const char **argv = mem_zalloc((command->count + 1) * sizeof *argv);

	for (size_t i = 0; i < command->count; i++)
		argv[i] = command->list[i];
	call->child = child_start(call->alarm->base,
				  &(struct child_ask){.argv = argv,
						      .environment = environment,
						      .mark = MARK,
						      .timeout_ms = COMMAND_TIMEOUT_MS,
						      .output_limit = COMMAND_OUTPUT},
				  NULL, on_end, call);
	free(argv);
	free(path_entry);
	free(text_entry);
}

/* The flow. */

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct call *call = arg;

	(void)fd;
	(void)what;
	call->tries++;
	switch (call->path) {
	case PATH_URL:
		try_url(call);
		break;
	case PATH_COMMAND:
		try_command(call);
		break;
	case PATH_COUNT:
		break;
	}
}

static void start(struct alarm *alarm, enum path path, const char *text)
{
	const struct timeval at_once = {0};
	struct call *call;

	if (alarm->call_count >= CALLS_MAX) {
		set_failed(alarm, path, mem_dup("too many alarms at once"));
		return;
	}
	call = mem_zalloc(sizeof *call);
	*call = (struct call){.alarm = alarm,
			      .path = path,
			      .text = mem_dup(text),
			      .again = event_new(alarm->base, -1, 0, on_turn, call),
			      .next = alarm->calls};
	alarm->calls = call;
	alarm->call_count++;
	if (call->again == NULL || event_add(call->again, &at_once) != 0)
		abort(); /* out of memory, as in mem.h */
}

/* One line, within the limit, not cut inside a UTF-8 character, without secrets. */
static char *cleaned(const struct alarm *alarm, const char *text)
{
	size_t len = strnlen(text, ALARM_TEXT_LIMIT + 1);
	char *clean;

	if (len > ALARM_TEXT_LIMIT) {
		len = ALARM_TEXT_LIMIT;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	clean = mem_dup_n(text, len);
	for (char *at = clean; *at != '\0'; at++) {
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = ' ';
	}
	secret_mask(alarm->secrets, clean);
	return clean;
}

struct alarm *alarm_new(struct event_base *base, struct http *http, struct secrets *secrets,
			const struct config *config)
{
	struct alarm *alarm = mem_zalloc(sizeof *alarm);

	*alarm = (struct alarm){.base = base, .http = http, .secrets = secrets, .config = config};
	return alarm;
}

void alarm_free(struct alarm *alarm)
{
	if (alarm == NULL)
		return;
	while (alarm->calls != NULL)
		drop(alarm->calls);
	for (enum path path = 0; path < PATH_COUNT; path++)
		free(alarm->failed[path]);
	free(alarm->trouble);
	free(alarm);
}

void alarm_raise(struct alarm *alarm, const char *text)
{
	char *clean = cleaned(alarm, text);

	syslog(LOG_ALERT | LOG_DAEMON, "%s", clean);
	if (alarm->config->alarm.url != NULL)
		start(alarm, PATH_URL, clean);
	if (alarm->config->alarm.command.count > 0)
		start(alarm, PATH_COMMAND, clean);
	free(clean);
}

bool alarm_is_idle(const struct alarm *alarm)
{
	return alarm->calls == NULL;
}

const char *alarm_trouble(const struct alarm *alarm)
{
	return alarm->trouble;
}
