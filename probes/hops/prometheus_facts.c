/* What Prometheus tells, reduced to the facts that matter to an alert. */
#include "probes/hops/prometheus_facts.h"

#include <string.h>

#include "probes/hops/alert.h"
#include "probes/hops/exposition.h"
#include "probes/hops/prometheus_series.h"
#include "probes/hops/prometheus_twins.h"
#include "src/base/duration.h"

#define NAME_LIMIT     200 /* bytes */
#define ERROR_LIMIT    300 /* bytes */
#define QUERY_LIMIT    300 /* bytes */
#define MISSING_LIMIT  300 /* bytes */
#define DOWN_SHOWN     20  /* targets */
#define MANAGERS_SHOWN 10  /* Alertmanagers */
#define ALERTS_SHOWN   500 /* of one rule, the newest */
#define JOBS_SHOWN     100
#define MANY_RULES     1000 /* of more, calm ones are told in short */

static cJSON *parse_success(const char *body, size_t len)
{
	cJSON *json = cJSON_ParseWithLengthOpts(body, len + 1, NULL, true);

	if (strcmp(survey_text(json, "status"), "success") == 0 &&
	    cJSON_IsObject(survey_item(json, "data")))
		return json;
	cJSON_Delete(json);
	return NULL;
}

/* Targets. */

static void set_longest(struct survey_facts *facts, cJSON *object, const char *key, double ms)
{
	cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	if (item == NULL)
		survey_add_number(facts, object, key, ms);
	else if (ms > item->valuedouble)
		cJSON_SetNumberValue(item, ms);
}

static void add_down(struct survey_facts *facts, cJSON *list, const cJSON *target)
{
	const cJSON *labels = survey_item(target, "labels");
	cJSON *member =
	    cJSON_GetArraySize(list) < DOWN_SHOWN ? survey_add_member(facts, list) : NULL;

	if (member == NULL)
		return;
	survey_add_text(facts, member, "job", survey_text(labels, "job"), NAME_LIMIT);
	survey_add_text(facts, member, "instance", survey_text(labels, "instance"), NAME_LIMIT);
	survey_add_text(facts, member, "error", survey_text(target, "lastError"), ERROR_LIMIT);
}

/* The longest scrape interval of all, and of each job. */
static void add_interval(struct survey_facts *facts, cJSON *object, const cJSON *target)
{
	const char *job = survey_text(survey_item(target, "labels"), "job");
	cJSON *jobs = cJSON_GetObjectItemCaseSensitive(object, "jobs"), *member;
	int64_t ms = 0, timeout_ms = 0;

	if (!duration_parse(survey_text(target, "scrapeInterval"), &ms, NULL)) {
		if (survey_item(object, "some_untold") == NULL)
			(void)cJSON_AddTrueToObject(object, "some_untold");
		return;
	}
	set_longest(facts, object, "scrape_ms", (double)ms);
	if (duration_parse(survey_text(target, "scrapeTimeout"), &timeout_ms, NULL))
		set_longest(facts, object, "timeout_ms", (double)timeout_ms);
	cJSON_ArrayForEach(member, jobs)
	{
		if (strcmp(survey_text(member, "name"), job) == 0)
			break;
	}
	if (member == NULL && cJSON_GetArraySize(jobs) < JOBS_SHOWN && strlen(job) < NAME_LIMIT) {
		member = survey_add_member(facts, jobs);
		if (member != NULL)
			survey_add_text(facts, member, "name", job, NAME_LIMIT);
	}
	if (member != NULL)
		set_longest(facts, member, "scrape_ms", (double)ms);
}

cJSON *prometheus_targets(struct survey_facts *facts, const char *body, size_t len)
{
	cJSON *json = parse_success(body, len), *object = NULL, *list;
	const cJSON *targets = survey_item(survey_item(json, "data"), "activeTargets"), *target;
	int up = 0, down = 0;

	if (cJSON_IsArray(targets)) {
		object = cJSON_CreateObject();
		list = cJSON_AddArrayToObject(object, "list");
		(void)cJSON_AddArrayToObject(object, "jobs");
		cJSON_ArrayForEach(target, targets)
		{
			const char *health = survey_text(target, "health");

			add_interval(facts, object, target);
			up += strcmp(health, "up") == 0;
			if (strcmp(health, "down") != 0)
				continue;
			down++;
			add_down(facts, list, target);
		}
		survey_add_number(facts, object, "up", up);
		survey_add_number(facts, object, "down", down);
	}
	cJSON_Delete(json);
	return object;
}

/* Alertmanagers, and what was delivered to them. */

cJSON *prometheus_alertmanagers(struct survey_facts *facts, const char *body, size_t len)
{
	cJSON *json = parse_success(body, len), *object = NULL, *list;
	const cJSON *data = survey_item(json, "data"), *one;
	const cJSON *active = survey_item(data, "activeAlertmanagers");
	int shown = 0;

	if (cJSON_IsArray(active)) {
		object = cJSON_CreateObject();
		list = cJSON_AddArrayToObject(object, "list");
		cJSON_ArrayForEach(one, active)
		{
			const char *url = survey_text(one, "url"), *user = strrchr(url, '@');
			cJSON *member =
			    shown < MANAGERS_SHOWN ? survey_add_member(facts, list) : NULL;

			if (member != NULL)
				survey_add_text(facts, member, "url", user != NULL ? user + 1 : url,
						NAME_LIMIT);
			shown++;
		}
		survey_add_number(facts, object, "active", cJSON_GetArraySize(active));
		survey_add_number(facts, object, "dropped",
				  cJSON_GetArraySize(survey_item(data, "droppedAlertmanagers")));
	}
	cJSON_Delete(json);
	return object;
}

struct delivery {
	double sent, errors, dropped, queued, reload;
	bool has_reload;
};

static void add_delivery(void *arg, const struct exposition_sample *sample)
{
	struct delivery *delivery = arg;
	const struct {
		const char *name;
		double *sum;
	} sums[] = {{"prometheus_notifications_sent_total", &delivery->sent},
		    {"prometheus_notifications_errors_total", &delivery->errors},
		    {"prometheus_notifications_dropped_total", &delivery->dropped},
		    {"prometheus_notifications_queue_length", &delivery->queued},
		    {"prometheus_config_last_reload_successful", &delivery->reload}};

	for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++)
		if (strcmp(sample->name, sums[i].name) == 0)
			*sums[i].sum += sample->value;
	delivery->has_reload |=
	    strcmp(sample->name, "prometheus_config_last_reload_successful") == 0;
}

cJSON *prometheus_delivery(struct survey_facts *facts, const char *body, size_t len)
{
	struct delivery delivery = {0};
	cJSON *object;

	if (exposition_read(body, len, "prometheus_notifications_", add_delivery, &delivery) == 0)
		return NULL;
	(void)exposition_read(body, len, "prometheus_config_last_reload_successful", add_delivery,
			      &delivery);
	object = cJSON_CreateObject();
	survey_add_number(facts, object, "sent", delivery.sent);
	survey_add_number(facts, object, "errors", delivery.errors);
	survey_add_number(facts, object, "dropped", delivery.dropped);
	survey_add_number(facts, object, "queued", delivery.queued);
	if (delivery.has_reload)
		survey_add_number(facts, object, "reloaded", delivery.reload);
	return object;
}

/* Rules. */

cJSON *prometheus_rules_parse(const char *body, size_t len)
{
	cJSON *json = parse_success(body, len);

	if (cJSON_IsArray(survey_item(survey_item(json, "data"), "groups")))
		return json;
	cJSON_Delete(json);
	return NULL;
}

static void add_alert(struct survey_facts *facts, cJSON *member, const cJSON *alert)
{
	survey_add_text(facts, member, "state", survey_text(alert, "state"), NAME_LIMIT);
	survey_add_time(facts, member, "since_ms", survey_item(alert, "activeAt"));
	alert_copy(facts, alert, member);
}

static void add_series(struct survey_facts *facts, cJSON *object, const cJSON *rule,
		       const struct prometheus_series *series)
{
	struct buf missing = {.limit = 4 * MISSING_LIMIT};
	enum series_found found =
	    prometheus_series_of(series, survey_text(rule, "query"), &missing);

	if (found != SERIES_NOT_ASKED)
		survey_add_text(facts, object, "series", found == SERIES_DEAD ? "dead" : "exist",
				NAME_LIMIT);
	if (found == SERIES_DEAD)
		survey_add_text(facts, object, "missing", buf_text(&missing), MISSING_LIMIT);
	buf_done(&missing);
}

/* One that was not evaluated yet, as all are when Prometheus has just begun, has nothing to tell. */
static bool is_calm(const cJSON *rule)
{
	const char *health = survey_text(rule, "health");

	return strcmp(survey_text(rule, "state"), "inactive") == 0 &&
	       (strcmp(health, "ok") == 0 || strcmp(health, "unknown") == 0);
}

static void add_details(struct survey_facts *facts, cJSON *object, const cJSON *rule,
			const cJSON *group)
{
	survey_add_text(facts, object, "health", survey_text(rule, "health"), NAME_LIMIT);
	survey_add_text(facts, object, "query", survey_text(rule, "query"), QUERY_LIMIT);
	survey_add_number(facts, object, "for_s", survey_number(rule, "duration"));
	survey_add_number(facts, object, "keep_s", survey_number(rule, "keepFiringFor"));
	survey_add_number(facts, object, "interval_s", survey_number(group, "interval"));
	prometheus_add_sources(facts, object, rule);
	survey_add_time(facts, object, "evaluated_ms", survey_item(rule, "lastEvaluation"));
	if (survey_item(rule, "lastError") != NULL)
		survey_add_text(facts, object, "error", survey_text(rule, "lastError"),
				ERROR_LIMIT);
}

/* What tells the rule from all others. */
static void add_identity(struct survey_facts *facts, cJSON *object, const cJSON *rule,
			 const char *group, const struct prometheus_twins *twins)
{
	const char *name = survey_text(rule, "name");
	struct buf labels = {.limit = NAME_LIMIT};

	survey_add_text(facts, object, "name", name, NAME_LIMIT);
	survey_add_text(facts, object, "group", group, NAME_LIMIT);
	if (!prometheus_twins_has(twins, group, name))
		return;
	prometheus_twins_add_labels(&labels, rule);
	survey_add_text(facts, object, "twin", buf_text(&labels), NAME_LIMIT);
	buf_done(&labels);
}

/* What all rules are told with. */
struct rule_context {
	const struct prometheus_series *series; /* borrowed */
	const struct prometheus_twins *twins;   /* borrowed */
	bool in_short;                          /* when they are calm */
};

static void add_rule(struct survey_facts *facts, cJSON *list, const cJSON *rule, const cJSON *group,
		     const struct rule_context *context)
{
	cJSON *member = survey_add_member(facts, list);

	if (member == NULL)
		return;
	add_identity(facts, member, rule, survey_text(group, "name"), context->twins);
	survey_add_text(facts, member, "state", survey_text(rule, "state"), NAME_LIMIT);
	if (!context->in_short || !is_calm(rule))
		add_details(facts, member, rule, group);
	if (is_calm(rule))
		add_series(facts, member, rule, context->series);
	else
		alert_add_newest(facts, survey_item(rule, "alerts"), "activeAt", ALERTS_SHOWN,
				 add_alert, cJSON_AddArrayToObject(member, "alerts"));
}

static int count_rules(const cJSON *groups)
{
	const cJSON *group;
	int count = 0;

	cJSON_ArrayForEach(group, groups) count += cJSON_GetArraySize(survey_item(group, "rules"));
	return count;
}

/* First those with something to tell, in half of the room; then all others. */
cJSON *prometheus_rules(struct survey_facts *facts, const cJSON *answer,
			const struct prometheus_series *series)
{
	const cJSON *groups = survey_item(survey_item(answer, "data"), "groups"), *group, *rule;
	int count = count_rules(groups);
	size_t rest = facts->left / 2;
	cJSON *object = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(object, "list");
	struct prometheus_twins *twins = prometheus_twins_new(groups);
	const struct rule_context context = {series, twins, count > MANY_RULES};

	survey_add_number(facts, object, "count", count);
	facts->left -= rest;
	for (int calm = 0; calm < 2; calm++) {
		cJSON_ArrayForEach(group, groups)
		{
			cJSON_ArrayForEach(rule, survey_item(group, "rules"))
			{
				if (is_calm(rule) == (calm == 1))
					add_rule(facts, list, rule, group, &context);
			}
		}
		facts->left += rest;
		rest = 0;
	}
	prometheus_twins_free(twins);
	return object;
}
