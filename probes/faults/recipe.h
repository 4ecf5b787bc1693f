/* Reading and writing recipes: the one JSON text that holds everything a fault's steps need. */
#ifndef PROBES_RECIPE_H
#define PROBES_RECIPE_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "scenarios/scenario.h"
#include "src/base/error.h"
#include "src/base/words.h"

/* {"via":..,"drill":..}. Owned by the caller (cJSON_Delete); NULL when `drill` is no drill id. */
MUST_CHECK cJSON *recipe_new(enum fault_via via, const char *drill, struct error *error);

/* These add what is there: a NULL text, an empty list and a 0 add nothing. */
void recipe_add_text(cJSON *to, const char *key, const char *text);
void recipe_add_number(cJSON *to, const char *key, int64_t number);
void recipe_add_texts(cJSON *to, const char *key, const struct texts *texts);
void recipe_add_pairs(cJSON *to, const char *key, const struct pairs *pairs);
cJSON *recipe_add_object(cJSON *to, const char *key); /* borrowed from `to` */

/* The finished text, owned by the caller; frees the recipe. */
char *recipe_take(cJSON *recipe);

/* The recipe in a text that may be anything: too long, no JSON, of another driver, of no drill.
 * Owned by the caller (cJSON_Delete); NULL with an error. */
MUST_CHECK cJSON *recipe_read(const char *text, enum fault_via via, struct error *error);

/* Reading never fails: what is absent or of the wrong type is NULL, empty or the default. */
const char *recipe_text(const cJSON *from, const char *key);    /* borrowed */
const cJSON *recipe_object(const cJSON *from, const char *key); /* borrowed */
int64_t recipe_number(const cJSON *from, const char *key, int64_t otherwise, int64_t maximum);

/* The list of texts as a NULL-terminated array: the array is owned by the caller, the texts are
 * borrowed from the recipe. NULL when absent, empty, or when anything in it is not a text. */
const char **recipe_texts(const cJSON *from, const char *key);

/* Each pair of a list written by recipe_add_pairs; visit returns false to stop. False when visit
 * did or when the list is not a list of pairs; an absent list is an empty one. */
typedef bool recipe_pair_fn(void *arg, const char *name, const char *value);
bool recipe_pairs(const cJSON *from, const char *key, recipe_pair_fn *visit, void *arg);

#endif
