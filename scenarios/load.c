/* Text in, checked structs out. */
#include "scenarios/load.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "scenarios/check.h"
#include "scenarios/pass.h"
#include "scenarios/syntax.h"
#include "scenarios/walk.h"
#include "src/base/mem.h"

#define SCENARIOS_LIMIT 10000 /* files in the folder */
#define ENDING          ".cfg"

/* Reads and parses; what is wrong with the text itself ends the pass early. */
static bool parse(struct pass *pass, const char *path, const char *text, void *target)
{
	if (source_read(&pass->source, path, text, &pass->found)) {
		if (syntax_check(&pass->source, &pass->found)) {
			pass_parse(pass, target);
			return true;
		}
		source_look_for_secrets(&pass->source, &pass->found);
	}
	return false;
}

/* Is it a path that a file's author wrote relative to the file? */
static bool is_relative(const char *path)
{
	return path[0] != '/' && path[0] != '$' && path[0] != '\0';
}

/* The folder that a service manager made for what must stay; systemd.exec(5), StateDirectory. */
static const char *state_folder(void)
{
	const char *folder = getenv("STATE_DIRECTORY");

	return folder != NULL && folder[0] == '/' && strchr(folder, ':') == NULL ? folder : NULL;
}

static bool is_state(const struct key *key)
{
	return key->file == KEYS_CONFIG && strcmp(key->path, "state") == 0;
}

/* Paths count from the folder of the file that they stand in. */
struct beside {
	const char *file;             /* borrowed */
	const struct scenario *inner; /* borrowed; NULL for the configuration */
};

static void put_beside(void *arg, const struct walk_text *text)
{
	const struct beside *b = arg;
	enum key_type type = text->key->type;
	char *old = *text->text, *path;
	size_t skip = 0;
	bool moves = type == KEY_PATH;

	if (type == KEY_SECRET || type == KEY_VARIABLES || type == KEY_VARIABLE ||
	    text->key->references) {
		skip = 5;
		moves = strncmp(old, "file:", skip) == 0;
	} else if (walk_is_program(text)) {
		/* "./worker" counts from `directory`, when the process has one */
		moves = strchr(old, '/') != NULL &&
			(b->inner == NULL || b->inner->fault.process.directory == NULL);
	}
	if (!moves || !is_relative(old + skip))
		return;
	path = is_state(text->key) && state_folder() != NULL
		   ? mem_printf("%s/%s", state_folder(), old)
		   : source_beside(b->file, old + skip);
	*text->text = mem_printf("%.*s%s", (int)skip, old, path);
	free(path);
	free(old);
}

static struct config *load_config_from(const char *path, const char *text,
				       struct mistakes *mistakes)
{
	struct config *config = mem_zalloc(sizeof *config);
	struct pass pass = {.file = KEYS_CONFIG};
	struct beside beside = {path, NULL};
	bool parsed;

	config->file = mem_dup(path);
	parsed = parse(&pass, path, text, config);
	if (parsed) {
		check_config(&pass, config);
		walk_texts(KEYS_CONFIG, config, put_beside, &beside);
	}
	if (pass_end(&pass, mistakes) && parsed)
		return config;
	config_free(config);
	return NULL;
}

/* Scenarios by name, all borrowed; no two have the same. */
struct names {
	const struct scenario **list; /* owned, sorted */
	size_t count, capacity;
};

/* The place of the first one that is not before that name. */
static size_t names_find(const struct names *names, const char *name)
{
	size_t first = 0, end = names->count;

	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (strcmp(names->list[middle]->name, name) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

static void names_add(struct names *names, const struct scenario *scenario)
{
	size_t at = names_find(names, scenario->name);

	if (names->count == names->capacity) {
		names->capacity = names->capacity * 2 + 64;
		names->list = mem_grow(names->list, names->capacity, sizeof *names->list);
	}
	memmove(names->list + at + 1, names->list + at, (names->count - at) * sizeof *names->list);
	names->list[at] = scenario;
	names->count++;
}

static void check_name(struct pass *pass, const struct scenario *scenario,
		       const struct names *others)
{
	size_t at;

	if (others == NULL || scenario->name == NULL)
		return;
	at = names_find(others, scenario->name);
	if (at < others->count && strcmp(others->list[at]->name, scenario->name) == 0)
		pass_mistake(pass, "name",
			     "\"%s\" is the name of the scenario in %s, too: choose another",
			     scenario->name, others->list[at]->file);
}

static struct scenario *load_scenario_from(const char *path, const char *text,
					   const struct config *config, const struct names *others,
					   struct mistakes *mistakes)
{
	struct scenario *scenario = mem_zalloc(sizeof *scenario);
	struct pass pass = {.file = KEYS_SCENARIO};
	struct beside beside = {path, scenario};
	bool parsed;

	scenario->file = mem_dup(path);
	parsed = parse(&pass, path, text, scenario);
	if (parsed) {
		check_scenario(&pass, scenario, config);
		check_name(&pass, scenario, others);
		walk_texts(KEYS_SCENARIO, scenario, put_beside, &beside);
	}
	if (pass_end(&pass, mistakes) && parsed)
		return scenario;
	scenario_free(scenario);
	return NULL;
}

struct config *load_config(const char *path, struct mistakes *mistakes)
{
	return load_config_from(path, NULL, mistakes);
}

struct config *load_config_text(const char *path, const char *text, struct mistakes *mistakes)
{
	return load_config_from(path, text, mistakes);
}

struct scenario *load_scenario(const char *path, const struct config *config,
			       struct mistakes *mistakes)
{
	return load_scenario_from(path, NULL, config, NULL, mistakes);
}

struct scenario *load_scenario_text(const char *path, const char *text, const struct config *config,
				    struct mistakes *mistakes)
{
	return load_scenario_from(path, text, config, NULL, mistakes);
}

static int is_scenario_file(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), end = strlen(ENDING);

	/* editors keep hidden files beside the ones they edit */
	return entry->d_name[0] != '.' && len > end &&
	       strcmp(entry->d_name + len - end, ENDING) == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The configuration may lie in the folder of its scenarios. */
static bool same_file(const char *a, const char *b)
{
	struct stat one, other;

	return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

/* The folder, while it is read. */
struct scenario_loader {
	const struct config *config; /* borrowed */
	struct mistakes *mistakes;   /* borrowed */
	size_t mistakes_before;
	struct dirent **files; /* owned */
	size_t file_count, next;
	struct scenario_list list; /* owned */
	struct names names;        /* owned; of the list */
};

struct scenario_loader *scenario_loader_new(const struct config *config, struct mistakes *mistakes)
{
	struct scenario_loader *loader = mem_zalloc(sizeof *loader);
	int count = scandir(config->scenarios, &loader->files, is_scenario_file, by_name);

	loader->config = config;
	loader->mistakes = mistakes;
	loader->mistakes_before = mistakes->count;
	if (count < 0)
		mistakes_add(mistakes, config->file, 0, "scenarios",
			     "the folder %s cannot be read: %s; make it, or name another one",
			     config->scenarios, strerror(errno));
	else
		loader->file_count = (size_t)count;
	if (count > SCENARIOS_LIMIT) {
		mistakes_add(mistakes, config->file, 0, "scenarios",
			     "%d files are in the folder %s; %d is the most", count,
			     config->scenarios, SCENARIOS_LIMIT);
		loader->next = loader->file_count; /* none of them is read */
	}
	return loader;
}

bool scenario_loader_step(struct scenario_loader *loader)
{
	const struct config *config = loader->config;
	struct scenario_list *list = &loader->list;
	struct scenario *scenario;
	char *path;

	if (loader->next == loader->file_count)
		return false;
	path = mem_printf("%s/%s", config->scenarios, loader->files[loader->next++]->d_name);
	if (!same_file(path, config->file)) {
		scenario = load_scenario_from(path, NULL, config, &loader->names, loader->mistakes);
		if (scenario != NULL) {
			names_add(&loader->names, scenario);
			list->list = mem_grow(list->list, list->count + 1, sizeof *list->list);
			list->list[list->count++] = scenario;
		}
	}
	free(path);
	return true;
}

bool scenario_loader_end(struct scenario_loader *loader, struct scenario_list *ret_list)
{
	bool good = loader->mistakes->count == loader->mistakes_before;

	*ret_list = loader->list;
	for (size_t i = 0; i < loader->file_count; i++)
		free(loader->files[i]);
	free(loader->files);
	free(loader->names.list);
	free(loader);
	return good;
}

bool load_scenarios(const struct config *config, struct scenario_list *ret_list,
		    struct mistakes *mistakes)
{
	struct scenario_loader *loader = scenario_loader_new(config, mistakes);

	while (scenario_loader_step(loader))
		continue;
	return scenario_loader_end(loader, ret_list);
}

void scenario_list_done(struct scenario_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		scenario_free(list->list[i]);
	free(list->list);
	*list = (struct scenario_list){0};
}
