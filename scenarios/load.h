/* Text in, checked structs out: the only part that knows libconfig.
 * https://hyperrealm.github.io/libconfig/libconfig_manual.html */
#ifndef SCENARIOS_LOAD_H
#define SCENARIOS_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "scenarios/config.h"
#include "scenarios/scenario.h"
#include "src/base/error.h"

/* One mistake in a file. */
struct mistake {
	char *file;
	int line;   /* 0 when it is about the file as a whole */
	char *key;  /* dotted path such as "fault.inject.url", "" for the whole file */
	char *text; /* what is wrong and what would be right */
};

/* All mistakes of one pass. Init with {0}. */
struct mistakes {
	struct mistake *list;
	size_t count;
};

void mistakes_done(struct mistakes *mistakes);

/* "FILE:LINE: KEY: TEXT" a line. */
void mistakes_print(const struct mistakes *mistakes, FILE *out);

/* NULL when there is any mistake; all of them are added to `mistakes`. The result is owned by the
 * caller. Relative paths inside are resolved against the file's folder. */
MUST_CHECK struct config *load_config(const char *path, struct mistakes *mistakes);

/* The same for one scenario file, checked against the configuration: environments and chats that
 * do not exist, unknown variables in any placement, missing revert and so on. */
MUST_CHECK struct scenario *load_scenario(const char *path, const struct config *config,
					  struct mistakes *mistakes);

/* The same from text in memory: for tests and fuzzing. `path` is only a name for messages. */
MUST_CHECK struct config *load_config_text(const char *path, const char *text,
					   struct mistakes *mistakes);
MUST_CHECK struct scenario *load_scenario_text(const char *path, const char *text,
					       const struct config *config,
					       struct mistakes *mistakes);

/* Every "*.cfg" of the configuration's scenario folder, sorted by name. */
struct scenario_list {
	struct scenario **list; /* owned, as are its members */
	size_t count;
};

/* False when there is any mistake; the good ones are in the list all the same. */
MUST_CHECK bool load_scenarios(const struct config *config, struct scenario_list *ret_list,
			       struct mistakes *mistakes);
void scenario_list_done(struct scenario_list *list);

/* The same, one file after another: for those who have something else to do meanwhile. */
struct scenario_loader;

/* The folder is listed; nothing of it is read yet. Both are borrowed until the end. */
struct scenario_loader *scenario_loader_new(const struct config *config, struct mistakes *mistakes);
/* Reads the next file. False: all were read. */
bool scenario_loader_step(struct scenario_loader *loader);
/* Frees the loader, whether all were read or not. False when there is any mistake; the good ones are in
 * the list all the same. */
bool scenario_loader_end(struct scenario_loader *loader, struct scenario_list *ret_list);

/*
 * The scenario as it is for one drill: every ${variable} replaced (the placement's, else the
 * environment's, and the built-in ${drill}, ${environment}, ${scenario}); ${original} stays for the
 * http driver.  NULL with an error that names the unknown variable. Owned by the caller.
 */
MUST_CHECK struct scenario *scenario_resolve(const struct scenario *scenario,
					     const struct environment *environment,
					     const char *drill, struct error *error);

/* The reference page of all keys (Markdown), generated from the key table. */
void keys_print_reference(FILE *out);

/* The keys of one file ("firedrill.cfg" or "scenario") as short help for a terminal. */
void keys_print_help(FILE *out);

#endif
