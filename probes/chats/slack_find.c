/* Finding channels.  An id is asked for directly.  A name is looked for among the bot's own
 * channels, which are few, and only then among all of the workspace, to tell "no such channel" from
 * "the bot is not in it".  https://docs.slack.dev/reference/methods/users.conversations */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "probes/chats/slack_parts.h"
#include "probes/chats/slack_text.h"
#include "src/base/mem.h"

#define LIST_LIMIT   "999" /* channels of one page */
#define PAGES_MAX    300   /* of one search: 300,000 channels */
#define ID_LEN_LEAST 9
#define ALL_TYPES    "public_channel,private_channel"

static void answered_find(struct chat_op *op, const struct slack_answer *answer);

static const char *bare(const char *name)
{
	return name[0] == '#' ? name + 1 : name;
}

/* Ids are capital letters and digits; names never have capital letters. */
static bool is_id(const char *name)
{
	size_t len = 0;

	while (isupper((unsigned char)name[len]) || isdigit((unsigned char)name[len]))
		len++;
	return name[len] == '\0' && len >= ID_LEN_LEAST && strchr("CGD", name[0]) != NULL;
}

/* What is known. */

static void learn(struct chat *chat, const struct chat_channel *channel)
{
	struct slack_known *known;

	for (known = chat->known; known != NULL; known = known->next) {
		if (strcmp(known->id, channel->id) == 0)
			return;
	}
	known = mem_zalloc(sizeof *known);
	*known = (struct slack_known){chat->known, mem_dup(channel->name), mem_dup(channel->id)};
	chat->known = known;
}

static const char *known_id(const struct chat *chat, const char *name)
{
	for (const struct slack_known *known = chat->known; known != NULL; known = known->next) {
		if (strcmp(known->name, name) == 0)
			return known->id;
	}
	return NULL;
}

char *slack_channel_label(const struct chat *chat, const char *channel)
{
	if (channel == NULL)
		return NULL;
	for (const struct slack_known *known = chat->known; known != NULL; known = known->next) {
		if (strcmp(known->id, channel) == 0)
			return mem_printf("#%s", known->name);
	}
	return is_id(channel) ? mem_dup(channel) : mem_printf("#%s", bare(channel));
}

/* Lists. */

static void ask_list(struct chat_op *op, const char *cursor, slack_answered_fn *answered)
{
	struct buf form = {0};

	slack_form_add(&form, "types", op->chat->public_only ? "public_channel" : ALL_TYPES);
	slack_form_add(&form, "exclude_archived", "false");
	slack_form_add(&form, "limit", LIST_LIMIT);
	slack_form_add(&form, "cursor", cursor);
	slack_call_form(op, op->list == SLACK_MINE ? "users.conversations" : "conversations.list",
			&form, answered);
}

/* Some answers mean: ask differently. True when that was done. */
static bool ask_differently(struct chat_op *op, const struct slack_answer *answer,
			    slack_answered_fn *answered)
{
	if (strcmp(answer->code, "missing_scope") == 0 && !op->chat->public_only)
		op->chat->public_only = true;
	else if (op->list == SLACK_MINE && (strcmp(answer->code, "http 404") == 0 ||
					    strcmp(answer->code, "unknown_method") == 0))
		op->list = SLACK_ALL; /* not every server that speaks Slack has both */
	else
		return false;
	ask_list(op, NULL, answered);
	return true;
}

/* Finding one. */

static void forget_resume(struct chat *chat)
{
	free(chat->resume.name);
	free(chat->resume.cursor);
	chat->resume.name = NULL;
	chat->resume.cursor = NULL;
}

/* A big workspace has more pages than a minute has calls: the next search goes on from here. */
static void keep_resume(struct chat_op *op)
{
	forget_resume(op->chat);
	op->chat->resume.name = mem_dup(bare(op->channel));
	op->chat->resume.cursor = mem_dup(op->page);
	op->chat->resume.list = op->list;
}

static void found(struct chat_op *op, const struct slack_answer *answer,
		  const struct chat_channel *channel)
{
	struct chat_reply reply = {
	    .channel_id = channel->id,
	    .channels = channel,
	    .channel_count = 1,
	};

	learn(op->chat, channel);
	if (channel->archived)
		slack_op_refuse(op, "is_archived");
	else if (!channel->member)
		slack_op_refuse(op, "not_in_channel");
	else
		slack_op_finish(op, answer, &reply);
}

static void answered_info(struct chat_op *op, const struct slack_answer *answer)
{
	struct chat_channel channel;

	if (answer->result != CHAT_OK)
		slack_op_finish(op, answer, &(struct chat_reply){0});
	else if (slack_channel_read(cJSON_GetObjectItemCaseSensitive(answer->json, "channel"),
				    &channel))
		found(op, answer, &channel);
	else
		slack_op_stuck(op);
}

static bool search(const struct slack_answer *answer, const char *name,
		   struct chat_channel *ret_channel)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(answer->json, "channels"))
	{
		if (slack_channel_read(item, ret_channel) && strcmp(ret_channel->name, name) == 0)
			return true;
	}
	return false;
}

static void go_on(struct chat_op *op, const char *cursor)
{
	char *next = mem_dup(cursor);

	free(op->page);
	op->page = next;
	op->pages++;
	ask_list(op, op->page, answered_find);
}

static void answered_find(struct chat_op *op, const struct slack_answer *answer)
{
	const char *cursor;
	struct chat_channel channel;

	if (answer->result != CHAT_OK) {
		if (ask_differently(op, answer, answered_find))
			return;
		if (answer->result == CHAT_SLOW)
			keep_resume(op);
		slack_op_finish(op, answer, &(struct chat_reply){0});
		return;
	}
	cursor = slack_answer_cursor(answer->json);
	if (search(answer, bare(op->channel), &channel)) {
		found(op, answer, &channel);
	} else if (cursor != NULL && op->pages < PAGES_MAX) {
		go_on(op, cursor);
	} else if (op->list == SLACK_MINE) {
		op->list = SLACK_ALL;
		go_on(op, NULL);
	} else {
		slack_op_refuse(op, "channel_not_found");
	}
}

struct chat_op *slack_find(struct chat *chat, const char *name, chat_done_fn *done, void *arg)
{
	struct chat_op *op = slack_op_new(chat, name, done, arg);
	const char *id = known_id(chat, bare(name));
	struct buf form = {0};

	if (id == NULL && is_id(name))
		id = name;
	if (id != NULL) {
		slack_form_add(&form, "channel", id);
		slack_call_form(op, "conversations.info", &form, answered_info);
		return op;
	}
	if (chat->resume.name != NULL && strcmp(chat->resume.name, bare(name)) == 0) {
		op->list = chat->resume.list;
		op->page = mem_dup(chat->resume.cursor);
	}
	forget_resume(chat);
	ask_list(op, op->page, answered_find);
	return op;
}

/* All that the token can read. A page is "u" or "l" for the list, and Slack's cursor. */

static void answered_channels(struct chat_op *op, const struct slack_answer *answer)
{
	struct chat_reply reply = {0};
	struct chat_channel *channels;
	const char *cursor;
	const cJSON *list, *item;
	char *more;

	if (answer->result != CHAT_OK) {
		if (!ask_differently(op, answer, answered_channels))
			slack_op_finish(op, answer, &reply);
		return;
	}
	list = cJSON_GetObjectItemCaseSensitive(answer->json, "channels");
	channels = mem_zalloc((size_t)(cJSON_GetArraySize(list) + 1) * sizeof *channels);
	cJSON_ArrayForEach(item, list)
	{
		struct chat_channel *channel = &channels[reply.channel_count];

		if (slack_channel_read(item, channel) && channel->member) {
			learn(op->chat, channel);
			reply.channel_count++;
		}
	}
	cursor = slack_answer_cursor(answer->json);
	more =
	    cursor != NULL ? mem_printf("%c%s", op->list == SLACK_MINE ? 'u' : 'l', cursor) : NULL;
	reply.channels = channels;
	reply.more = more;
	slack_op_finish(op, answer, &reply);
	free(channels);
	free(more);
}

struct chat_op *slack_channels(struct chat *chat, const char *page, chat_done_fn *done, void *arg)
{
	struct chat_op *op = slack_op_new(chat, NULL, done, arg);

	op->list = page != NULL && page[0] == 'l' ? SLACK_ALL : SLACK_MINE;
	ask_list(op, page != NULL ? page + 1 : NULL, answered_channels);
	return op;
}
