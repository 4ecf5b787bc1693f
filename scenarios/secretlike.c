/* What looks like a secret. */
#include "scenarios/secretlike.h"

#include <ctype.h>
#include <string.h>

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

/* Known beginnings; what follows must have `least` characters of [A-Za-z0-9-], so that "xoxb-..."
 * in a comment is none. */
static const struct beginning {
	const char *text;
	size_t least;
	const char *what;
} beginnings[] = {
    {"xoxb-", 6, "a Slack token"},
    {"xoxp-", 6, "a Slack token"},
    {"xapp-", 6, "a Slack token"},
    {"xoxa-", 6, "a Slack token"},
    {"xoxr-", 6, "a Slack token"},
    {"xoxs-", 6, "a Slack token"},
    {"xoxc-", 6, "a Slack token"},
    {"xoxd-", 6, "a Slack token"},
    {"xoxe-", 6, "a Slack token"},
    {"xoxe.", 6, "a Slack token"},
    {"hooks.slack.com/services/", 1, "the address of a Slack webhook"},
    {"hooks.slack.com/workflows/", 1, "the address of a Slack webhook"},
    {"hooks.slack.com/triggers/", 1, "the address of a Slack webhook"},
    {"discord.com/api/webhooks/", 1, "the address of a Discord webhook"},
};

/* Parts of names, lower case. */
static const char *const header_parts[] = {"authorization", "token",    "secret",
					   "key",           "password", "cookie"};
static const char *const variable_parts[] = {"token",  "secret",  "password",   "passwd",
					     "apikey", "api_key", "credential", "private_key"};

static bool is_secret_char(char c)
{
	return isalnum((unsigned char)c) != 0 || c == '-' || c == '_' || c == '/';
}

/* How long the secret at the start of text is, with its known beginning; 0 when there is none. */
static size_t known_at(const char *text, size_t len, const char **ret_what)
{
	for (size_t i = 0; i < LENGTH(beginnings); i++) {
		const struct beginning *known = &beginnings[i];
		size_t start = strlen(known->text), end = start;

		if (len < start || strncasecmp(text, known->text, start) != 0)
			continue;
		while (end < len && is_secret_char(text[end]))
			end++;
		if (end - start < known->least)
			continue;
		*ret_what = known->what;
		return end;
	}
	return 0;
}

/* Text starts with "://": how long "://user:password" is when an '@' follows; else 0. */
static size_t password_at(const char *text, size_t len)
{
	size_t at = 3, colon = 0, end = 0;

	if (len < 3 || memcmp(text, "://", 3) != 0)
		return 0;
	for (; at < len && strchr("/?#\\ \t\r\n\"'<>", text[at]) == NULL; at++) {
		if (text[at] == ':' && colon == 0)
			colon = at;
		if (text[at] == '@' && colon != 0)
			end = at;
	}
	return end;
}

const char *secretlike_find(const char *text, size_t len, size_t *ret_at, size_t *ret_len)
{
	for (size_t at = 0; at < len; at++) {
		const char *what = NULL;
		size_t found = 0;

		if (text[at] == ':') {
			found = password_at(text + at, len - at);
			what = "a password in a URL";
		} else if (strchr("xXhHdD", text[at]) != NULL) {
			found = known_at(text + at, len - at, &what);
		}
		if (found == 0)
			continue;
		if (ret_at != NULL)
			*ret_at = at;
		if (ret_len != NULL)
			*ret_len = found;
		return what;
	}
	return NULL;
}

const char *secretlike_token(const char *text, size_t len, size_t *ret_at)
{
	const char *what = NULL;

	for (size_t at = 0; at < len; at++) {
		if (known_at(text + at, len - at, &what) == 0)
			continue;
		*ret_at = at;
		return what;
	}
	return NULL;
}

void secretlike_hide(char *text)
{
	size_t len = strlen(text), at = 0, found = 0;

	while (secretlike_find(text, len, &at, &found) != NULL) {
		memset(text + at, '*', found);
		text += at + found;
		len -= at + found;
	}
}

static bool has_part(const char *name, const char *const *parts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasestr(name, parts[i]) != NULL)
			return true;
	}
	return false;
}

bool secretlike_header(const char *name)
{
	/* the one well-known header whose "key" is public: draft-ietf-httpapi-idempotency-key */
	if (strcasecmp(name, "Idempotency-Key") == 0)
		return false;
	return has_part(name, header_parts, LENGTH(header_parts));
}

bool secretlike_variable(const char *name)
{
	return has_part(name, variable_parts, LENGTH(variable_parts));
}
