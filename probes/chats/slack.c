/* The Slack driver.  https://docs.slack.dev/apis/web-api,
 * https://docs.slack.dev/reference/methods/conversations.history */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/chats/slack_page.h"
#include "probes/chats/slack_parts.h"
#include "probes/chats/slack_post.h"
#include "probes/chats/slack_scopes.h"
#include "probes/chats/slack_text.h"
#include "scenarios/config.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

#define STANDARD_URL "https://slack.com/api"
#define TIER_3_LIMIT 50 /* calls a minute of conversations.history and conversations.replies */

/* Opening and closing. */

static char *without_slash(const char *url)
{
	size_t len = strlen(url);

	while (len > 0 && url[len - 1] == '/')
		len--;
	return mem_dup_n(url, len);
}

static struct chat *open_chat(const struct chat_settings *settings, struct http *http,
			      struct secrets *secrets, struct error *error)
{
	const char *token = secret_resolve(secrets, settings->token, error);
	struct chat *chat;

	if (token == NULL)
		return NULL;
	for (const char *at = token; *at != '\0'; at++) {
		if (iscntrl((unsigned char)*at)) {
			(void)error_set(error,
					"the token in %s holds a line break or another control "
					"character: take it out",
					settings->token);
			return NULL;
		}
	}
	chat = mem_zalloc(sizeof *chat);
	*chat = (struct chat){
	    .settings = settings,
	    .http = http,
	    .secrets = secrets,
	    .token = token,
	    .url = without_slash(settings->url != NULL ? settings->url : STANDARD_URL),
	};
	LIST_INIT(&chat->ops);
	return chat;
}

static void close_chat(struct chat *chat)
{
	if (chat == NULL)
		return;
	while (!LIST_EMPTY(&chat->ops))
		slack_op_free(LIST_FIRST(&chat->ops));
	while (chat->known != NULL) {
		struct slack_known *known = chat->known;

		chat->known = known->next;
		free(known->name);
		free(known->id);
		free(known);
	}
	free(chat->resume.name);
	free(chat->resume.cursor);
	free(chat->url);
	free(chat->team_url);
	free(chat->bot);
	free(chat->self);
	free(chat);
}

/* Whose token is it? */

static void replace(char **text, char *with)
{
	free(*text);
	*text = with;
}

/* Owned by the caller; NULL: nothing is lacking. */
static char *lacking(const struct slack_answer *answer, enum slack_scope_use use)
{
	char *scopes = slack_scopes_lacking(answer->scopes, use), *text = NULL;

	if (scopes != NULL)
		text = mem_printf("the token lacks %s; add that under OAuth & Permissions at "
				  "https://api.slack.com/apps and reinstall the app",
				  scopes);
	free(scopes);
	return text;
}

static void answered_check(struct chat_op *op, const struct slack_answer *answer)
{
	struct chat *chat = op->chat;
	struct chat_reply reply = {0};
	const char *url, *user, *team;
	char *lacks = lacking(answer, SLACK_SCOPE_NEEDED);
	char *lacks_some = lacking(answer, SLACK_SCOPE_SOME);

	if (answer->result == CHAT_OK) {
		url = slack_string(answer->json, "url");
		user = slack_string(answer->json, "user");
		team = slack_string(answer->json, "team");
		if (url != NULL)
			replace(&chat->team_url, without_slash(url));
		replace(&chat->bot, mem_dup(user));
		replace(&chat->self, mem_printf("%s in %s", user != NULL ? user : "a bot",
						team != NULL ? team : "a workspace"));
		reply.self = chat->self;
		reply.lacks = lacks;
		reply.lacks_some = lacks_some;
	}
	slack_op_finish(op, answer, &reply);
	free(lacks);
	free(lacks_some);
}

static struct chat_op *check(struct chat *chat, chat_done_fn *done, void *arg)
{
	struct chat_op *op = slack_op_new(chat, NULL, done, arg);
	struct buf form = {0};

	slack_call_form(op, "auth.test", &form, answered_check);
	return op;
}

/* Reading. */

static void put_bounds(struct buf *form, const struct slack_page *page)
{
	char limit[16];

	(void)snprintf(limit, sizeof limit, "%d", SLACK_PAGE_LIMIT);
	slack_form_add(form, "limit", limit);
	slack_form_add(form, "oldest", page->oldest[0] != '\0' ? page->oldest : NULL);
	slack_form_add(form, "latest", page->latest[0] != '\0' ? page->latest : NULL);
	slack_form_add(form, "cursor", page->cursor);
}

static void finish_page(struct chat_op *op, const struct slack_answer *answer,
			const struct slack_page *page, bool forward)
{
	struct slack_messages messages = {0};
	struct chat_reply reply = {0};
	bool stuck;
	char *more;

	slack_messages_read(&messages, answer->json);
	slack_messages_keep(&messages, page->oldest, page->latest);
	more = slack_page_next(page, answer->json, &messages, forward, &stuck);
	reply.messages = messages.list;
	reply.message_count = messages.count;
	reply.more = more;
	reply.capped = slack_page_is_capped(answer->json);
	if (stuck)
		slack_op_stuck(op);
	else
		slack_op_finish(op, answer, &reply);
	slack_messages_done(&messages);
	free(more);
}

static void answered_page(struct chat_op *op, const struct slack_answer *answer)
{
	bool is_thread = strcmp(op->method, "conversations.replies") == 0;
	struct slack_page page;

	if (answer->result != CHAT_OK)
		slack_op_finish(op, answer, &(struct chat_reply){0});
	else if (slack_page_parse(&page, is_thread ? "" : op->since, op->page))
		finish_page(op, answer, &page, is_thread);
	else
		slack_op_stuck(op);
}

static struct chat_op *read_page(struct chat *chat, const char *channel_id, const char *since_ts,
				 const char *page, chat_done_fn *done, void *arg)
{
	struct chat_op *op = slack_op_new(chat, channel_id, done, arg);
	struct slack_page asked;
	struct buf form = {0};

	op->since = mem_dup(since_ts);
	op->page = mem_dup(page);
	slack_form_add(&form, "channel", channel_id);
	if (slack_page_parse(&asked, since_ts, op->page))
		put_bounds(&form, &asked);
	slack_call_form(op, "conversations.history", &form, answered_page);
	return op;
}

static struct chat_op *read_thread(struct chat *chat, const char *channel_id, const char *thread_ts,
				   const char *page, chat_done_fn *done, void *arg)
{
	struct chat_op *op = slack_op_new(chat, channel_id, done, arg);
	struct slack_page asked;
	struct buf form = {0};

	op->page = mem_dup(page);
	slack_form_add(&form, "channel", channel_id);
	slack_form_add(&form, "ts", thread_ts);
	if (slack_page_parse(&asked, "", op->page))
		put_bounds(&form, &asked);
	slack_call_form(op, "conversations.replies", &form, answered_page);
	return op;
}

/* Writing. */

static void answered_write(struct chat_op *op, const struct slack_answer *answer)
{
	struct chat_reply reply = {0};

	if (answer->result == CHAT_OK) {
		reply.ts = slack_string(answer->json, "ts");
		reply.channel_id = slack_string(answer->json, "channel");
	}
	if (answer->result == CHAT_OK && reply.ts == NULL)
		slack_op_stuck(op);
	else
		slack_op_finish(op, answer, &reply);
}

static struct chat_op *post(struct chat *chat, const char *channel_id, const char *thread_ts,
			    const struct chat_post *message, chat_done_fn *done, void *arg)
{
	struct chat_op *op = slack_op_new(chat, channel_id, done, arg);

	slack_call_json(op, "chat.postMessage",
			slack_post_write(channel_id, thread_ts, NULL, message), true,
			answered_write);
	return op;
}

static struct chat_op *edit(struct chat *chat, const char *channel_id, const char *ts,
			    const struct chat_post *message, chat_done_fn *done, void *arg)
{
	struct chat_op *op = slack_op_new(chat, channel_id, done, arg);

	slack_call_json(op, "chat.update", slack_post_write(channel_id, NULL, ts, message), false,
			answered_write);
	return op;
}

/* Without requests. */

static char *permalink(const struct chat *chat, const char *channel_id, const char *ts)
{
	struct buf digits = {0};
	char *link;

	if (chat->team_url == NULL)
		return NULL;
	for (; *ts != '\0'; ts++) {
		if (*ts != '.')
			buf_add(&digits, ts, 1);
	}
	link = mem_printf("%s/archives/%s/p%s", chat->team_url, channel_id, buf_text(&digits));
	buf_done(&digits);
	return link;
}

static void ts_at(int64_t wall_ms, char ret_ts[CHAT_TS_SIZE])
{
	if (wall_ms <= 0)
		(void)snprintf(ret_ts, CHAT_TS_SIZE, "0");
	else
		(void)snprintf(ret_ts, CHAT_TS_SIZE, "%" PRId64 ".%03d000", wall_ms / 1000,
			       (int)(wall_ms % 1000));
}

const struct chat_driver chat_slack = {
    .type = "slack",
    .requests_per_minute = TIER_3_LIMIT,
    .page_size = SLACK_PAGE_LIMIT,
    .open = open_chat,
    .close = close_chat,
    .check = check,
    .find = slack_find,
    .channels = slack_channels,
    .read = read_page,
    .thread = read_thread,
    .post = post,
    .edit = edit,
    .cancel = slack_op_free,
    .permalink = permalink,
    .ts_at = ts_at,
};
