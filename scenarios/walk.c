/* Going through everything that a config or a scenario owns. */
#include "scenarios/walk.h"

#include <stdlib.h>
#include <string.h>

#include "scenarios/scenario.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

enum task { TASK_VISIT, TASK_OWN, TASK_FREE };

struct walk {
	enum task task;
	enum key_file file;
	walk_fn *visit;  /* TASK_VISIT */
	void *arg;       /* borrowed */
	struct buf path; /* owned; TASK_VISIT */
};

static void level(struct walk *w, const char *prefix, char *base);

static size_t enter(struct walk *w, const char *name, size_t index)
{
	size_t len = w->path.len;

	if (w->task != TASK_VISIT)
		return len;
	if (name == NULL)
		buf_addf(&w->path, "[%zu]", index);
	else
		buf_addf(&w->path, "%s%s", len == 0 ? "" : ".", name);
	return len;
}

static void leave(struct walk *w, size_t len)
{
	w->path.len = len;
	if (w->path.data != NULL)
		w->path.data[len] = '\0';
}

static void text(struct walk *w, const struct key *key, const char *name, char **at)
{
	if (*at == NULL)
		return;
	switch (w->task) {
	case TASK_VISIT:
		w->visit(w->arg, &(struct walk_text){key, buf_text(&w->path), name, at});
		break;
	case TASK_OWN:
		*at = mem_dup(*at);
		break;
	case TASK_FREE:
		free(*at);
		break;
	}
}

/* A copy of a list's members, when the list is to be owned. */
static void *own_list(const struct walk *w, void *list, size_t count, size_t size)
{
	void *copy;

	if (w->task != TASK_OWN)
		return list;
	if (count == 0)
		return NULL;
	copy = mem_zalloc(count * size);
	memcpy(copy, list, count * size);
	return copy;
}

static void texts(struct walk *w, const struct key *key, struct texts *list)
{
	list->list = own_list(w, list->list, list->count, sizeof *list->list);
	for (size_t i = 0; i < list->count; i++) {
		size_t len = enter(w, NULL, i);

		text(w, key, NULL, &list->list[i]);
		leave(w, len);
	}
	if (w->task == TASK_FREE)
		free(list->list);
}

static void pairs(struct walk *w, const struct key *key, struct pairs *list)
{
	list->list = own_list(w, list->list, list->count, sizeof *list->list);
	for (size_t i = 0; i < list->count; i++) {
		struct pair *pair = &list->list[i];
		size_t len = enter(w, pair->name, 0);

		text(w, key, pair->name, &pair->value);
		if (w->task != TASK_VISIT)
			text(w, key, NULL, &pair->name);
		leave(w, len);
	}
	if (w->task == TASK_FREE)
		free(list->list);
}

static void groups(struct walk *w, const struct key *key, char *base)
{
	char **list = (char **)(void *)(base + key->offset);
	size_t count = *(size_t *)(void *)(base + key->count_offset);
	char prefix[KEY_PATH_SIZE];

	key_prefix(key, prefix);
	*list = own_list(w, *list, count, key->size);
	for (size_t i = 0; i < count; i++) {
		char *member = *list + i * key->size;
		char **name = (char **)(void *)member; /* of a named group */
		size_t len = enter(w, key->type == KEY_NAMED ? *name : NULL, i);

		level(w, prefix, member);
		if (key->type == KEY_NAMED && w->task != TASK_VISIT)
			text(w, key, NULL, name);
		leave(w, len);
	}
	if (w->task == TASK_FREE)
		free(*list);
}

static void level(struct walk *w, const char *prefix, char *base)
{
	const struct key *key = NULL;
	char inner[KEY_PATH_SIZE];

	while ((key = keys_next(w->file, KEYS_ANY_VIA, prefix, key)) != NULL) {
		void *at = base + key->offset;
		size_t len = key->type == KEY_VARIABLE ? w->path.len : enter(w, key_name(key), 0);

		if (key_is_text(key->type)) {
			text(w, key, NULL, at);
		} else if (key_is_texts(key->type)) {
			texts(w, key, at);
		} else if (key_is_pairs(key->type)) {
			pairs(w, key, at);
		} else if (key->type == KEY_LIST || key->type == KEY_NAMED) {
			groups(w, key, base);
		} else if (key->type == KEY_GROUP) {
			key_prefix(key, inner);
			level(w, inner, base);
		}
		leave(w, len);
	}
}

void walk_texts(enum key_file file, void *base, walk_fn *visit, void *arg)
{
	struct walk w = {.task = TASK_VISIT, .file = file, .visit = visit, .arg = arg};

	level(&w, "", base);
	buf_done(&w.path);
}

bool walk_is_program(const struct walk_text *text)
{
	size_t len = strlen(text->path);

	return text->key->type == KEY_COMMAND && strcmp(text->path + len - 3, "[0]") == 0;
}

void walk_own(enum key_file file, void *base)
{
	struct walk w = {.task = TASK_OWN, .file = file};

	level(&w, "", base);
}

void walk_free(enum key_file file, void *base)
{
	struct walk w = {.task = TASK_FREE, .file = file};

	level(&w, "", base);
}
