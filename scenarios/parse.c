/* libconfig's tree into structs, by the table of keys. */
#include "scenarios/parse.h"

#include <stdlib.h>
#include <string.h>

#include "scenarios/form.h"
#include "scenarios/nearest.h"
#include "src/base/mem.h"

#define LENGTH(list)     (sizeof(list) / sizeof((list)[0]))
#define SUGGESTION_LIMIT 64

static void group(struct parser *p, const config_setting_t *setting, const char *prefix,
		  void *base);

/* Tells of secrets in what is no key at all. */
static void look_for_secrets(struct parser *p, const config_setting_t *setting)
{
	static const struct key any = {.type = KEY_TEXT};
	int count = config_setting_is_aggregate(setting) ? config_setting_length(setting) : 0;

	if (config_setting_type(setting) == CONFIG_TYPE_STRING)
		(void)parse_text_of(p, &any, setting);
	for (int i = 0; i < count; i++)
		look_for_secrets(p, config_setting_get_elem(setting, (unsigned)i));
}

/* One member of a list or one named group. */
static void member(struct parser *p, const struct key *key, const config_setting_t *setting,
		   char *base)
{
	static const struct key one = {.type = KEY_GROUP};
	const char *name = config_setting_name(setting);
	char prefix[KEY_PATH_SIZE];

	parse_place(p, setting);
	if (key->type == KEY_NAMED) {
		*(char **)(void *)base = mem_dup(name);
		if (!form_is_name(name))
			MISTAKE(p, "\"%.40s\" is not a name: use a-z, 0-9 and hyphens", name);
	}
	if (!config_setting_is_group(setting)) {
		parse_wrong_type(p, &one, setting);
		return;
	}
	key_prefix(key, prefix);
	group(p, setting, prefix, base);
}

static void groups(struct parser *p, const struct key *key, const config_setting_t *setting,
		   char *base)
{
	bool named = key->type == KEY_NAMED;
	size_t *ret_count = (size_t *)(void *)(base + key->count_offset);
	char *list;
	int count;

	if (config_setting_type(setting) != (named ? CONFIG_TYPE_GROUP : CONFIG_TYPE_LIST)) {
		parse_wrong_type(p, key, setting);
		return;
	}
	count = parse_members(p, key, setting);
	if (count <= 0)
		return;
	list = mem_zalloc((size_t)count * key->size);
	*(char **)(void *)(base + key->offset) = list;
	*ret_count = (size_t)count;
	for (int i = 0; i < count; i++) {
		const config_setting_t *one = config_setting_get_elem(setting, (unsigned)i);
		size_t len = parse_enter(p, config_setting_name(one), i);

		member(p, key, one, list + (size_t)i * key->size);
		parse_leave(p, len);
	}
}

static void value(struct parser *p, const struct key *key, const config_setting_t *setting,
		  char *base)
{
	char *target = base + key->offset;
	char prefix[KEY_PATH_SIZE];

	if (key->type == KEY_VARIABLE) {
		parse_pair(p, key, setting, (struct pairs *)(void *)target);
	} else if (key->type == KEY_LIST || key->type == KEY_NAMED) {
		groups(p, key, setting, base);
	} else if (key->type == KEY_GROUP) {
		key_prefix(key, prefix);
		if (config_setting_is_group(setting))
			group(p, setting, prefix, base);
		else
			parse_wrong_type(p, key, setting);
	} else {
		parse_leaf(p, key, setting, target);
	}
}

/* The defaults inside a group that was left out; none when it would need something. */
static void absent_group(const struct parser *p, const char *prefix, char *base)
{
	const struct key *key = NULL;

	while ((key = keys_next(p->pass->file, p->via, prefix, key)) != NULL) {
		if (key->required)
			return;
	}
	while ((key = keys_next(p->pass->file, p->via, prefix, key)) != NULL)
		parse_standard(key, base + key->offset);
}

static void absent(struct parser *p, const struct key *key, char *base)
{
	char prefix[KEY_PATH_SIZE];
	size_t len;

	/* while `via` is not known, nobody knows what its keys would have to be */
	if (key->type == KEY_VARIABLE || (key->bound && p->via == KEYS_ANY_VIA))
		return;
	if (key->required) {
		len = parse_enter(p, key_name(key), 0);
		MISTAKE(p, "is missing. %s: write %s = %s;", key->help, key_name(key),
			key_example(key));
		parse_leave(p, len);
	} else if (key->type == KEY_GROUP) {
		key_prefix(key, prefix);
		absent_group(p, prefix, base);
	} else {
		parse_standard(key, base + key->offset);
	}
}

/* The via that has a key of this name here; NULL when none has. */
static const struct key *of_other_via(const struct parser *p, const char *prefix, const char *name)
{
	const struct key *key = keys_find(p->pass->file, KEYS_ANY_VIA, prefix, name);

	return key != NULL && key->bound ? key : NULL;
}

static void unknown(struct parser *p, const config_setting_t *setting, const char *prefix)
{
	const char *name = config_setting_name(setting), *names[SUGGESTION_LIMIT], *close;
	const struct key *key = of_other_via(p, prefix, name);
	struct buf list = {.limit = 300};
	size_t count = 0;

	look_for_secrets(p, setting);
	if (key != NULL) {
		MISTAKE(p, "belongs to via = \"%s\", but here via is \"%s\"", via_name(key->via),
			via_name((enum fault_via)p->via));
		return;
	}
	while ((key = keys_next(p->pass->file, p->via, prefix, key)) != NULL) {
		if (count < LENGTH(names))
			names[count++] = key_name(key);
		buf_addf(&list, "%s%s", list.len == 0 ? "" : ", ", key_name(key));
	}
	close = nearest(name, names, count);
	if (close != NULL)
		MISTAKE(p, "unknown key: did you mean \"%s\"?", close);
	else
		MISTAKE(p, "unknown key; the keys here are: %s", buf_text(&list));
	buf_done(&list);
}

static void group(struct parser *p, const config_setting_t *setting, const char *prefix, void *base)
{
	int count = config_setting_length(setting);
	const struct key *key = NULL;

	for (int i = 0; i < count; i++) {
		const config_setting_t *child = config_setting_get_elem(setting, (unsigned)i);
		size_t len = parse_enter(p, config_setting_name(child), 0);

		parse_place(p, child);
		key = keys_find(p->pass->file, p->via, prefix, config_setting_name(child));
		if (key == NULL)
			unknown(p, child, prefix);
		else if (key->bound && p->via == KEYS_ANY_VIA)
			look_for_secrets(p, child);
		else
			value(p, key, child, base);
		parse_leave(p, len);
	}
	key = NULL;
	while ((key = keys_next(p->pass->file, p->via, prefix, key)) != NULL) {
		if (config_setting_get_member(setting, key_name(key)) == NULL)
			absent(p, key, base);
	}
}

void pass_parse(struct pass *pass, void *target)
{
	struct parser p = {.pass = pass, .via = KEYS_ANY_VIA};
	enum fault_via via = VIA_NONE;
	const char *word = NULL;
	config_t tree;

	config_init(&tree);
	if (config_read_string(&tree, pass->source.text) != CONFIG_TRUE) {
		found_add(&pass->found, config_error_line(&tree), "", "libconfig: %s",
			  config_error_text(&tree));
	} else {
		if (config_lookup_string(&tree, "fault.via", &word) == CONFIG_TRUE &&
		    via_parse(word, &via))
			p.via = (int)via;
		buf_adds(&p.path, "");
		group(&p, config_root_setting(&tree), "", target);
	}
	buf_done(&p.path);
	config_destroy(&tree);
}
