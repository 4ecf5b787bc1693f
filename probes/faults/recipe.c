/* Reading and writing recipes. */
#include "probes/faults/recipe.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/id.h"
#include "src/base/mem.h"

#define RECIPE_LIMIT (1024 * 1024) /* bytes */

/* A part of a recipe that silently went missing could be its revert: treated as mem.h does. */
static cJSON *must(cJSON *item)
{
	if (item == NULL)
		abort();
	return item;
}

static void append(cJSON *list, cJSON *item)
{
	if (!cJSON_AddItemToArray(list, must(item)))
		abort();
}

static bool is_drill(const char *text)
{
	return text != NULL && strlen(text) == ID_LEN && id_find(text, ID_LEN) == text;
}

cJSON *recipe_new(enum fault_via via, const char *drill, struct error *error)
{
	cJSON *recipe;

	if (!is_drill(drill)) {
		(void)error_set(error, "\"%.40s\" is no drill id such as fd-k3q9x2m7", drill);
		return NULL;
	}
	recipe = must(cJSON_CreateObject());
	recipe_add_text(recipe, "via", via_name(via));
	recipe_add_text(recipe, "drill", drill);
	return recipe;
}

void recipe_add_text(cJSON *to, const char *key, const char *text)
{
	if (text != NULL)
		(void)must(cJSON_AddStringToObject(to, key, text));
}

void recipe_add_number(cJSON *to, const char *key, int64_t number)
{
	if (number != 0)
		(void)must(cJSON_AddNumberToObject(to, key, (double)number));
}

void recipe_add_texts(cJSON *to, const char *key, const struct texts *texts)
{
	cJSON *list;

	if (texts->count == 0)
		return;
	list = must(cJSON_AddArrayToObject(to, key));
	for (size_t i = 0; i < texts->count; i++)
		append(list, cJSON_CreateString(texts->list[i]));
}

void recipe_add_pairs(cJSON *to, const char *key, const struct pairs *pairs)
{
	cJSON *list;

	if (pairs->count == 0)
		return;
	list = must(cJSON_AddArrayToObject(to, key));
	for (size_t i = 0; i < pairs->count; i++) {
		cJSON *pair = must(cJSON_CreateArray());

		append(pair, cJSON_CreateString(pairs->list[i].name));
		append(pair, cJSON_CreateString(pairs->list[i].value));
		append(list, pair);
	}
}

cJSON *recipe_add_object(cJSON *to, const char *key)
{
	return must(cJSON_AddObjectToObject(to, key));
}

char *recipe_take(cJSON *recipe)
{
	char *text = cJSON_PrintUnformatted(recipe);

	if (text == NULL)
		abort();
	cJSON_Delete(recipe);
	return text;
}

cJSON *recipe_read(const char *text, enum fault_via via, struct error *error)
{
	size_t len = strnlen(text, RECIPE_LIMIT + 1);
	const char *name;
	cJSON *recipe;

	if (len > RECIPE_LIMIT) {
		(void)error_set(error, "the recipe is longer than %d bytes", RECIPE_LIMIT);
		return NULL;
	}
	recipe = cJSON_ParseWithOpts(text, NULL, true);
	name = recipe_text(recipe, "via");
	if (recipe == NULL)
		(void)error_set(error, "the recipe is not valid JSON");
	else if (name == NULL || strcmp(name, via_name(via)) != 0)
		(void)error_set(error, "the recipe is not one of the driver %s", via_name(via));
	else if (!is_drill(recipe_text(recipe, "drill")))
		(void)error_set(error, "the recipe does not name its drill");
	else
		return recipe;
	cJSON_Delete(recipe);
	return NULL;
}

const char *recipe_text(const cJSON *from, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(from, key));
}

const cJSON *recipe_object(const cJSON *from, const char *key)
{
	const cJSON *object = cJSON_GetObjectItemCaseSensitive(from, key);

	return cJSON_IsObject(object) ? object : NULL;
}

int64_t recipe_number(const cJSON *from, const char *key, int64_t otherwise, int64_t maximum)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(from, key);

	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0))
		return otherwise;
	return item->valuedouble < (double)maximum ? (int64_t)item->valuedouble : maximum;
}

const char **recipe_texts(const cJSON *from, const char *key)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(from, key), *item;
	const char **texts = NULL;
	size_t count = 0;

	if (!cJSON_IsArray(list) || list->child == NULL)
		return NULL;
	cJSON_ArrayForEach(item, list)
	{
		texts = mem_grow(texts, count + 2, sizeof *texts);
		texts[count++] = cJSON_GetStringValue(item);
		texts[count] = NULL;
		if (texts[count - 1] == NULL) {
			free(texts);
			return NULL;
		}
	}
	return texts;
}

bool recipe_pairs(const cJSON *from, const char *key, recipe_pair_fn *visit, void *arg)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(from, key), *pair;

	if (list == NULL)
		return true;
	if (!cJSON_IsArray(list))
		return false;
	cJSON_ArrayForEach(pair, list)
	{
		const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(pair, 0));
		const char *value = cJSON_GetStringValue(cJSON_GetArrayItem(pair, 1));

		if (name == NULL || value == NULL || !visit(arg, name, value))
			return false;
	}
	return true;
}
