/* The environment of a child process, built variable by variable. */
#include "probes/faults/environ.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probes/faults/recipe.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

struct filling {
	struct environ *env;     /* borrowed */
	struct secrets *secrets; /* borrowed; NULL: every value is meant as it is */
	struct error *error;     /* borrowed */
};

static const char *const nothing[] = {NULL};

static void add(struct environ *env, char *entry)
{
	env->list = mem_grow(env->list, env->count + 2, sizeof *env->list);
	env->list[env->count++] = entry;
	env->list[env->count] = NULL;
}

static void wipe(char *entry)
{
	explicit_bzero(entry, strlen(entry));
	free(entry);
}

void environ_inherit(struct environ *env)
{
	for (char **at = environ; at != NULL && *at != NULL; at++)
		add(env, mem_dup(*at));
}

void environ_unset(struct environ *env, const char *name)
{
	size_t len = strlen(name), kept = 0;

	for (size_t i = 0; i < env->count; i++) {
		char *entry = env->list[i];

		if (strncmp(entry, name, len) == 0 && entry[len] == '=')
			wipe(entry);
		else
			env->list[kept++] = entry;
	}
	env->count = kept;
	if (env->list != NULL)
		env->list[kept] = NULL;
}

void environ_set(struct environ *env, const char *name, const char *value)
{
	environ_unset(env, name);
	add(env, mem_printf("%s=%s", name, value));
}

static bool set_pair(void *arg, const char *name, const char *value)
{
	struct filling *filling = arg;

	if (!environ_is_name(name))
		return false;
	if (filling->secrets != NULL && secret_is_reference(value))
		value = secret_resolve(filling->secrets, value, filling->error);
	if (value == NULL)
		return false;
	environ_set(filling->env, name, value);
	return true;
}

bool environ_set_pairs(struct environ *env, const cJSON *recipe, const char *key,
		       struct secrets *secrets, struct error *error)
{
	struct filling filling = {env, secrets, error};

	(void)error_set(error, "the variables in the recipe are damaged");
	return recipe_pairs(recipe, key, set_pair, &filling);
}

void environ_done(struct environ *env)
{
	for (size_t i = 0; i < env->count; i++)
		wipe(env->list[i]);
	free(env->list);
	*env = (struct environ){0};
}

const char *const *environ_list(const struct environ *env)
{
	return env->list != NULL ? (const char *const *)env->list : nothing;
}

bool environ_is_name(const char *name)
{
	return name[0] != '\0' && strchr(name, '=') == NULL;
}
