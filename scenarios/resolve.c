/* Replacing ${variables}. */
#include "scenarios/resolve.h"

#include <stdlib.h>
#include <string.h>

#include "scenarios/load.h"
#include "scenarios/nearest.h"
#include "scenarios/walk.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

#define EXPANDED_LIMIT   65536 /* bytes of a text after replacing */
#define SUGGESTION_LIMIT 64
#define NAME_LIMIT       64 /* bytes of a name that a message repeats */
#define ORIGINAL         "original"

static const struct pair *find(const struct pairs *pairs, const char *name, size_t len)
{
	for (size_t i = 0; i < pairs->count; i++) {
		const struct pair *pair = &pairs->list[i];

		if (strncmp(pair->name, name, len) == 0 && pair->name[len] == '\0')
			return pair;
	}
	return NULL;
}

static bool is(const char *name, size_t len, const char *word)
{
	return strlen(word) == len && strncmp(name, word, len) == 0;
}

/* False when there is no such variable. */
static bool value_of(const struct scope *scope, const char *name, size_t len,
		     const char **ret_value)
{
	const struct pair *pair;

	if (is(name, len, "drill")) {
		*ret_value = scope->drill;
	} else if (is(name, len, "environment")) {
		*ret_value = scope->environment->name;
	} else if (is(name, len, "scenario")) {
		*ret_value = scope->scenario->name;
	} else {
		pair = find(&scope->placement->variables, name, len);
		if (pair == NULL)
			pair = find(&scope->environment->variables, name, len);
		if (pair == NULL)
			return false;
		*ret_value = pair->value;
	}
	return true;
}

static void add_names(const struct pairs *pairs, const char **names, size_t *count)
{
	for (size_t i = 0; i < pairs->count && *count < SUGGESTION_LIMIT; i++)
		names[(*count)++] = pairs->list[i].name;
}

static bool unknown(const struct scope *scope, const char *name, size_t len, struct error *error)
{
	const char *names[SUGGESTION_LIMIT + 3] = {"drill", "environment", "scenario"}, *close;
	char shown[NAME_LIMIT + 1];
	struct buf list = {.limit = 300};
	size_t count = 3;

	if (len > NAME_LIMIT)
		len = NAME_LIMIT;
	memcpy(shown, name, len);
	shown[len] = '\0';
	add_names(&scope->placement->variables, names, &count);
	add_names(&scope->environment->variables, names, &count);
	close = nearest(shown, names, count);
	for (size_t i = count; i-- > 0;) /* the author's own ones first */
		buf_addf(&list, "%s%s", list.len == 0 ? "" : ", ", names[i]);
	if (close != NULL)
		(void)error_set(error, "unknown variable ${%s} in %s: did you mean ${%s}?", shown,
				scope->environment->name, close);
	else
		(void)error_set(error, "unknown variable ${%s} in %s; known there: %s", shown,
				scope->environment->name, buf_text(&list));
	buf_done(&list);
	return false;
}

/* ${original} stays for the http driver, where there is an original. */
static bool keep_original(const struct scope *scope, const struct key *key, struct buf *out,
			  struct error *error)
{
	if (!key->original)
		return error_set(error,
				 "${original} may stand in fault.revert and fault.confirm of "
				 "via = \"http\" only, and not in headers");
	if (scope->scenario->fault.http.capture.url == NULL)
		return error_set(error, "${original} needs a capture: write capture = { url = "
					"...; }; in fault");
	buf_adds(out, "${" ORIGINAL "}");
	return true;
}

/* One "${name}" at the start of text; ret_len tells its length. */
static bool replace(const struct scope *scope, const struct key *key, const char *text,
		    struct buf *out, size_t *ret_len, struct error *error)
{
	const char *name = text + 2, *value = NULL;
	size_t len = strcspn(name, "}$\"\n ");

	if (name[len] != '}' || len == 0)
		return error_set(error, "\"${\" begins a variable: write ${name}, or $${ for the "
					"characters themselves");
	*ret_len = len + 3;
	if (is(name, len, ORIGINAL))
		return keep_original(scope, key, out, error);
	if (!value_of(scope, name, len, &value))
		return unknown(scope, name, len, error);
	if (value == NULL)
		return error_set(error, "%s", ""); /* a mistake of its own, told already */
	buf_adds(out, value);
	return true;
}

/* Is it a text in which the http driver looks for ${original}? */
static bool is_sent(const struct key *key)
{
	return key->bound && key->via == VIA_HTTP && key->type != KEY_HEADERS;
}

static bool expand(const struct scope *scope, const struct key *key, const char *text,
		   struct buf *out, struct error *error)
{
	for (;;) {
		const char *at = strstr(text, "${");
		size_t len = at == NULL ? strlen(text) : (size_t)(at - text);

		if (at == NULL || at == text || at[-1] != '$') {
			buf_add(out, text, len);
			if (at == NULL)
				return true;
			if (!replace(scope, key, at, out, &len, error))
				return false;
			text = at + len;
			continue;
		}
		buf_add(out, text, len - 1); /* "$${" */
		if (is_sent(key) && strncmp(at, "${" ORIGINAL "}", sizeof ORIGINAL + 2) == 0)
			return error_set(error, "$${original} cannot be sent here, because "
						"${original} means the captured value");
		buf_adds(out, "${");
		text = at + 2;
	}
}

char *scope_expand(const struct scope *scope, const struct key *key, const char *text,
		   struct error *error)
{
	struct buf out = {.limit = EXPANDED_LIMIT};
	size_t size;

	buf_adds(&out, "");
	if (expand(scope, key, text, &out, error) && !out.full) {
		size = out.len + 1;
		return mem_grow(buf_take(&out), size, 1); /* kept: for as long as a drill waits */
	}
	if (out.full)
		(void)error_set(error, "is longer than %d bytes after replacing variables",
				EXPANDED_LIMIT);
	buf_done(&out);
	return NULL;
}

/* Replaces the variables of one text of a copy; the first error counts. */
struct resolving {
	struct scope scope;
	struct error *error; /* borrowed */
	bool failed;
};

static void resolve_text(void *arg, const struct walk_text *text)
{
	struct resolving *r = arg;
	struct error error;
	char *expanded;

	if (text->key->verbatim || r->failed)
		return;
	expanded = scope_expand(&r->scope, text->key, *text->text, &error);
	if (expanded == NULL) {
		r->failed = true;
		(void)error_set(r->error, "%s: %s: %s", r->scope.scenario->file, text->path,
				error.text);
		return;
	}
	free(*text->text);
	*text->text = expanded;
}

struct scenario *scenario_resolve(const struct scenario *scenario,
				  const struct environment *environment, const char *drill,
				  struct error *error)
{
	const struct placement *placement = scenario_placement(scenario, environment->name);
	struct resolving r = {{scenario, placement, environment, drill}, error, false};
	struct scenario *resolved;

	if (placement == NULL) {
		(void)error_set(error,
				"%s: the scenario \"%s\" is not meant for %s: name it in "
				"`in`, or choose another environment",
				scenario->file, scenario->name, environment->name);
		return NULL;
	}
	resolved = mem_zalloc(sizeof *resolved);
	*resolved = *scenario;
	resolved->file = mem_dup(scenario->file);
	walk_own(KEYS_SCENARIO, resolved);
	walk_texts(KEYS_SCENARIO, resolved, resolve_text, &r);
	if (!r.failed)
		return resolved;
	scenario_free(resolved);
	return NULL;
}
