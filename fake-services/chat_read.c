/* Reading the fake chat back: history, threads, channels, and the way they are paged.
 * https://docs.slack.dev/reference/methods/conversations.history */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-services/chat_api.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define DEFAULT_LIMIT 100
#define MAX_LIMIT     999
#define THREAD_LIMIT  1000
#define LIST_LIMIT    1000
#define CAPPED_LIMIT  15

/* What part of a channel is asked for, in microseconds, both ends included. */
struct window {
	int64_t from, to;
	size_t limit;
	bool forward; /* the page starts at the oldest message, not at the newest */
	bool cursor;  /* a page after the first */
	bool metadata;
};

/* The window of a call. */

static bool read_limit(const struct api_call *call, size_t standard, size_t max, size_t *ret_limit)
{
	const char *text = fake_api_text(call, "limit");
	char *end = NULL;
	long limit;

	*ret_limit = standard;
	if (text[0] == '\0')
		return true;
	limit = strtol(text, &end, 10);
	if (*end != '\0' || limit < 1 || (size_t)limit > max)
		return false;
	*ret_limit = (size_t)limit;
	return true;
}

static bool read_bound(const struct api_call *call, const char *name, int64_t *bound)
{
	int64_t us;

	if (fake_api_text(call, name)[0] == '\0')
		return true;
	us = fake_ts_parse(fake_api_text(call, name));
	if (us == FAKE_TS_NONE)
		return false;
	*bound = us;
	return true;
}

static bool read_page(const struct api_call *call, struct window *window)
{
	static const char *const prefixes[] = {"next_ts:", "prev_ts:"};

	if (fake_api_text(call, "cursor")[0] == '\0')
		return true;
	for (int i = 0; i < 2; i++) {
		char *value = fake_api_cursor(call, prefixes[i]);
		int64_t us = value != NULL ? strtoll(value, NULL, 10) : 0;

		free(value);
		if (us <= 0)
			continue;
		window->cursor = true;
		window->forward = i == 1;
		if (window->forward && us > window->from)
			window->from = us;
		else if (!window->forward && us < window->to)
			window->to = us;
		return true;
	}
	return false;
}

/*
 * Bounds are exclusive unless asked otherwise.  With `oldest` alone pages begin at the oldest
 * message, else at the newest; `oldest` of 0 is the default and counts as not given.
 */
static const char *read_window(const struct api_call *call, size_t standard, size_t max,
			       struct window *window)
{
	int64_t oldest = 0, latest = INT64_MAX;
	bool inclusive = fake_api_true(call, "inclusive");

	if (!read_bound(call, "oldest", &oldest))
		return "invalid_ts_oldest";
	if (!read_bound(call, "latest", &latest) || latest == 0)
		return "invalid_ts_latest";
	window->from = oldest > 0 && !inclusive ? oldest + 1 : oldest;
	window->to = latest < INT64_MAX && !inclusive ? latest - 1 : latest;
	window->forward = oldest > 0 && latest == INT64_MAX && !call->chat->wrong.page_backwards;
	window->metadata = fake_api_true(call, "include_all_metadata");
	if (!read_limit(call, standard, max, &window->limit))
		return "invalid_limit";
	if (call->chat->wrong.capped_tier && window->limit > CAPPED_LIMIT)
		window->limit = CAPPED_LIMIT;
	return read_page(call, window) ? NULL : "invalid_cursor";
}

static void add_more(const struct api_call *call, cJSON *answer, const struct message *next,
		     bool forward)
{
	char value[32];

	(void)cJSON_AddBoolToObject(answer, "has_more", next != NULL);
	if (next == NULL || call->chat->wrong.no_cursor)
		return;
	(void)snprintf(value, sizeof value, "%lld", (long long)next->us);
	fake_api_add_cursor(answer, forward ? "prev_ts:" : "next_ts:", value);
}

/* May this token read this channel? NULL: yes. */
static cJSON *may_read(const struct api_call *call, const struct channel *channel)
{
	const char *scope = "channels:history";

	if (channel == NULL)
		return fake_api_error("channel_not_found");
	if ((channel->flags & FAKE_PRIVATE) != 0)
		scope = "groups:history";
	if (!fake_api_has_scope(call, scope))
		return fake_api_missing_scope(call, scope);
	if (!fake_api_is_member(call, channel) && !call->token->person)
		return fake_api_error("not_in_channel");
	return NULL;
}

static bool is_visible(const struct message *message)
{
	return message->visible_ms <= clock_ms();
}

/* History. */

static bool in_history(const struct message *message)
{
	return (message->parent == NULL || message->broadcast) && is_visible(message);
}

/* Newest first, whichever end the page starts at. Returns the first message that is left out. */
static const struct message *collect(const struct fake_chat *chat, const struct channel *channel,
				     const struct window *window, cJSON *messages)
{
	size_t first = fake_store_first_after(channel, window->from - 1);
	size_t end = fake_store_first_after(channel, window->to);
	size_t count = 0;

	for (size_t step = 0; first + step < end; step++) {
		size_t at = window->forward ? first + step : end - 1 - step;
		const struct message *message = channel->messages[at];

		if (!in_history(message))
			continue;
		if (count++ == window->limit)
			return message;
		if (window->forward)
			(void)cJSON_InsertItemInArray(
			    messages, 0, fake_store_view(chat, message, window->metadata));
		else
			(void)cJSON_AddItemToArray(
			    messages, fake_store_view(chat, message, window->metadata));
	}
	return NULL;
}

cJSON *fake_api_history(struct api_call *call)
{
	struct channel *channel = fake_api_channel(call, false);
	cJSON *answer = may_read(call, channel);
	const struct message *next;
	struct window window = {0};
	const char *problem;

	if (answer != NULL)
		return answer;
	problem = read_window(call, DEFAULT_LIMIT, MAX_LIMIT, &window);
	if (problem != NULL)
		return fake_api_error(problem);
	answer = fake_api_ok();
	if (fake_api_text(call, "oldest")[0] != '\0')
		(void)cJSON_AddStringToObject(answer, "oldest", fake_api_text(call, "oldest"));
	if (fake_api_text(call, "latest")[0] != '\0')
		(void)cJSON_AddStringToObject(answer, "latest", fake_api_text(call, "latest"));
	next = collect(call->chat, channel, &window, cJSON_AddArrayToObject(answer, "messages"));
	(void)cJSON_AddNumberToObject(answer, "pin_count", 0);
	(void)cJSON_AddNullToObject(answer, "channel_actions_ts");
	(void)cJSON_AddNumberToObject(answer, "channel_actions_count", 0);
	add_more(call, answer, next, window.forward);
	return answer;
}

/* Threads: the parent first, then replies from the oldest on. */

static const struct message *collect_replies(const struct fake_chat *chat,
					     const struct message *parent,
					     const struct window *window, cJSON *messages)
{
	size_t count = 0;

	if (!window->cursor) {
		(void)cJSON_AddItemToArray(messages,
					   fake_store_view(chat, parent, window->metadata));
		count++;
	}
	for (size_t i = 0; i < parent->reply_count; i++) {
		const struct message *reply = parent->replies[i];

		if (reply->us < window->from || reply->us > window->to || !is_visible(reply))
			continue;
		if (count++ >= window->limit)
			return reply;
		(void)cJSON_AddItemToArray(messages,
					   fake_store_view(chat, reply, window->metadata));
	}
	return NULL;
}

cJSON *fake_api_replies(struct api_call *call)
{
	struct channel *channel = fake_api_channel(call, false);
	cJSON *answer = may_read(call, channel);
	const struct message *parent, *next;
	struct window window = {0};
	const char *problem;

	if (answer != NULL)
		return answer;
	parent = fake_store_message(channel, fake_ts_parse(fake_api_text(call, "ts")));
	if (parent == NULL || !is_visible(parent))
		return fake_api_error("thread_not_found");
	problem = read_window(call, THREAD_LIMIT, THREAD_LIMIT, &window);
	if (problem != NULL)
		return fake_api_error(problem);
	answer = fake_api_ok();
	next = collect_replies(call->chat, parent, &window,
			       cJSON_AddArrayToObject(answer, "messages"));
	add_more(call, answer, next, true);
	return answer;
}

/* Channels. */

static cJSON *channel_view(const struct api_call *call, const struct channel *channel)
{
	bool is_private = (channel->flags & FAKE_PRIVATE) != 0;
	bool general = strcmp(channel->name, "general") == 0;
	cJSON *view = cJSON_CreateObject();

	(void)cJSON_AddStringToObject(view, "id", channel->id);
	(void)cJSON_AddStringToObject(view, "name", channel->name);
	(void)cJSON_AddBoolToObject(view, "is_channel", !is_private);
	(void)cJSON_AddBoolToObject(view, "is_group", is_private);
	(void)cJSON_AddBoolToObject(view, "is_im", false);
	(void)cJSON_AddBoolToObject(view, "is_mpim", false);
	(void)cJSON_AddBoolToObject(view, "is_private", is_private);
	(void)cJSON_AddNumberToObject(view, "created", (double)channel->created);
	(void)cJSON_AddBoolToObject(view, "is_archived", (channel->flags & FAKE_ARCHIVED) != 0);
	(void)cJSON_AddBoolToObject(view, "is_general", general);
	(void)cJSON_AddNumberToObject(view, "unlinked", 0);
	(void)cJSON_AddStringToObject(view, "name_normalized", channel->name);
	(void)cJSON_AddBoolToObject(view, "is_shared", false);
	(void)cJSON_AddBoolToObject(view, "is_org_shared", false);
	(void)cJSON_AddStringToObject(view, "context_team_id", "T0000000001");
	(void)cJSON_AddBoolToObject(view, "is_member", fake_api_is_member(call, channel));
	(void)cJSON_AddStringToObject(view, "creator", "U0000000000");
	(void)cJSON_AddNumberToObject(view, "num_members",
				      fake_api_is_member(call, channel) ? 2 : 1);
	return view;
}

cJSON *fake_api_info(struct api_call *call)
{
	const struct channel *channel = fake_api_channel(call, false);
	const char *scope = "channels:read";
	cJSON *answer;

	if (channel == NULL)
		return fake_api_error("channel_not_found");
	if ((channel->flags & FAKE_PRIVATE) != 0)
		scope = "groups:read";
	if (!fake_api_has_scope(call, scope))
		return fake_api_missing_scope(call, scope);
	answer = fake_api_ok();
	(void)cJSON_AddItemToObject(answer, "channel", channel_view(call, channel));
	return answer;
}

/* Which types are wanted, as two bits; NULL: fine. */
static cJSON *read_types(const struct api_call *call, bool *ret_public, bool *ret_private)
{
	const char *types = fake_api_text(call, "types");
	char *copy = mem_dup(types[0] != '\0' ? types : "public_channel");
	char *rest = copy;
	const char *word;
	bool known = true;

	*ret_public = *ret_private = false;
	while ((word = strsep(&rest, ", ")) != NULL) {
		if (strcmp(word, "public_channel") == 0)
			*ret_public = true;
		else if (strcmp(word, "private_channel") == 0)
			*ret_private = true;
		else if (strcmp(word, "im") != 0 && strcmp(word, "mpim") != 0 && word[0] != '\0')
			known = false;
	}
	free(copy);
	if (!known)
		return fake_api_error("invalid_types");
	if (*ret_public && !fake_api_has_scope(call, "channels:read"))
		return fake_api_missing_scope(call, "channels:read");
	if (*ret_private && !fake_api_has_scope(call, "groups:read"))
		return fake_api_missing_scope(call, "groups:read");
	return NULL;
}

/* A page is cut first and filtered then: it may be short, even empty, and not be the last. */
static cJSON *list_channels(struct api_call *call, bool mine)
{
	bool want_public, want_private, more = fake_api_text(call, "cursor")[0] != '\0';
	cJSON *answer = read_types(call, &want_public, &want_private);
	char *cursor = fake_api_cursor(call, "team:");
	size_t limit, first = cursor != NULL ? strtoul(cursor + 1, NULL, 10) : 0;
	const struct fake_chat *chat = call->chat;
	cJSON *channels;
	size_t i;

	free(cursor);
	if (answer != NULL)
		return answer;
	if (more && (first == 0 || first > chat->channel_count))
		return fake_api_error("invalid_cursor");
	if (!read_limit(call, DEFAULT_LIMIT, mine ? MAX_LIMIT : LIST_LIMIT, &limit))
		return fake_api_error("invalid_limit");
	answer = fake_api_ok();
	channels = cJSON_AddArrayToObject(answer, "channels");
	for (i = more ? first - 1 : 0; i < chat->channel_count && limit > 0; i++, limit--) {
		const struct channel *channel = chat->channels[i];
		bool is_private = (channel->flags & FAKE_PRIVATE) != 0;
		bool member = fake_api_is_member(call, channel);

		if ((is_private ? want_private && member : want_public) && (member || !mine) &&
		    ((channel->flags & FAKE_ARCHIVED) == 0 ||
		     !fake_api_true(call, "exclude_archived")))
			(void)cJSON_AddItemToArray(channels, channel_view(call, channel));
	}
	if (i < chat->channel_count) {
		fake_api_add_cursor(answer, "team:", chat->channels[i]->id);
	} else {
		cJSON *metadata = cJSON_AddObjectToObject(answer, "response_metadata");

		(void)cJSON_AddStringToObject(metadata, "next_cursor", "");
	}
	return answer;
}

cJSON *fake_api_list(struct api_call *call)
{
	return list_channels(call, false);
}

cJSON *fake_api_my_channels(struct api_call *call)
{
	return list_channels(call, true);
}
