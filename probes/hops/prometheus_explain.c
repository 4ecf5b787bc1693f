/* What Prometheus says of an alert: its series, its rule, and whether Alertmanager was told. */
#include "probes/hops/prometheus_parts.h"

#include <stdio.h>
#include <string.h>

#include "probes/hops/account.h"
#include "probes/hops/alert.h"
#include "probes/hops/survey.h"
#include "src/base/duration.h"

#define EVIDENCE_LIMIT 1500 /* bytes */
#define SENT_AFTER_MS  3000 /* an alert that fired so long ago has been sent */

/* How far the alert came, in ascending order: what a better rule or a better look says counts. */
enum reach {
	REACH_NOT_LOADED,
	REACH_RELATED, /* not loaded, but another one fires with the drill's id */
	REACH_CALM,
	REACH_BROKEN, /* its evaluation fails */
	REACH_PENDING,
	REACH_EARLIER,    /* it fired before the fault */
	REACH_WITHOUT_ID, /* it fires, but nothing in it is the drill's */
	REACH_FIRING
};

struct search {
	enum reach reach;
	enum hop_time time; /* of the look that has it */
	const cJSON *rule;  /* borrowed; NULL: none of this name */
	const cJSON *alert; /* borrowed; NULL: none that fits */
	int64_t since_ms;   /* by our clock: when the alert became pending; 0 */
};

static const char too_late[] =
    "it was asked only after the fault was over, when the alert may be over, too";

/* The search. */

static int64_t for_ms(const cJSON *rule)
{
	double seconds = survey_number(rule, "for_s");

	return seconds > 0 && seconds < 1e9 ? (int64_t)(seconds * 1000) : 0;
}

static enum reach reach_of(enum alert_fit fit, const cJSON *alert)
{
	bool firing = strcmp(survey_text(alert, "state"), "firing") == 0;

	switch (fit) {
	case ALERT_OTHER:
		return REACH_CALM;
	case ALERT_RELATED:
		return REACH_RELATED;
	case ALERT_EARLIER:
		return firing ? REACH_EARLIER : REACH_PENDING;
	case ALERT_WITHOUT_ID:
		return firing ? REACH_WITHOUT_ID : REACH_PENDING;
	case ALERT_FITS:
		return firing ? REACH_FIRING : REACH_PENDING;
	}
	return REACH_CALM;
}

static void consider(struct search *search, enum reach reach, enum hop_time time, const cJSON *rule,
		     const cJSON *alert, int64_t since_ms)
{
	if (search->rule != NULL && reach <= search->reach)
		return;
	*search = (struct search){reach, time, rule, alert, since_ms};
}

static void look_at_rule(const struct account *account, struct search *search, enum hop_time time,
			 const cJSON *rule)
{
	const cJSON *alert;

	if (account_is_alert(account->want, survey_text(rule, "name")))
		consider(search,
			 strcmp(survey_text(rule, "health"), "err") == 0 ? REACH_BROKEN
									 : REACH_CALM,
			 time, rule, NULL, 0);
	cJSON_ArrayForEach(alert, survey_item(rule, "alerts"))
	{
		int64_t since = account_ms(account, time, survey_number(alert, "since_ms"));
		enum alert_fit fit = alert_fit(account->want, alert, since);

		if (fit != ALERT_OTHER)
			consider(search, reach_of(fit, alert), time, rule, alert, since);
	}
}

static struct search find(const struct account *account)
{
	static const enum hop_time order[] = {HOP_PEAK, HOP_AFTER};
	struct search search = {.reach = REACH_NOT_LOADED, .time = HOP_TIME_COUNT};
	const cJSON *rule;

	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		const cJSON *rules = account_part(account, order[i], "rules");

		cJSON_ArrayForEach(rule, survey_item(rules, "list"))
		    look_at_rule(account, &search, order[i], rule);
	}
	return search;
}

/* Sentences. */

/* What became of the alert behind the rule; the likely cause when it got lost there. */
static const char *add_delivery(struct buf *text, const struct account *account, enum hop_time time,
				int64_t fired_ms, const char **ret_advice)
{
	const cJSON *managers = account_part(account, time, "alertmanagers");
	double sent = alert_growth(account, time, "delivery", "sent");
	double errors = alert_growth(account, time, "delivery", "errors");
	double dropped = alert_growth(account, time, "delivery", "dropped");

	if (managers != NULL && survey_number(managers, "active") == 0) {
		buf_adds(text, "; it knows no Alertmanager to tell");
		*ret_advice = "name one in `alerting` of its configuration";
		return "Prometheus has no Alertmanager";
	}
	if (sent < 0 || errors < 0 || dropped < 0) {
		buf_adds(text, "; what it sent to Alertmanager was not compared: its counters are "
			       "missing before or after");
		return NULL;
	}
	buf_addf(text,
		 "; to Alertmanager it sent %.0f alert%s, %.0f failed, %.0f %s dropped (all rules)",
		 sent, sent == 1 ? "" : "s", errors, dropped, dropped == 1 ? "was" : "were");
	if (sent == 0 && errors == 0 && dropped == 0 && fired_ms > 0 &&
	    account->times[time].at_wall_ms - fired_ms >= SENT_AFTER_MS) {
		*ret_advice = "look at `alert_relabel_configs` of its configuration; after a "
			      "reload it tells nobody for some seconds, too";
		return "Prometheus sends nothing to Alertmanager: `alert_relabel_configs` drop the "
		       "alert";
	}
	if (errors == 0 && dropped == 0)
		return NULL;
	*ret_advice = "is Alertmanager up, and its address in `alerting` right? Prometheus' log "
		      "says what failed";
	return "Prometheus could not deliver to Alertmanager";
}

static void add_state(struct buf *text, const struct account *account, const struct search *search)
{
	char length[32];

	switch (search->reach) {
	case REACH_NOT_LOADED:
	case REACH_RELATED:
		buf_adds(text, " is not loaded");
		break;
	case REACH_BROKEN:
		buf_adds(text, " cannot be evaluated: ");
		account_add_quoted(text, survey_text(search->rule, "error"));
		break;
	case REACH_CALM:
		buf_adds(text, " was inactive when it was asked, ");
		account_add_when(text, account->want, account->times[search->time].at_wall_ms);
		break;
	case REACH_PENDING:
		duration_format(for_ms(search->rule), length, sizeof length);
		buf_addf(text, " was pending only, for less than its `for` of %s", length);
		break;
	case REACH_EARLIER:
	case REACH_WITHOUT_ID:
	case REACH_FIRING:
		buf_adds(text, " fired");
		break;
	}
	if (search->since_ms > 0) {
		buf_adds(text, ", active since ");
		account_add_when(text, account->want, search->since_ms);
	}
}

/* The rule was calm: why? */
static const char *calm_cause(struct buf *text, const struct account *account,
			      const struct search *search, const char **ret_advice)
{
	int64_t evaluated =
	    account_ms(account, search->time, survey_number(search->rule, "evaluated_ms"));
	const char *query = survey_text(search->rule, "query");

	if (strcmp(survey_text(search->rule, "health"), "unknown") == 0 ||
	    (evaluated > 0 && evaluated + 2000 < account->want->injected_wall_ms)) {
		buf_adds(text, "; it was not evaluated since the fault was put in");
		*ret_advice = "look at the group's interval, and at Prometheus' load and log";
		return "the rule's group is not evaluated";
	}
	if (strcmp(survey_text(search->rule, "series"), "dead") == 0) {
		*ret_advice = "see the metric: without its series this rule can never fire";
		return "the series that the rule reads do not exist";
	}
	if (query[0] != '\0') {
		buf_adds(text, "; its expression is ");
		account_add_quoted(text, query);
	}
	*ret_advice =
	    "ask Prometheus for the expression over the time of the drill: the fault may not "
	    "move this metric, or not as far as the threshold";
	return "the rule's condition was never true";
}

/* The stations. */

static void tell_related(const struct account *account, const struct search *search)
{
	struct buf text = {.limit = EVIDENCE_LIMIT};

	buf_adds(&text, "no rule ");
	account_add_quoted(&text, account->want->alert);
	buf_adds(&text, " is loaded, but ");
	prometheus_add_rule(&text, account, search->rule);
	buf_adds(&text, " has an alert with the drill's id; whether that is the one expected "
			"cannot be told (name `alert` of the expectation as its rule)");
	account_tell_not_asked(account, HOP_METRIC, buf_text(&text));
	account_tell_not_asked(account, HOP_RULE, buf_text(&text));
	buf_done(&text);
}

static void tell_rule_reached(const struct account *account, const struct search *search,
			      struct buf *text)
{
	int64_t fired = search->since_ms > 0 ? search->since_ms + for_ms(search->rule) : 0;
	const char *advice = NULL,
		   *cause = add_delivery(text, account, search->time, fired, &advice);

	if (search->reach == REACH_WITHOUT_ID) {
		buf_adds(text, "; the drill's id is in none of its labels and annotations");
		cause = "the rule drops the label that holds the drill's id";
		advice = "keep that label in the expression, as in sum by (label), or `match` "
			 "without the id";
	}
	if (search->reach == REACH_EARLIER) {
		cause = "the alert was there before the fault, so there was nothing new to tell";
		advice = "repeat the drill when the alert is over";
	}
	account_tell_finding(account,
			     &(struct hop_finding){.hop = HOP_RULE,
						   .state = HOP_HAD_IT,
						   .count = prometheus_count(account, search->time),
						   .at_wall_ms = fired,
						   .cause = cause,
						   .advice = advice},
			     text);
}

/* It fired after all, but had not when the deadline passed. */
static void tell_rule_late(const struct account *account, const struct search *search,
			   struct buf *text)
{
	bool waits = search->reach == REACH_PENDING;

	account_tell(account, HOP_RULE, HOP_LACKED_IT, 0, text,
		     waits ? "the rule waits for its `for`" : NULL,
		     waits ? "shorten `for`, or give `within` more time" : NULL);
}

static void tell_rule(const struct account *account, const struct search *search)
{
	struct buf text = {.limit = EVIDENCE_LIMIT};
	const char *cause = NULL, *advice = NULL;

	prometheus_add_rule(&text, account, search->rule);
	add_state(&text, account, search);
	if (account->want->finding == FINDING_LATE &&
	    (search->reach == REACH_CALM || search->reach == REACH_PENDING)) {
		tell_rule_late(account, search, &text);
		return;
	}
	switch (search->reach) {
	case REACH_NOT_LOADED:
	case REACH_RELATED:
		cause = "no alerting rule of that name is loaded";
		advice = "load the rule's file (`rule_files`, or the labels that the operator "
			 "selects by); `alert` of the expectation must be the rule's name";
		break;
	case REACH_BROKEN:
		cause = "the rule's expression fails";
		advice = "repair the expression; promtool does not find this, Prometheus' page of "
			 "rules does";
		break;
	case REACH_CALM:
		cause = calm_cause(&text, account, search, &advice);
		break;
	case REACH_PENDING:
		cause =
		    "the fault was over before the rule's `for`, or the condition came and went";
		advice = "hold the fault longer than `for` and two evaluations, or shorten `for`";
		break;
	case REACH_EARLIER:
	case REACH_WITHOUT_ID:
	case REACH_FIRING:
		tell_rule_reached(account, search, &text);
		return;
	}
	account_tell(account, HOP_RULE, HOP_LACKED_IT, 0, &text, cause, advice);
}

void prometheus_explain(const struct hop_settings *settings, const struct hop_want *want,
			const struct hop_observation *const observations[HOP_TIME_COUNT],
			hop_tell_fn *tell, void *arg)
{
	struct account account;
	struct search search;
	enum hop_time best;

	account_open(&account, settings, want, observations, tell, arg);
	search = find(&account);
	best = alert_best_time(&account, "rules");
	if (best == HOP_TIME_COUNT) {
		account_tell_not_asked(&account, HOP_METRIC, account_why_not(&account, "rules"));
		account_tell_not_asked(&account, HOP_RULE, account_why_not(&account, "rules"));
	} else if (search.alert == NULL && search.reach != REACH_BROKEN &&
		   cJSON_IsTrue(survey_item(account_part(&account, best, "rules"), "cut"))) {
		account_tell_not_asked(&account, HOP_METRIC,
				       "it has more rules and alerts than are looked at");
		account_tell_not_asked(
		    &account, HOP_RULE,
		    "it has more rules and alerts than are looked at, and the one "
		    "that was sought is not among the first");
	} else if (search.reach == REACH_RELATED) {
		tell_related(&account, &search);
	} else if ((best == HOP_AFTER || account_must_have_had(want)) &&
		   (search.reach == REACH_CALM || search.reach == REACH_PENDING)) {
		account_tell_not_asked(&account, HOP_METRIC, too_late);
		account_tell_not_asked(&account, HOP_RULE, too_late);
	} else {
		prometheus_tell_metric(&account, search.time, search.rule, search.alert,
				       search.since_ms);
		tell_rule(&account, &search);
	}
	if (want->finding == FINDING_UNREADABLE)
		prometheus_tell_text(&account, search.alert);
	if (want->finding == FINDING_UNRESOLVED)
		prometheus_tell_end(&account);
	account_done(&account);
}

char *prometheus_labels(const struct hop_settings *settings, const struct hop_want *want,
			const struct hop_observation *const observations[HOP_TIME_COUNT])
{
	struct account account;
	struct search search;
	char *labels = NULL;

	account_open(&account, settings, want, observations, NULL, NULL);
	search = find(&account);
	if (search.alert != NULL && search.reach != REACH_EARLIER && search.reach != REACH_RELATED)
		labels = cJSON_PrintUnformatted(survey_item(search.alert, "labels"));
	account_done(&account);
	return labels;
}
