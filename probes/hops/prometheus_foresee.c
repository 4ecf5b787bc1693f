/* How long Prometheus takes until it tells Alertmanager of a fault, as its rules and targets are set up.
 *
 * A target is scraped every scrape interval, a group of rules evaluated every `interval`; an alert that
 * has become active fires at the first evaluation that is at least `for` behind that one, and stays for
 * at least `keep_firing_for` when its condition is no longer true.  What fires, or is over, is sent with
 * the evaluation that found it.
 * https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
 * https://github.com/prometheus/prometheus/blob/v2.42.0/rules/alerting.go (Eval, needsSending) */
#include "probes/hops/prometheus_parts.h"

#include <string.h>

#include "probes/hops/account.h"
#include "probes/hops/foresight.h"
#include "probes/hops/survey.h"

#define TEXT_LIMIT 800  /* bytes of a sentence */
#define SENDING_MS 1000 /* from an evaluation until Alertmanager has it */

struct span {
	int64_t least_ms, most_ms;
};

/* What the rules of that name have in common. */
struct rules {
	size_t count;
	int64_t reach_ms;                 /* the longest */
	int64_t scrape_ms, timeout_ms;    /* a hanging target is known to be down only after that */
	struct span interval, hold, keep; /* evaluation interval, `for`, `keep_firing_for` */
	cJSON *labels;                    /* owned; those that all of them have */
	const char *unknown;              /* static; why a time is not known; NULL */
};

static int64_t ms_of(const cJSON *rule, const char *key)
{
	double seconds = survey_number(rule, key);

	return seconds > 0 && seconds < 1e8 ? (int64_t)(seconds * 1000) : 0;
}

static void widen(struct span *span, bool first, int64_t least_ms, int64_t most_ms)
{
	if (first || least_ms < span->least_ms)
		span->least_ms = least_ms;
	if (first || most_ms > span->most_ms)
		span->most_ms = most_ms;
}

/* Scraping. */

static int64_t scrape_of_job(const cJSON *targets, const char *job)
{
	const cJSON *one = survey_find(survey_item(targets, "jobs"), "name", job);

	return one != NULL ? foresight_ms(one, "scrape_ms") : -1;
}

/* Of the jobs that the rule reads; of all when one is not known. */
static int64_t scrape_of_rule(const cJSON *targets, const cJSON *rule)
{
	int64_t longest_ms = 0, all_ms = foresight_ms(targets, "scrape_ms");
	const cJSON *jobs = survey_item(rule, "jobs"), *job;

	cJSON_ArrayForEach(job, jobs)
	{
		int64_t ms = scrape_of_job(targets, survey_text(job, "name"));

		if (ms < 0)
			return all_ms;
		if (ms > longest_ms)
			longest_ms = ms;
	}
	return longest_ms > 0 ? longest_ms : all_ms;
}

/* Rules. */

/* Keeps what both have. */
static void keep_common(cJSON *labels, const cJSON *others)
{
	cJSON *next;

	for (cJSON *label = labels->child; label != NULL; label = next) {
		next = label->next;
		if (!cJSON_IsString(label) ||
		    strcmp(survey_text(others, label->string), label->valuestring) != 0)
			cJSON_Delete(cJSON_DetachItemViaPointer(labels, label));
	}
}

/* The rule's own labels and its name, which win over those of its series. `external_labels` and
 * `alert_relabel_configs` may add others. */
static void add_labels(struct rules *rules, const cJSON *rule)
{
	const cJSON *own = survey_item(rule, "labels");
	cJSON *labels = cJSON_IsObject(own) ? cJSON_Duplicate(own, true) : cJSON_CreateObject();

	cJSON_DeleteItemFromObjectCaseSensitive(labels, "alertname");
	(void)cJSON_AddStringToObject(labels, "alertname", survey_text(rule, "name"));
	if (rules->labels == NULL) {
		rules->labels = labels;
		return;
	}
	keep_common(rules->labels, labels);
	cJSON_Delete(labels);
}

static void add_rule(struct rules *rules, const cJSON *targets, const cJSON *rule)
{
	int64_t interval_ms = ms_of(rule, "interval_s"), for_ms = ms_of(rule, "for_s");
	int64_t keep_ms = ms_of(rule, "keep_s"), reach_ms = foresight_ms(rule, "reach_ms");
	int64_t scrape_ms = scrape_of_rule(targets, rule);
	bool first = rules->count++ == 0;

	if (interval_ms == 0)
		rules->unknown = "it has so many rules that this one is told in short, without its "
				 "interval";
	else if (survey_item(rule, "reach_ms") == NULL)
		rules->unknown = "it cannot be seen how far back the rule's expression looks";
	else if (survey_item(rule, "recorded") != NULL)
		rules->unknown = "the rule reads what another rule records, and when that one is "
				 "evaluated was not asked";
	widen(&rules->interval, first, 0, interval_ms);
	widen(&rules->hold, first, for_ms, for_ms > 0 ? for_ms + interval_ms : 0);
	widen(&rules->keep, first, keep_ms, keep_ms > 0 ? keep_ms + interval_ms : 0);
	if (reach_ms > rules->reach_ms)
		rules->reach_ms = reach_ms;
	if (scrape_ms > rules->scrape_ms)
		rules->scrape_ms = scrape_ms;
	add_labels(rules, rule);
}

/* What keeps it from firing. */

static void add_name(struct buf *text, const char *before, const cJSON *rule, const char *after)
{
	buf_adds(text, before);
	account_add_quoted(text, survey_text(rule, "name"));
	buf_adds(text, after);
}

static void warn_of_rule(const struct foresight *foresight, const cJSON *rule)
{
	struct buf text = {.limit = TEXT_LIMIT};

	if (strcmp(survey_text(rule, "health"), "err") == 0) {
		add_name(&text, "the rule ", rule, " cannot be evaluated: ");
		account_add_quoted(&text, survey_text(rule, "error"));
		foresight_caution(foresight, HOP_RULE, HOP_WORRY_ABSENT, 0, &text,
				  "repair its expression");
	} else if (strcmp(survey_text(rule, "series"), "dead") == 0) {
		add_name(&text, "there are no series of ", rule, " now: ");
		account_add_quoted(&text, survey_text(rule, "missing"));
		buf_adds(&text, "; it can fire only if the fault brings them");
		foresight_caution(
		    foresight, HOP_METRIC, HOP_WORRY_ABSENT, 0, &text,
		    "compare the names in the rule with what its target shows, unless "
		    "they begin to exist with the fault");
	}
}

static void warn_of_absence(const struct foresight *foresight)
{
	struct buf text = {.limit = TEXT_LIMIT};

	buf_adds(&text, "there is no alerting rule ");
	account_add_quoted(&text, foresight->want->alert);
	foresight_caution(
	    foresight, HOP_RULE, HOP_WORRY_ABSENT, 0, &text,
	    "load the rule's file, or make `alert` of the expectation the rule's name");
	foresight_unknown(foresight, "it has no alerting rule of that name");
}

/* Telling. */

static void tell_times(const struct foresight *foresight, const struct rules *rules)
{
	static const char reach[] = "range of the expression", timeout[] = "scrape timeout";
	static const char sending[] = "sending";

	foresight_there(foresight, HOP_METRIC, "scrape interval", 0, rules->scrape_ms);
	foresight_there(foresight, HOP_METRIC, timeout, 0, rules->timeout_ms);
	foresight_there(foresight, HOP_METRIC, reach, 0, rules->reach_ms);
	foresight_there(foresight, HOP_RULE, "evaluation interval", 0, rules->interval.most_ms);
	foresight_there(foresight, HOP_RULE, "for", rules->hold.least_ms, rules->hold.most_ms);
	foresight_there(foresight, HOP_RULE, sending, 0, SENDING_MS);
	foresight_back(foresight, HOP_METRIC, "scrape interval", 0, rules->scrape_ms);
	foresight_back(foresight, HOP_METRIC, timeout, 0, rules->timeout_ms);
	foresight_back(foresight, HOP_METRIC, reach, 0, rules->reach_ms);
	foresight_back(foresight, HOP_RULE, "evaluation interval", 0, rules->interval.most_ms);
	foresight_back(foresight, HOP_RULE, "keep_firing_for", rules->keep.least_ms,
		       rules->keep.most_ms);
	foresight_back(foresight, HOP_RULE, sending, 0, SENDING_MS);
}

static void tell_labels(const struct foresight *foresight, const struct rules *rules)
{
	char *json = cJSON_PrintUnformatted(rules->labels);

	if (json != NULL)
		foresight->forecast->labels(foresight->forecast->arg, json);
	cJSON_free(json);
}

static void look_at_targets(const struct foresight *foresight, const cJSON *targets)
{
	if (targets != NULL && survey_item(targets, "some_untold") != NULL)
		foresight_unknown(foresight, "it does not tell how often its targets are scraped");
	else if (targets != NULL && foresight_ms(targets, "scrape_ms") == 0)
		foresight_unknown(foresight, "it scrapes no target, so nobody knows how soon its "
					     "metrics come in");
}

static void look_at_rules(const struct foresight *foresight, const cJSON *list,
			  const cJSON *targets)
{
	struct rules rules = {.timeout_ms = foresight_ms(targets, "timeout_ms")};
	const cJSON *rule;

	cJSON_ArrayForEach(rule, survey_item(list, "list"))
	{
		if (!account_is_alert(foresight->want, survey_text(rule, "name")))
			continue;
		add_rule(&rules, targets, rule);
		warn_of_rule(foresight, rule);
	}
	if (rules.unknown != NULL)
		foresight_unknown(foresight, rules.unknown);
	if (rules.count > 0) {
		tell_times(foresight, &rules);
		tell_labels(foresight, &rules);
	} else if (cJSON_IsTrue(survey_item(list, "cut"))) {
		foresight_unknown(foresight, "it has more rules than are looked at");
	} else {
		warn_of_absence(foresight);
	}
	cJSON_Delete(rules.labels);
}

void prometheus_foresee(const struct hop_settings *settings, const struct hop_want *want,
			const struct hop_observation *observation,
			const struct hop_forecast *forecast)
{
	struct foresight foresight;
	const cJSON *rules, *targets;

	foresight_open(&foresight, settings, want, observation, forecast);
	rules = foresight_part(&foresight, "rules");
	targets = foresight_part(&foresight, "targets");
	look_at_targets(&foresight, targets);
	if (rules != NULL)
		look_at_rules(&foresight, rules, targets);
	foresight_done(&foresight);
}
