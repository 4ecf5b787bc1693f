/* One value of libconfig's tree into the place that its key has for it. */
#include "scenarios/parse.h"

#include <stdlib.h>
#include <string.h>

#include "scenarios/form.h"
#include "scenarios/secretlike.h"
#include "src/base/duration.h"
#include "src/base/mem.h"

size_t parse_enter(struct parser *p, const char *name, int index)
{
	size_t len = p->path.len;

	if (name == NULL)
		buf_addf(&p->path, "[%d]", index);
	else
		buf_addf(&p->path, "%s%s", len == 0 ? "" : ".", name);
	return len;
}

void parse_leave(struct parser *p, size_t len)
{
	p->path.len = len;
	p->path.data[len] = '\0';
}

void parse_place(struct parser *p, const config_setting_t *setting)
{
	pass_place(p->pass, buf_text(&p->path), (int)config_setting_source_line(setting));
}

/* What a setting is, for people. */
static const char *setting_name(const config_setting_t *setting)
{
	static const char *const names[] = {
	    [CONFIG_TYPE_NONE] = "nothing",
	    [CONFIG_TYPE_GROUP] = "a group { }",
	    [CONFIG_TYPE_INT] = "a number",
	    [CONFIG_TYPE_INT64] = "a number",
	    [CONFIG_TYPE_FLOAT] = "a number with a point",
	    [CONFIG_TYPE_STRING] = "a text",
	    [CONFIG_TYPE_BOOL] = "true or false",
	    [CONFIG_TYPE_ARRAY] = "an array [ ]",
	    [CONFIG_TYPE_LIST] = "a list ( )",
	};

	return names[config_setting_type(setting)];
}

void parse_wrong_type(struct parser *p, const struct key *key, const config_setting_t *setting)
{
	if (key->type == KEY_DURATION && config_setting_type(setting) == CONFIG_TYPE_INT)
		MISTAKE(p, "%d has no unit: write \"%ds\" or \"%dm\"",
			config_setting_get_int(setting), config_setting_get_int(setting),
			config_setting_get_int(setting));
	else
		MISTAKE(p, "must be %s, but this is %s: write %s", key_type_name(key->type),
			setting_name(setting), key_example(key));
}

const char *parse_text_of(struct parser *p, const struct key *key, const config_setting_t *setting)
{
	const char *text = config_setting_get_string(setting), *what;

	if (config_setting_type(setting) != CONFIG_TYPE_STRING || text == NULL) {
		parse_wrong_type(p, key, setting);
		return NULL;
	}
	what = secretlike_find(text, strlen(text), NULL, NULL);
	if (what != NULL) {
		MISTAKE(p,
			"this looks like %s, which must not stand in a file: take it out; where a "
			"secret is needed, write \"env:NAME\" or \"file:PATH\"",
			what);
		return NULL;
	}
	if (!form_is_utf8(text, strlen(text), NULL)) {
		MISTAKE(p, "is not valid UTF-8: check its \\x escapes");
		return NULL;
	}
	return text;
}

static void list_words(const struct key *key, struct buf *words)
{
	const char *word;

	for (int i = 0; (word = key->word(i)) != NULL; i++)
		buf_addf(words, "%s\"%s\"", i == 0 ? "" : ", ", word);
}

/* The word's place in the key's list; -1 with a mistake. */
static int word_of(struct parser *p, const struct key *key, const char *text)
{
	struct buf words = {0};
	const char *word;

	for (int i = 0; (word = key->word(i)) != NULL; i++) {
		if (strcmp(word, text) == 0)
			return i;
	}
	list_words(key, &words);
	MISTAKE(p, "\"%.40s\" is not one of %s", text, buf_text(&words));
	buf_done(&words);
	return -1;
}

/* "30d", as it stands in a file. */
static void as_written(int64_t ms, char *ret_text, size_t size)
{
	static const struct {
		int64_t ms;
		const char *name;
	} units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};
	size_t i = 0;

	while (ms == 0 ? i < 3 : ms % units[i].ms != 0)
		i++;
	(void)snprintf(ret_text, size, "%lld%s", (long long)(ms / units[i].ms), units[i].name);
}

static void duration(struct parser *p, const struct key *key, const char *text, int64_t *target)
{
	struct error error;
	char least[32], most[32];
	int64_t ms = 0;

	if (key->automatic && strcmp(text, "auto") == 0) {
		*target = KEY_AUTO;
		return;
	}
	if (!duration_parse(text, &ms, &error)) {
		MISTAKE(p, "%s%s", error.text, key->automatic ? ", or \"auto\"" : "");
	} else if (ms < key->min || ms > key->max) {
		as_written(key->min, least, sizeof least);
		as_written(key->max, most, sizeof most);
		MISTAKE(p, "%.40s is out of range: from %s to %s", text, least, most);
	} else {
		*target = ms;
	}
}

static void integer(struct parser *p, const struct key *key, const config_setting_t *setting,
		    int *target)
{
	long long number = config_setting_get_int64(setting);

	if (config_setting_type(setting) == CONFIG_TYPE_INT)
		number = config_setting_get_int(setting);
	else if (config_setting_type(setting) != CONFIG_TYPE_INT64) {
		parse_wrong_type(p, key, setting);
		return;
	}
	if (number < key->min || number > key->max)
		MISTAKE(p, "%lld is out of range: from %d to %d", number, (int)key->min,
			(int)key->max);
	else
		*target = (int)number;
}

int parse_members(struct parser *p, const struct key *key, const config_setting_t *setting)
{
	int count = config_setting_length(setting);

	if (count < key->min)
		MISTAKE(p, "is empty: write %s%s", key_example(key),
			key->required ? "" : ", or leave it out");
	else if (count > key->max)
		MISTAKE(p, "has %d members; %d is the most", count, (int)key->max);
	else
		return count;
	return -1;
}

static void texts(struct parser *p, const struct key *key, const config_setting_t *setting,
		  struct texts *target)
{
	short type = config_setting_type(setting);
	int count;

	if (type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST) {
		parse_wrong_type(p, key, setting);
		return;
	}
	count = parse_members(p, key, setting);
	if (count <= 0)
		return;
	target->list = mem_zalloc((size_t)count * sizeof *target->list);
	for (int i = 0; i < count; i++) {
		const config_setting_t *member = config_setting_get_elem(setting, (unsigned)i);
		size_t len = parse_enter(p, NULL, i);
		const char *text = NULL;

		parse_place(p, member);
		if (config_setting_type(member) == CONFIG_TYPE_STRING)
			text = parse_text_of(p, key, member);
		else
			MISTAKE(p, "must be a text, but this is %s", setting_name(member));
		if (text != NULL)
			target->list[target->count++] = mem_dup(text);
		parse_leave(p, len);
	}
}

void parse_pair(struct parser *p, const struct key *key, const config_setting_t *setting,
		struct pairs *target)
{
	static const struct key value = {.type = KEY_VARIABLE};
	const char *name = config_setting_name(setting), *text = NULL;
	struct error error;

	if (config_setting_type(setting) == CONFIG_TYPE_STRING)
		text = parse_text_of(p, key, setting);
	else
		parse_wrong_type(p, &value, setting);
	if (!form_check_name(key->type, name, &error)) {
		MISTAKE(p, "%s", error.text);
		return;
	}
	target->list = mem_grow(target->list, target->count + 1, sizeof *target->list);
	target->list[target->count++] = (struct pair){mem_dup(name), mem_dup(text)};
}

static void pairs(struct parser *p, const struct key *key, const config_setting_t *setting,
		  struct pairs *target)
{
	int count;

	if (!config_setting_is_group(setting)) {
		parse_wrong_type(p, key, setting);
		return;
	}
	count = parse_members(p, key, setting);
	for (int i = 0; i < count; i++) {
		const config_setting_t *member = config_setting_get_elem(setting, (unsigned)i);
		size_t len = parse_enter(p, config_setting_name(member), 0);

		parse_place(p, member);
		parse_pair(p, key, member, target);
		parse_leave(p, len);
	}
}

static void text_value(struct parser *p, const struct key *key, const config_setting_t *setting,
		       char *target)
{
	const char *text = parse_text_of(p, key, setting);
	int word;

	if (text == NULL)
		return;
	if (key_is_text(key->type)) {
		if (key->type == KEY_CHOICE && word_of(p, key, text) < 0)
			return;
		*(char **)(void *)target = mem_dup(text);
	} else if (key->type == KEY_DURATION) {
		duration(p, key, text, (int64_t *)(void *)target);
	} else {
		word = word_of(p, key, text);
		if (word >= 0)
			memcpy(target, &word, sizeof word); /* every enum is as wide as an int */
	}
}

void parse_leaf(struct parser *p, const struct key *key, const config_setting_t *setting,
		char *target)
{
	if (key_is_texts(key->type))
		texts(p, key, setting, (struct texts *)(void *)target);
	else if (key_is_pairs(key->type))
		pairs(p, key, setting, (struct pairs *)(void *)target);
	else if (key->type == KEY_INTEGER)
		integer(p, key, setting, (int *)(void *)target);
	else if (key->type != KEY_BOOLEAN)
		text_value(p, key, setting, target);
	else if (config_setting_type(setting) == CONFIG_TYPE_BOOL)
		*(bool *)target = config_setting_get_bool(setting) != 0;
	else
		parse_wrong_type(p, key, setting);
}

void parse_standard(const struct key *key, char *target)
{
	int number = 0;

	if (key->standard == NULL)
		return;
	if (key_is_text(key->type)) {
		*(char **)(void *)target = mem_dup(key->standard);
	} else if (key_is_texts(key->type)) {
		struct texts *list = (struct texts *)(void *)target;

		list->list = mem_zalloc(sizeof *list->list);
		list->list[list->count++] = mem_dup(key->standard);
	} else if (key->type == KEY_DURATION) {
		if (!duration_parse(key->standard, (int64_t *)(void *)target, NULL))
			abort(); /* the table is wrong */
	} else if (key->type == KEY_BOOLEAN) {
		*(bool *)target = strcmp(key->standard, "true") == 0;
	} else if (key->type == KEY_INTEGER) {
		*(int *)(void *)target = (int)strtol(key->standard, NULL, 10);
	} else if (key->type == KEY_WORD) {
		while (strcmp(key->word(number), key->standard) != 0)
			number++;
		memcpy(target, &number, sizeof number);
	}
}
