/* What must fit together in the `pipelines` of firedrill.cfg. */
#include <stdlib.h>
#include <string.h>

#include "scenarios/check.h"
#include "scenarios/json_path.h"
#include "scenarios/nearest.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

#define SUGGESTION_LIMIT 64

struct checking {
	struct pass *pass;              /* borrowed */
	const char *pipeline;           /* borrowed: its name */
	const struct hop_settings *hop; /* borrowed */
	size_t index;
};

static char *path_of(const struct checking *c, const char *key)
{
	return mem_printf("pipelines.%s.hops[%zu]%s%s", c->pipeline, c->index,
			  key[0] == '\0' ? "" : ".", key);
}

static bool has(const struct checking *c, const char *key)
{
	char *path = path_of(c, key);
	bool is_there = pass_has(c->pass, path);

	free(path);
	return is_there;
}

static void mistake(const struct checking *c, const char *key, const char *text)
{
	char *path = path_of(c, key);

	pass_mistake(c->pass, path, "%s", text);
	free(path);
}

static bool is_type(const struct checking *c, const char *type)
{
	return c->hop->type != NULL && strcmp(c->hop->type, type) == 0;
}

static void check_loki(const struct checking *c)
{
	const char *query = c->hop->query;

	if (!has(c, "query"))
		mistake(c, "query",
			"is missing: write the LogQL query of the lines that the alert's rule "
			"reads, such as query = \"{app=\\\"orders\\\"} |= \\\"failed\\\"\";");
	else if (query != NULL && strchr(query, '{') == NULL)
		mistake(c, "query",
			"selects no lines: begin it with the stream's labels, such as "
			"{app=\"orders\"}");
	else if (query != NULL && query[strspn(query, " \t\n")] != '{')
		mistake(c, "query",
			"must ask for lines, not for a number: begin it with the stream's labels, "
			"such as {app=\"orders\"}");
	if (has(c, "path"))
		mistake(c, "path", "counts with type \"http-json\" only: take it out");
}

static void check_http_json(const struct checking *c)
{
	struct json_step steps[JSON_PATH_STEPS];
	const char *query = c->hop->query;
	struct error error;

	if (!has(c, "path"))
		mistake(c, "path",
			"is missing: write where the alerts are in the answer, such as path = "
			"\"data.items[*]\";");
	else if (c->hop->path != NULL && json_path_read(c->hop->path, steps, &error) == 0)
		mistake(c, "path", error.text);
	if (!has(c, "station"))
		mistake(c, "station",
			"is missing: write which station of the way it is, such as station = "
			"\"alertmanager\";");
	if (query != NULL &&
	    (strchr("?&/", query[0]) == NULL || query[strcspn(query, " #")] != '\0'))
		mistake(c, "query",
			"is put behind the URL as it stands: begin it with ? or & or /, and write "
			"a blank as %20");
}

static void check_others(const struct checking *c)
{
	static const char *const keys[] = {"query", "path", "station"};

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		if (has(c, keys[i]))
			mistake(c, keys[i],
				i == 1 ? "counts with type \"http-json\" only: take it out"
				       : "counts with the types \"loki\" and \"http-json\" only: "
					 "take it out");
	}
}

static void check_hop(const struct checking *c)
{
	const char *url = c->hop->url;

	if (c->hop->type == NULL)
		return;
	if (is_type(c, "loki"))
		check_loki(c);
	else if (is_type(c, "http-json"))
		check_http_json(c);
	else
		check_others(c);
	if (url != NULL && strpbrk(url, "?#") != NULL)
		mistake(c, "url",
			is_type(c, "http-json")
			    ? "must end before any ? or #: what follows belongs into query"
			    : "must end before any ? or #: firedrill puts the rest of the address "
			      "behind it");
}

static void complete_hop(struct hop_settings *hop)
{
	if (hop->type == NULL)
		return;
	if (hop->name == NULL)
		hop->name = mem_dup(hop->type);
	if (hop->station == NULL && strcmp(hop->type, "loki") == 0)
		hop->station = mem_dup(hop_name(HOP_LOG));
}

/* Names tell the hops of a pipeline apart in reports. */
static void check_name(const struct checking *c, const struct pipeline *pipeline)
{
	for (size_t i = 0; i < c->index && c->hop->name != NULL; i++) {
		const char *other = pipeline->hops[i].name;

		if (other == NULL || strcmp(other, c->hop->name) != 0)
			continue;
		mistake(c, has(c, "name") ? "name" : "",
			"is called like another hop of this pipeline: write a name of its own, "
			"such as name = \"second\";");
		return;
	}
}

static void check_environment(struct pass *pass, const struct config *config,
			      const struct environment *environment)
{
	const char *names[SUGGESTION_LIMIT], *wanted = environment->pipeline, *close;
	struct buf known = {.limit = 200};
	char *path = mem_printf("environments.%s.pipeline", environment->name);
	size_t count = 0;

	for (; count < config->pipeline_count && count < SUGGESTION_LIMIT; count++) {
		names[count] = config->pipelines[count].name;
		buf_addf(&known, "%s\"%s\"", count == 0 ? "" : ", ", names[count]);
	}
	if (config_pipeline(config, wanted) == NULL && pass_is_good(pass, path)) {
		close = nearest(wanted, names, count);
		if (close != NULL)
			pass_mistake(pass, path,
				     "there is no pipeline \"%.40s\": did you mean \"%s\"?", wanted,
				     close);
		else
			pass_mistake(pass, path,
				     "there is no pipeline \"%.40s\"; `pipelines` has: %s", wanted,
				     count > 0 ? buf_text(&known) : "none");
	}
	buf_done(&known);
	free(path);
}

void check_pipelines(struct pass *pass, struct config *config)
{
	for (size_t i = 0; i < config->pipeline_count; i++) {
		struct pipeline *pipeline = &config->pipelines[i];

		for (size_t k = 0; k < pipeline->hop_count; k++) {
			struct checking c = {pass, pipeline->name, &pipeline->hops[k], k};

			complete_hop(&pipeline->hops[k]);
			check_hop(&c);
			check_name(&c, pipeline);
		}
	}
	for (size_t i = 0; i < config->environment_count; i++) {
		if (config->environments[i].pipeline != NULL)
			check_environment(pass, config, &config->environments[i]);
	}
}
