/* Which alerting rules Prometheus has, and which of them an alert proves. */
#include "probes/hops/prometheus_parts.h"

#include <stdlib.h>
#include <string.h>

#include "probes/hops/account.h"
#include "probes/hops/alert.h"
#include "probes/hops/survey.h"
#include "src/base/buf.h"

#define DETAIL_LIMIT 400 /* bytes */
#define CANNOT_LIMIT 500 /* bytes */

/* "orders", or where the name is there twice `orders {severity="page"}`. */
static void add_detail(struct buf *text, const cJSON *rule)
{
	const char *twin = survey_text(rule, "twin");

	buf_adds(text, survey_text(rule, "group"));
	if (twin[0] != '\0')
		buf_addf(text, " {%s}", twin);
}

/* The last one may be cut where the room ended. */
static bool is_whole(const cJSON *rule)
{
	return survey_text(rule, "name")[0] != '\0' && survey_text(rule, "group")[0] != '\0' &&
	       survey_text(rule, "state")[0] != '\0';
}

static void add_cannot(struct buf *text, const cJSON *rule)
{
	if (strcmp(survey_text(rule, "health"), "err") == 0)
		buf_addf(text, "its expression fails: %s", survey_text(rule, "error"));
	else if (strcmp(survey_text(rule, "series"), "dead") == 0)
		buf_addf(text, "its series do not exist: %s", survey_text(rule, "missing"));
}

static void tell_rule(const struct hop_settings *settings, const cJSON *rule, const char *labels,
		      hop_item_fn *tell, void *arg)
{
	struct buf detail = {.limit = DETAIL_LIMIT}, cannot = {.limit = CANNOT_LIMIT};

	add_detail(&detail, rule);
	add_cannot(&cannot, rule);
	tell(arg, &(struct hop_item){.kind = HOP_ITEM_RULE,
				     .station = settings->name,
				     .name = survey_text(rule, "name"),
				     .detail = buf_text(&detail),
				     .cannot = cannot.len > 0 ? buf_text(&cannot) : NULL,
				     .labels = labels});
	buf_done(&detail);
	buf_done(&cannot);
}

bool prometheus_inventory(const struct hop_settings *settings,
			  const struct hop_observation *observation, hop_item_fn *tell, void *arg,
			  struct error *error)
{
	cJSON *facts = cJSON_Parse(observation->json);
	const cJSON *rules = survey_item(facts, "rules"), *rule;
	int told = 0, count = (int)survey_number(rules, "count");
	bool good = cJSON_IsObject(rules);

	cJSON_ArrayForEach(rule, survey_item(rules, "list"))
	{
		if (!is_whole(rule))
			continue;
		tell_rule(settings, rule, NULL, tell, arg);
		told++;
	}
	if (!good)
		(void)error_set(error, "it did not tell its rules");
	else if (told < count)
		good = error_set(error, "only %d of its %d rules were looked at", told, count);
	cJSON_Delete(facts);
	return good;
}

/* What proves a rule. */

struct proven {
	const cJSON *rule, *alert; /* borrowed; NULL: none */
	size_t rules;              /* that could be meant */
	size_t alerts;             /* of the last one of these */
};

/* Without an id, an alert that is not known to be another's counts as one that could be meant. */
static bool is_meant(const struct account *account, enum hop_time time, const cJSON *alert)
{
	int64_t since = account_ms(account, time, survey_number(alert, "since_ms"));
	const struct hop_want *want = account->want;

	if (strcmp(survey_text(alert, "state"), "firing") != 0)
		return false;
	return want->has_nonce ? alert_carries(alert, want->drill)
			       : alert_fit(want, alert, since) != ALERT_OTHER;
}

static void look_at_rule(const struct account *account, enum hop_time time, const cJSON *rule,
			 bool by_name, struct proven *proven)
{
	const cJSON *alert;
	size_t alerts = 0;

	if (by_name && !account_is_alert(account->want, survey_text(rule, "name")))
		return;
	cJSON_ArrayForEach(alert, survey_item(rule, "alerts"))
	{
		if (!is_meant(account, time, alert))
			continue;
		if (alerts++ == 0)
			proven->alert = alert;
	}
	if (alerts == 0 && account->want->has_nonce)
		return;
	proven->rules++;
	proven->rule = rule;
	proven->alerts = alerts;
}

static struct proven look(const struct account *account, enum hop_time time, const cJSON *rules,
			  bool by_name)
{
	struct proven proven = {0};
	const cJSON *rule;

	cJSON_ArrayForEach(rule, survey_item(rules, "list"))
	    look_at_rule(account, time, rule, by_name, &proven);
	return proven;
}

/* One of another name whose message would have all texts of `match`, too. */
static bool is_like_it(const struct account *account, const cJSON *rules)
{
	const cJSON *rule, *alert;

	cJSON_ArrayForEach(rule, survey_item(rules, "list"))
	{
		if (account_is_alert(account->want, survey_text(rule, "name")))
			continue;
		cJSON_ArrayForEach(alert, survey_item(rule, "alerts"))
		{
			if (strcmp(survey_text(alert, "state"), "firing") == 0 &&
			    alert_fit(account->want, alert, 0) == ALERT_FITS)
				return true;
		}
	}
	return false;
}

/* The rule by its name; with an id also the only one that has it, whatever it is called.  Where the id
 * alone is looked for in the chat, any alert that has it may be the one that was read there. */
static struct proven find(const struct account *account, enum hop_time time, const cJSON *rules)
{
	struct proven proven = look(account, time, rules, true);

	if (account->want->has_nonce && proven.rules == 1 && is_like_it(account, rules))
		proven.rules++;
	else if (account->want->has_nonce && proven.rules == 0)
		proven = look(account, time, rules, false);
	return proven;
}

/* One alert that began with the fault, of the one rule of that name, and no rule left unseen. */
static bool is_sure_without_id(const struct account *account, enum hop_time time,
			       const cJSON *rules, const struct proven *proven)
{
	int64_t since = account_ms(account, time, survey_number(proven->alert, "since_ms"));

	return proven->alerts == 1 && survey_item(rules, "cut") == NULL && since > 0 &&
	       alert_fit(account->want, proven->alert, since) == ALERT_FITS;
}

void prometheus_proofs(const struct hop_settings *settings, const struct hop_want *want,
		       const char *channel,
		       const struct hop_observation *const observations[HOP_TIME_COUNT],
		       hop_item_fn *tell, void *arg)
{
	static const enum hop_time order[] = {HOP_PEAK, HOP_AFTER};
	struct account account;
	bool told = false;

	(void)channel; /* a rule does not know where its alerts end */
	account_open(&account, settings, want, observations, NULL, NULL);
	for (size_t i = 0; !told && i < sizeof order / sizeof order[0]; i++) {
		const cJSON *rules = account_part(&account, order[i], "rules");
		struct proven proven = find(&account, order[i], rules);
		char *labels;

		if (proven.rules != 1 || proven.alert == NULL ||
		    !(want->has_nonce || is_sure_without_id(&account, order[i], rules, &proven)))
			continue;
		labels = cJSON_PrintUnformatted(survey_item(proven.alert, "labels"));
		tell_rule(settings, proven.rule, labels, tell, arg);
		free(labels);
		told = true;
	}
	account_done(&account);
}
