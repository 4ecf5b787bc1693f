/* Looking things up in the table of all keys. */
#include "scenarios/keys.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Every type: its name for people, how it is stored, and an example as it is written in a file. */
enum storage { STORED_TEXT, STORED_TEXTS, STORED_PAIRS, STORED_OTHERWISE };
static const struct type {
	const char *name;
	enum storage storage;
	const char *example;
} types[] = {
    [KEY_TEXT] = {"a text", STORED_TEXT, "\"some text\""},
    [KEY_NAME] = {"a name", STORED_TEXT, "\"orders-bad-queue\""},
    [KEY_URL] = {"a URL", STORED_TEXT, "\"https://orders.example/health\""},
    [KEY_SECRET] = {"a secret reference", STORED_TEXT, "\"env:NAME\""},
    [KEY_PATH] = {"a path", STORED_TEXT, "\"folder/file\""},
    [KEY_ADDRESS] = {"an address", STORED_TEXT, "\"127.0.0.1:9810\""},
    [KEY_CHAT] = {"the name of a chat", STORED_TEXT, "\"slack\""},
    [KEY_CHANNEL] = {"a channel", STORED_TEXT, "\"#ops\""},
    [KEY_ZONE] = {"a time zone", STORED_TEXT, "\"Europe/Berlin\""},
    [KEY_CHOICE] = {"a word", STORED_TEXT, "\"word\""},
    [KEY_WORD] = {"a word", STORED_OTHERWISE, "\"word\""},
    [KEY_DURATION] = {"a duration", STORED_OTHERWISE, "\"90s\""},
    [KEY_INTEGER] = {"a whole number", STORED_OTHERWISE, "1"},
    [KEY_BOOLEAN] = {"true or false", STORED_OTHERWISE, "true"},
    [KEY_TEXTS] = {"a list of texts", STORED_TEXTS, "[ \"one\", \"two\" ]"},
    [KEY_COMMAND] = {"a command", STORED_TEXTS, "[ \"/usr/bin/program\", \"--option\" ]"},
    [KEY_UNSET] = {"a list of variable names", STORED_TEXTS, "[ \"DATABASE_URL\" ]"},
    [KEY_HOURS] = {"a list of hours", STORED_TEXTS, "[ \"Mon-Fri 09:00-17:00\" ]"},
    [KEY_PATTERNS] = {"a list of patterns", STORED_TEXTS, "[ \"*orders.staging.example*\" ]"},
    [KEY_HEADERS] = {"a group of headers", STORED_PAIRS, "{ Authorization = \"env:NAME\"; }"},
    [KEY_SETTINGS] = {"a group of texts", STORED_PAIRS, "{ NAME = \"value\"; }"},
    [KEY_VARIABLES] = {"a group of texts", STORED_PAIRS, "{ name = \"value\"; }"},
    [KEY_VARIABLE] = {"a text", STORED_PAIRS, "\"value\""},
    [KEY_GROUP] = {"a group", STORED_OTHERWISE, "{ key = value; }"},
    [KEY_LIST] = {"a list of groups", STORED_OTHERWISE, "( { key = value; }, { key = value; } )"},
    [KEY_NAMED] = {"a group of named groups", STORED_OTHERWISE, "{ name = { key = value; }; }"},
};

static_assert(sizeof types / sizeof types[0] == KEY_TYPE_COUNT, "a type has no name");

bool key_counts(const struct key *key, enum key_file file, int via)
{
	return key->file == file && (!key->bound || via == KEYS_ANY_VIA || (int)key->via == via);
}

const struct key *keys_next(enum key_file file, int via, const char *prefix, const struct key *last)
{
	size_t len = strlen(prefix);

	for (const struct key *key = last == NULL ? keys_all : last + 1;
	     key < keys_all + keys_count; key++) {
		if (key_counts(key, file, via) && strncmp(key->path, prefix, len) == 0 &&
		    strchr(key->path + len, '.') == NULL)
			return key;
	}
	return NULL;
}

const struct key *keys_find(enum key_file file, int via, const char *prefix, const char *name)
{
	const struct key *key = NULL, *rest = NULL;

	while ((key = keys_next(file, via, prefix, key)) != NULL) {
		if (key->type == KEY_VARIABLE)
			rest = key;
		else if (strcmp(key_name(key), name) == 0)
			return key;
	}
	return rest;
}

void key_prefix(const struct key *key, char ret_prefix[KEY_PATH_SIZE])
{
	const char *end = key->type == KEY_LIST ? "[]." : key->type == KEY_NAMED ? ".*." : ".";
	int len = snprintf(ret_prefix, KEY_PATH_SIZE, "%s%s", key->path, end);

	assert(len > 0 && len < KEY_PATH_SIZE);
	(void)len;
}

const char *key_name(const struct key *key)
{
	const char *dot = strrchr(key->path, '.');

	return dot == NULL ? key->path : dot + 1;
}

const char *key_type_name(enum key_type type)
{
	return types[type].name;
}

const char *key_example(const struct key *key)
{
	return key->example != NULL ? key->example : types[key->type].example;
}

bool key_is_text(enum key_type type)
{
	return types[type].storage == STORED_TEXT;
}

bool key_is_texts(enum key_type type)
{
	return types[type].storage == STORED_TEXTS;
}

bool key_is_pairs(enum key_type type)
{
	return types[type].storage == STORED_PAIRS;
}
