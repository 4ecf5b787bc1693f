/* What one text must look like. */
#include "scenarios/form.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/nearest.h"
#include "scenarios/secretlike.h"
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/calendar/hours.h"
#include "src/calendar/zone.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))
#define MEMBER_BYTES 8192 /* of one text in a list or a group of texts */
#define REFERENCE    "write \"env:NAME\" or \"file:PATH\""

/* Bytes of the character at the start, 0 when it is not valid (RFC 3629). */
static size_t character_len(const unsigned char *c, size_t len)
{
	uint32_t code;
	size_t more;

	if (c[0] < 0x80)
		return 1;
	if (c[0] >= 0xc2 && c[0] < 0xe0)
		more = 1;
	else if (c[0] >= 0xe0 && c[0] < 0xf0)
		more = 2;
	else if (c[0] >= 0xf0 && c[0] < 0xf5)
		more = 3;
	else
		return 0;
	if (more >= len)
		return 0;
	code = c[0] & (0x3fU >> more);
	for (size_t i = 1; i <= more; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (c[i] & 0x3fU);
	}
	if ((more == 2 && code < 0x800) || (more == 3 && code < 0x10000) || code > 0x10ffff ||
	    (code >= 0xd800 && code < 0xe000))
		return 0;
	return more + 1;
}

bool form_is_utf8(const char *text, size_t len, size_t *ret_at)
{
	size_t at = 0;

	while (at < len) {
		size_t more = character_len((const unsigned char *)text + at, len - at);

		if (more == 0) {
			if (ret_at != NULL)
				*ret_at = at;
			return false;
		}
		at += more;
	}
	return true;
}

bool form_is_name(const char *text)
{
	return isalnum((unsigned char)text[0]) &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

bool form_is_variable(const char *text)
{
	size_t len = 0;

	while (isalnum((unsigned char)text[len]) || text[len] == '_' || text[len] == '-')
		len++;
	return len > 0 && text[len] == '\0';
}

bool form_is_builtin(const char *text)
{
	static const char *const names[] = {"drill", "environment", "scenario", "original"};

	for (size_t i = 0; i < LENGTH(names); i++) {
		if (strcmp(names[i], text) == 0)
			return true;
	}
	return false;
}

/* A name as POSIX has it for environment variables. */
static bool is_environment_name(const char *text)
{
	if (isdigit((unsigned char)text[0]))
		return false;
	return form_is_variable(text) && strchr(text, '-') == NULL;
}

bool form_is_reference(const char *text)
{
	if (strncmp(text, "env:", 4) == 0)
		return is_environment_name(text + 4);
	return strncmp(text, "file:", 5) == 0 && text[5] != '\0';
}

static bool has_control(const char *text, bool blanks_too)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f || (blanks_too && *text == ' '))
			return true;
	}
	return false;
}

static bool check_url(const char *text, struct error *error)
{
	const char *host = strstr(text, "://");
	size_t len;

	if (strncmp(text, "http://", 7) != 0 && strncmp(text, "https://", 8) != 0)
		return error_set(error, "\"%.80s\" is not a URL: begin it with http:// or https://",
				 text);
	host += 3;
	len = strcspn(host, "/?#");
	if (memchr(host, '@', len) != NULL)
		return error_set(error, "a user in a URL is refused: take the part up to the @ "
					"out; a secret belongs in a header, as \"env:NAME\" or "
					"\"file:PATH\"");
	if (len == 0 || host[0] == ':')
		return error_set(error, "\"%.80s\" names no host", text);
	if (has_control(text, true))
		return error_set(error, "a URL has no blanks and no control characters: write a "
					"blank as %%20");
	return true;
}

static bool check_address(const char *text, struct error *error)
{
	const char *colon = strrchr(text, ':');
	size_t host = colon == NULL ? 0 : (size_t)(colon - text);
	char *end = NULL;
	long port;

	if (host > 0 && isdigit((unsigned char)colon[1]) && !has_control(text, true)) {
		bool bracketed = text[0] == '[' && text[host - 1] == ']';

		port = strtol(colon + 1, &end, 10);
		if (*end == '\0' && port <= 65535 && (bracketed || memchr(text, ':', host) == NULL))
			return true;
	}
	return error_set(error, "\"%.80s\" is not an address and a port: write \"127.0.0.1:9810\"",
			 text);
}

static bool check_channel(const char *text, struct error *error)
{
	const char *name = text[0] == '#' ? text + 1 : text;

	if (name[0] != '\0' && !has_control(text, true) && strchr(name, '#') == NULL)
		return true;
	return error_set(error,
			 "\"%.80s\" is not a channel: write its name, such as \"#ops\", or "
			 "its id",
			 text);
}

static bool check_chat(const char *text, const struct config *config, struct error *error)
{
	struct buf known = {.limit = 200};
	const char *names[64];
	size_t count = 0;
	const char *close;

	if (config_chat(config, text) != NULL)
		return true;
	for (size_t i = 0; i < config->chat_count; i++) {
		buf_addf(&known, "%s\"%s\"", i == 0 ? "" : ", ", config->chats[i].name);
		if (count < LENGTH(names))
			names[count++] = config->chats[i].name;
	}
	close = nearest(text, names, count);
	if (close != NULL)
		(void)error_set(error, "there is no chat \"%.40s\": did you mean \"%s\"?", text,
				close);
	else
		(void)error_set(error, "there is no chat \"%.40s\"; %s has: %s", text, config->file,
				known.len > 0 ? buf_text(&known) : "none");
	buf_done(&known);
	return false;
}

/* Values of headers and of settings that take references. */
static bool check_value(const struct key *key, const char *name, const char *text,
			struct error *error)
{
	bool secret =
	    key->type == KEY_HEADERS ? secretlike_header(name) : secretlike_variable(name);

	if (key->type == KEY_HEADERS && has_control(text, false))
		return error_set(error, "a header's value is one line without control characters");
	if (secret && !form_is_reference(text))
		return error_set(
		    error,
		    "%s looks like a secret, so its value must not stand here: " REFERENCE
		    "; the whole value belongs there, a word such as "
		    "Bearer too",
		    name);
	if ((strncmp(text, "env:", 4) == 0 || strncmp(text, "file:", 5) == 0) &&
	    !form_is_reference(text))
		return error_set(error, "the reference names nothing: " REFERENCE);
	return true;
}

static bool check_by_type(const struct key *key, const char *name, const char *text,
			  const struct config *config, struct error *error)
{
	int offset;

	switch (key->type) {
	case KEY_NAME:
		return form_is_name(text) ||
		       error_set(error,
				 "\"%.80s\" is not a name: use a-z, 0-9 and hyphens, such "
				 "as %s",
				 text, key_example(key));
	case KEY_URL:
		return check_url(text, error);
	case KEY_SECRET:
		return form_is_reference(text) ||
		       error_set(error, "a secret must not stand in a file: " REFERENCE
					" (a variable name has letters, digits and _)");
	case KEY_ADDRESS:
		return check_address(text, error);
	case KEY_CHAT:
		return check_chat(text, config, error);
	case KEY_CHANNEL:
		return check_channel(text, error);
	case KEY_UNSET:
		return is_environment_name(text) ||
		       error_set(error,
				 "\"%.80s\" is not the name of an environment variable: use "
				 "letters, digits and _",
				 text);
	case KEY_HOURS:
		return hours_check(text, error);
	case KEY_ZONE:
		return zone_offset(text, 0, &offset, error);
	case KEY_HEADERS:
	case KEY_SETTINGS:
		return !key->references || check_value(key, name, text, error);
	case KEY_TEXT:
	case KEY_PATH:
	case KEY_CHOICE:
	case KEY_WORD:
	case KEY_DURATION:
	case KEY_INTEGER:
	case KEY_BOOLEAN:
	case KEY_TEXTS:
	case KEY_PATTERNS:
	case KEY_COMMAND:
	case KEY_VARIABLES:
	case KEY_VARIABLE:
	case KEY_GROUP:
	case KEY_LIST:
	case KEY_NAMED:
	case KEY_TYPE_COUNT:
		break;
	}
	return true;
}

/* Texts of lists have no range of their own, that is the list's; empty ones mean nothing there. */
static bool check_size(const struct key *key, const char *text, struct error *error)
{
	size_t len = strlen(text);
	bool one = key_is_text(key->type);

	if (len == 0 && key->type == KEY_TEXTS)
		return error_set(error, "is empty, and so in every message: take it out");
	if (len == 0 && key->type == KEY_PATTERNS)
		return error_set(error, "is empty, and matches nothing: write a pattern such as "
					"\"*orders.staging.example*\", or take it out");
	if (len == 0 && one && key->min > 0)
		return error_set(error, "is empty: write %s, or leave it out", key_example(key));
	if ((int64_t)len > (one ? key->max : MEMBER_BYTES))
		return error_set(error, "is longer than %d bytes",
				 (int)(one ? key->max : MEMBER_BYTES));
	return true;
}

bool form_check(const struct key *key, const char *name, const char *text,
		const struct config *config, struct error *error)
{
	size_t len = strlen(text);
	const char *what = secretlike_find(text, len, NULL, NULL);

	if (what != NULL)
		return error_set(error,
				 "this looks like %s, which must not stand in a file: "
				 "take it out; where a secret is needed, " REFERENCE,
				 what);
	if (!form_is_utf8(text, len, NULL))
		return error_set(error, "is not valid UTF-8: check its \\x escapes");
	return check_size(key, text, error) && check_by_type(key, name, text, config, error);
}

bool form_check_name(enum key_type type, const char *name, struct error *error)
{
	if (type == KEY_SETTINGS && !is_environment_name(name))
		return error_set(error, "is not the name of an environment variable: use letters, "
					"digits and _");
	if ((type == KEY_VARIABLES || type == KEY_VARIABLE) && !form_is_variable(name))
		return error_set(error, "is not a name for a variable: use letters, digits, _ and "
					"hyphens");
	if ((type == KEY_VARIABLES || type == KEY_VARIABLE) && form_is_builtin(name))
		return error_set(error, "is a name that firedrill fills in itself: choose another");
	return true;
}
