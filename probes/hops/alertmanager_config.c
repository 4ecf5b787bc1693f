/* Alertmanager's own configuration, reduced to where alerts go and when.
 * https://prometheus.io/docs/alerting/latest/configuration/ */
#include "probes/hops/alertmanager_facts.h"
#include "probes/hops/alertmanager_holding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/hops/yaml.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

#define TEXT_LIMIT 512 /* bytes of a name or a matcher's value */

/* Matchers. */

/* A text in quotes as Go writes it, from behind the opening one; returns what follows, or NULL. */
static const char *read_quoted(const char *at, struct buf *text)
{
	for (; *at != '"'; at++) {
		if (*at == '\0')
			return NULL;
		if (*at != '\\') {
			buf_add(text, at, 1);
			continue;
		}
		at++;
		if (*at == 'n' || *at == 't')
			buf_adds(text, *at == 'n' ? "\n" : "\t");
		else if (*at == '"' || *at == '\\')
			buf_add(text, at, 1);
		else
			return NULL;
	}
	return at + 1;
}

/* What stands up to an operator or the end, in quotes or not. */
static const char *read_part(const char *at, const char *stop, struct buf *text)
{
	if (*at == '"')
		return read_quoted(at + 1, text);
	buf_add(text, at, strcspn(at, stop));
	return at + strcspn(at, stop);
}

static void add_matcher(struct survey_facts *facts, cJSON *list, const char *name, const char *is,
			const char *value)
{
	cJSON *member = survey_add_member(facts, list);

	if (member == NULL)
		return;
	survey_add_text(facts, member, "name", name, TEXT_LIMIT);
	survey_add_text(facts, member, "is", is, 2);
	survey_add_text(facts, member, "value", value, TEXT_LIMIT);
	if (strlen(name) > TEXT_LIMIT || strlen(value) > TEXT_LIMIT)
		facts->cut = true;
}

/* severity=~"a|b"; false when it is written in a way that is not known. */
static bool read_matcher(struct survey_facts *facts, cJSON *list, const char *text)
{
	struct buf name = {0}, value = {0};
	const char *at = read_part(text, "=!~", &name);
	char is[3] = "";
	bool good = false;

	if (at != NULL) {
		size_t len = strspn(at, "=!~");

		if (len == 1 || len == 2) {
			memcpy(is, at, len);
			at = read_part(at + len, "", &value);
			good = at != NULL && *at == '\0' && name.len > 0 &&
			       (strcmp(is, "=") == 0 || strcmp(is, "!=") == 0 ||
				strcmp(is, "=~") == 0 || strcmp(is, "!~") == 0);
		}
	}
	if (good)
		add_matcher(facts, list, buf_text(&name), is, buf_text(&value));
	buf_done(&name);
	buf_done(&value);
	return good;
}

/* The older way to write matchers: {severity: "page"}. */
static bool add_pairs(struct survey_facts *facts, cJSON *list, const cJSON *pairs, const char *is)
{
	const cJSON *pair;
	bool good = true;

	cJSON_ArrayForEach(pair, pairs)
	{
		bool named = cJSON_IsString(pair) && pair->string != NULL;

		good &= named;
		if (named)
			add_matcher(facts, list, pair->string, is, pair->valuestring);
	}
	return good;
}

void alertmanager_add_matchers(struct survey_facts *facts, const cJSON *holder, const char *prefix,
			       cJSON *object)
{
	static const char *const kinds[] = {"match", "match_re", "matchers"};
	cJSON *list = cJSON_AddArrayToObject(object, "matchers");
	const cJSON *found[3], *one;
	bool good;

	for (size_t i = 0; i < 3; i++) {
		char key[32];

		(void)snprintf(key, sizeof key, "%.15s%s", prefix, kinds[i]);
		found[i] = survey_item(holder, key);
	}
	good = add_pairs(facts, list, found[0], "=");
	good &= add_pairs(facts, list, found[1], "=~");
	cJSON_ArrayForEach(one, found[2]) good &=
	    cJSON_IsString(one) && read_matcher(facts, list, one->valuestring);
	if (!good)
		(void)cJSON_AddTrueToObject(object, "unreadable");
}

/* Routes and receivers. */

static void add_texts(struct survey_facts *facts, const cJSON *texts, cJSON *object,
		      const char *key)
{
	cJSON *list;
	const cJSON *one;

	if (cJSON_GetArraySize(texts) == 0)
		return;
	list = cJSON_AddArrayToObject(object, key);
	cJSON_ArrayForEach(one, texts)
	{
		cJSON *member = survey_add_member(facts, list);

		if (member != NULL && cJSON_IsString(one))
			survey_add_text(facts, member, "name", one->valuestring, TEXT_LIMIT);
	}
}

/* yaml_read bounds how deep they are nested. */
static void add_route(struct survey_facts *facts, const cJSON *route, cJSON *object)
{
	static const char *const copied[] = {"receiver", "group_wait", "group_interval",
					     "repeat_interval"};
	const cJSON *child;
	cJSON *list;

	for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++)
		if (cJSON_IsString(survey_item(route, copied[i])))
			survey_add_text(facts, object, copied[i], survey_text(route, copied[i]),
					TEXT_LIMIT);
	if (strcmp(survey_text(route, "continue"), "true") == 0)
		(void)cJSON_AddTrueToObject(object, "continue");
	alertmanager_add_matchers(facts, route, "", object);
	add_texts(facts, survey_item(route, "group_by"), object, "group_by");
	add_texts(facts, survey_item(route, "mute_time_intervals"), object, "mute");
	add_texts(facts, survey_item(route, "active_time_intervals"), object, "active");
	if (cJSON_GetArraySize(survey_item(route, "routes")) == 0)
		return;
	list = cJSON_AddArrayToObject(object, "routes");
	cJSON_ArrayForEach(child, survey_item(route, "routes"))
	{
		cJSON *member = survey_add_member(facts, list);

		if (member != NULL)
			add_route(facts, child, member);
	}
}

/* A key that this reader does not know may be a way to post, too: it counts as an integration of which
 * nothing is known, so that nobody says that there is none. */
static void add_unknown(struct survey_facts *facts, const char *key, cJSON *list)
{
	cJSON *member = survey_add_member(facts, list);

	if (member != NULL)
		survey_add_text(facts, member, "type", key, TEXT_LIMIT);
}

/* "slack_configs" and the like: one integration for each member. */
static void add_integrations(struct survey_facts *facts, const cJSON *receiver, cJSON *list)
{
	static const char ending[] = "_configs";
	const cJSON *configs, *config;

	cJSON_ArrayForEach(configs, receiver)
	{
		size_t len = configs->string != NULL ? strlen(configs->string) : 0;
		size_t end = sizeof ending - 1;

		if (strcmp(configs->string != NULL ? configs->string : "", "name") == 0)
			continue;
		if (len <= end || strcmp(configs->string + len - end, ending) != 0) {
			add_unknown(facts, configs->string, list);
			continue;
		}
		cJSON_ArrayForEach(config, configs)
		{
			cJSON *member = survey_add_member(facts, list);
			char type[64];

			if (member == NULL)
				return;
			(void)snprintf(type, sizeof type, "%.*s",
				       (int)(len - end < 60 ? len - end : 60), configs->string);
			survey_add_text(facts, member, "type", type, sizeof type);
			if (cJSON_IsString(survey_item(config, "channel")))
				survey_add_text(facts, member, "channel",
						survey_text(config, "channel"), TEXT_LIMIT);
			if (strcmp(type, "slack") == 0)
				survey_add_text(facts, member, "prints",
						alertmanager_prints(config), TEXT_LIMIT);
			if (survey_item(config, "send_resolved") == NULL)
				continue;
			(void)cJSON_AddBoolToObject(
			    member, "resolved",
			    strcmp(survey_text(config, "send_resolved"), "true") == 0);
		}
	}
}

static void add_receivers(struct survey_facts *facts, const cJSON *receivers, cJSON *object)
{
	cJSON *list = cJSON_AddArrayToObject(object, "receivers");
	const cJSON *receiver;

	cJSON_ArrayForEach(receiver, receivers)
	{
		cJSON *member = survey_add_member(facts, list);

		if (member == NULL)
			return;
		survey_add_text(facts, member, "name", survey_text(receiver, "name"), TEXT_LIMIT);
		add_integrations(facts, receiver, cJSON_AddArrayToObject(member, "integrations"));
	}
}

cJSON *alertmanager_config(struct survey_facts *facts, const char *yaml, size_t len)
{
	struct error error = {"it has no route or no receivers"};
	cJSON *config = yaml_read(yaml, len, &error), *object = cJSON_CreateObject();
	const cJSON *route = survey_item(config, "route");
	const cJSON *receivers = survey_item(config, "receivers");

	if (cJSON_IsObject(route) && cJSON_IsArray(receivers)) {
		add_receivers(facts, receivers, object);
		add_route(facts, route, cJSON_AddObjectToObject(object, "route"));
		alertmanager_add_holding(facts, config, object);
		if (facts->cut) {
			cJSON_Delete(object);
			object = cJSON_CreateObject();
			(void)cJSON_AddStringToObject(object, "error",
						      "it is too large to be kept");
		}
	} else {
		char *text = mem_printf("it cannot be read: %s", error.text);

		(void)cJSON_AddStringToObject(object, "error", text);
		free(text);
	}
	cJSON_Delete(config);
	return object;
}
