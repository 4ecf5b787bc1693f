/* Slack's error codes.  The lists of codes stand at the end of each page of
 * https://docs.slack.dev/reference/methods; permanent is what stays so until people act. */
#include "probes/chats/slack_errors.h"

#include <ctype.h>
#include <string.h>

#include "src/base/buf.h"

#define NAME_LIMIT 80 /* characters of a name in a sentence */

#define REINSTALL \
	"; make a new one at https://api.slack.com/apps (OAuth & Permissions, Install to Workspace)"
#define TRY_AGAIN "; firedrill tries again by itself"

static const struct slack_error table[] = {
    /* The token. */
    {"invalid_auth", CHAT_PERMANENT, false, "Slack does not know this token" REINSTALL},
    {"not_authed", CHAT_PERMANENT, false, "no token reached Slack; check the chat's `token`"},
    {"account_inactive", CHAT_PERMANENT, false,
     "the token belongs to a bot or workspace that was switched off" REINSTALL},
    {"token_revoked", CHAT_PERMANENT, false, "the token was revoked" REINSTALL},
    {"token_expired", CHAT_PERMANENT, false,
     "the token has expired; use a bot token without rotation"},
    {"user_removed_from_team", CHAT_PERMANENT, false,
     "the token's user was removed from the workspace" REINSTALL},
    {"not_allowed_token_type", CHAT_PERMANENT, false,
     "this kind of token cannot call {method}; use a bot token (xoxb-...)"},
    {"missing_scope", CHAT_PERMANENT, false,
     "the token lacks the scope {needed}; add it under OAuth & Permissions and reinstall the app"},
    {"no_permission", CHAT_PERMANENT, false,
     "the token may not do this; check the app's scopes and the workspace's rules for apps"},
    {"access_denied", CHAT_PERMANENT, false,
     "Slack denies {method} to this app; ask a workspace admin to allow it"},
    {"app_access_restricted", CHAT_PERMANENT, false,
     "the workspace restricts this app; ask a workspace admin to allow it"},
    {"ekm_access_denied", CHAT_PERMANENT, false,
     "the admins have suspended access by Enterprise Key Management; ask them"},
    {"org_login_required", CHAT_PERMANENT, false,
     "the workspace is moving to an organisation; install the app again when it is done"},
    {"accesslimited", CHAT_PERMANENT, false,
     "the workspace limits access to this app; ask a workspace admin to allow it"},
    {"enterprise_is_restricted", CHAT_PERMANENT, false,
     "an organisation's token cannot call {method}; use a token of one workspace"},
    {"team_access_not_granted", CHAT_PERMANENT, false,
     "the app is not installed in that workspace; ask an admin to add it there"},
    {"two_factor_setup_required", CHAT_PERMANENT, false,
     "the token's user must set up two-factor sign-in first"},
    {"is_bot", CHAT_PERMANENT, false, "bots cannot call {method}"},
    {"missing_argument", CHAT_PERMANENT, false,
     "Slack misses an argument of {method}; check the chat's `url`"},
    {"method_deprecated", CHAT_PERMANENT, false,
     "Slack has retired {method}; a newer firedrill is needed"},
    {"unknown_method", CHAT_PERMANENT, false,
     "there is no {method} at the chat's `url`; it should end with /api"},
    {"team_not_found", CHAT_PERMANENT, false,
     "an organisation's token needs channel ids; name {channel} by its id (C...)"},

    /* The channel. */
    {"channel_not_found", CHAT_PERMANENT, false,
     "there is no channel {channel} that the bot can see; check the name, and when it is private "
     "type /invite @{bot} in it"},
    {"not_in_channel", CHAT_PERMANENT, false,
     "the bot is not in {channel}; type /invite @{bot} there"},
    {"is_archived", CHAT_PERMANENT, false,
     "{channel} is archived; un-archive it or name another channel"},
    {"is_inactive", CHAT_PERMANENT, false,
     "{channel} is frozen or archived; un-archive it or name another channel"},
    {"channel_is_limited_access", CHAT_PERMANENT, false,
     "{channel} is limited to some people; invite the bot or name another channel"},
    {"restricted_action", CHAT_PERMANENT, false,
     "the workspace's rules keep the bot from posting to {channel}; ask an admin, or name another "
     "channel"},
    {"restricted_action_read_only_channel", CHAT_PERMANENT, false,
     "{channel} is read-only; allow the bot to post there or name another channel"},
    {"restricted_action_thread_only_channel", CHAT_PERMANENT, false,
     "{channel} takes replies in threads only; name another channel"},
    {"restricted_action_non_threadable_channel", CHAT_PERMANENT, false,
     "{channel} takes no replies in threads; name another channel"},
    {"restricted_action_thread_locked", CHAT_PERMANENT, false, "the thread in {channel} is locked"},
    {"posting_to_general_channel_denied", CHAT_PERMANENT, false,
     "the bot may not post to {channel}; ask an admin, or name another channel"},
    {"cannot_reply_to_message", CHAT_PERMANENT, false,
     "this kind of message in {channel} takes no replies"},
    {"method_not_supported_for_channel_type", CHAT_PERMANENT, false,
     "{method} does not work for {channel}; name a public or private channel"},
    {"message_limit_exceeded", CHAT_PERMANENT, false,
     "the workspace's free plan has no messages left; nothing can be posted"},

    /* One message. */
    {"message_not_found", CHAT_PERMANENT, false, "the message in {channel} was deleted"},
    {"thread_not_found", CHAT_PERMANENT, false, "the thread in {channel} was deleted"},
    {"cant_update_message", CHAT_PERMANENT, false,
     "the message in {channel} was posted by another bot and cannot be edited"},
    {"edit_window_closed", CHAT_PERMANENT, false,
     "the workspace does not allow to edit messages that old"},
    {"streaming_state_conflict", CHAT_RETRY, false,
     "the message in {channel} is being written" TRY_AGAIN},
    {"msg_too_long", CHAT_PERMANENT, false, "the message is longer than Slack takes"},
    {"msg_blocks_too_long", CHAT_PERMANENT, false, "the message is longer than Slack takes"},
    {"attachment_payload_limit_exceeded", CHAT_PERMANENT, false,
     "the message is longer than Slack takes"},
    {"no_text", CHAT_PERMANENT, false, "Slack takes the message for empty"},
    {"invalid_blocks", CHAT_PERMANENT, false, "Slack does not take the message's layout"},
    {"invalid_blocks_format", CHAT_PERMANENT, false, "Slack does not take the message's layout"},
    {"invalid_attachments", CHAT_PERMANENT, false, "Slack does not take the message's layout"},
    {"duplicate_message_not_found", CHAT_RETRY, true, "Slack lost track of the message" TRY_AGAIN},

    /* Asking wrongly; what follows from an earlier answer heals by starting over. */
    {"invalid_cursor", CHAT_RETRY, false,
     "Slack no longer knows the page that was to be read" TRY_AGAIN},
    {"invalid_ts_oldest", CHAT_RETRY, false, "Slack does not take a time of ours" TRY_AGAIN},
    {"invalid_ts_latest", CHAT_RETRY, false, "Slack does not take a time of ours" TRY_AGAIN},
    {"invalid_limit", CHAT_PERMANENT, false, "Slack does not take the size of a page"},
    {"invalid_types", CHAT_PERMANENT, false, "Slack does not take the types of channels"},
    {"invalid_arguments", CHAT_PERMANENT, false,
     "Slack does not take the arguments of {method}; check the chat's `url`"},
    {"invalid_post_type", CHAT_PERMANENT, false, "Slack does not take the way {method} was sent"},
    {"invalid_form_data", CHAT_RETRY, false, "Slack got a broken request" TRY_AGAIN},
    {"invalid_charset", CHAT_PERMANENT, false, "Slack does not take the way {method} was sent"},
    {"invalid_json", CHAT_RETRY, false, "Slack got a broken request" TRY_AGAIN},
    {"json_not_object", CHAT_PERMANENT, false, "Slack does not take the way {method} was sent"},

    /* Slack itself. */
    {"ratelimited", CHAT_SLOW, false, "Slack asks to be called less often"},
    {"rate_limited", CHAT_SLOW, false, "Slack asks to be called less often"},
    {"request_timeout", CHAT_RETRY, true, "Slack gave up waiting for the request" TRY_AGAIN},
    {"service_unavailable", CHAT_RETRY, true, "Slack is not available" TRY_AGAIN},
    {"internal_error", CHAT_RETRY, true, "Slack has a problem of its own" TRY_AGAIN},
    {"fatal_error", CHAT_RETRY, true, "Slack has a problem of its own" TRY_AGAIN},
    {"team_added_to_org", CHAT_RETRY, false,
     "the workspace is being moved to an organisation" TRY_AGAIN},
};

const struct slack_error *slack_error_at(size_t index)
{
	return index < sizeof table / sizeof table[0] ? &table[index] : NULL;
}

const struct slack_error *slack_error_find(const char *code)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		if (strcmp(table[i].code, code) == 0)
			return &table[i];
	}
	return NULL;
}

/* Sentences. */

static void put_name(struct buf *buf, const char *name, const char *unknown)
{
	if (name == NULL || name[0] == '\0')
		name = unknown;
	for (size_t i = 0; i < NAME_LIMIT && name[i] != '\0'; i++)
		buf_add(buf, iscntrl((unsigned char)name[i]) ? " " : &name[i], 1);
}

/* The name of the placeholder at text; its length, 0 when it is none. */
static size_t put_placeholder(struct buf *buf, const char *text, const struct slack_names *names)
{
	const struct {
		const char *word, *name, *unknown;
	} all[] = {
	    {"{channel}", names->channel, "the channel"},
	    {"{bot}", names->bot, "your-bot"},
	    {"{needed}", names->needed, "for this"},
	    {"{method}", names->method, "this method"},
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		size_t len = strlen(all[i].word);

		if (strncmp(text, all[i].word, len) == 0) {
			put_name(buf, all[i].name, all[i].unknown);
			return len;
		}
	}
	return 0;
}

void slack_error_write(const char *code, const struct slack_names *names, char *ret_text,
		       size_t size)
{
	const struct slack_error *known = slack_error_find(code);
	const char *text = known != NULL ? known->sentence : "Slack refuses {method}" TRY_AGAIN;
	struct buf buf = {.limit = size - 1};

	while (*text != '\0') {
		size_t len = *text == '{' ? put_placeholder(&buf, text, names) : 0;

		if (len == 0)
			buf_add(&buf, text, 1);
		text += len > 0 ? len : 1;
	}
	buf_adds(&buf, " (");
	put_name(&buf, code, "no code");
	buf_adds(&buf, ")");
	memcpy(ret_text, buf_text(&buf), buf.len + 1);
	buf_done(&buf);
}
