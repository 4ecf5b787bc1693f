/* What Prometheus says of an alert that arrived, but not as it should: how many there are, whether
 * they have the text that the message lacks, and whether they are over. */
#include <string.h>

#include "probes/hops/account.h"
#include "probes/hops/alert.h"
#include "probes/hops/prometheus_parts.h"
#include "probes/hops/survey.h"
#include "src/base/duration.h"

#define EVIDENCE_LIMIT 1500 /* bytes */

/* What an observation after the revert has of the alert. */
struct end {
	const cJSON *rule;  /* borrowed; the rule of its name; NULL: none */
	const cJSON *alert; /* borrowed; still there; NULL: it is over */
};

static bool is_firing(const cJSON *alert)
{
	return strcmp(survey_text(alert, "state"), "firing") == 0;
}

static bool fits(const struct account *account, enum hop_time time, const cJSON *alert)
{
	int64_t since = account_ms(account, time, survey_number(alert, "since_ms"));

	return alert_fit(account->want, alert, since) == ALERT_FITS;
}

int prometheus_count(const struct account *account, enum hop_time time)
{
	const cJSON *rule, *alert;
	int count = 0;

	if (time == HOP_TIME_COUNT)
		return 0;
	cJSON_ArrayForEach(rule, survey_item(account_part(account, time, "rules"), "list"))
	{
		cJSON_ArrayForEach(alert, survey_item(rule, "alerts")) count +=
		    is_firing(alert) && fits(account, time, alert);
	}
	return count;
}

/* The text. */

void prometheus_tell_text(const struct account *account, const cJSON *alert)
{
	struct buf text = {.limit = EVIDENCE_LIMIT};
	struct hop_finding finding = {.hop = HOP_RULE, .about = ABOUT_TEXT};

	if (alert == NULL) {
		buf_adds(&text, "it was not asked while the alert was there");
	} else if (alert_has_text(alert, account->want->lacks)) {
		finding.state = HOP_HAD_IT;
		buf_adds(&text, "the rule's labels and annotations have ");
		account_add_quoted(&text, account->want->lacks);
	} else if (alert_is_cut(alert)) {
		buf_adds(&text, "its labels and annotations are longer than is kept of them");
	} else {
		finding.state = HOP_LACKED_IT;
		finding.cause = "the rule has no annotation with that text";
		finding.advice = "add it to the rule's annotations, or write it into the "
				 "receiver's template";
		buf_adds(&text, "neither the rule's labels nor its annotations have ");
		account_add_quoted(&text, account->want->lacks);
	}
	account_tell_finding(account, &finding, &text);
}

/* The end. */

static struct end find_end(const struct account *account)
{
	const cJSON *rule, *alert;
	struct end end = {NULL, NULL};

	cJSON_ArrayForEach(rule, survey_item(account_part(account, HOP_AFTER, "rules"), "list"))
	{
		if (end.rule == NULL && account_is_alert(account->want, survey_text(rule, "name")))
			end.rule = rule;
		cJSON_ArrayForEach(alert, survey_item(rule, "alerts"))
		{
			if (is_firing(alert) && fits(account, HOP_AFTER, alert))
				end = (struct end){rule, alert};
		}
	}
	return end;
}

static void tell_goes_on(const struct account *account, const struct end *end, struct buf *text)
{
	double keep = survey_number(end->rule, "keep_s");
	struct hop_finding finding = {
	    .hop = HOP_RULE,
	    .about = ABOUT_END,
	    .state = HOP_LACKED_IT,
	    .cause = "the rule's condition is still true: the service has not recovered, or the "
		     "expression looks back over a longer time than `resolved` allows",
	    .advice = "look at the ranges in the rule's expression, or give `resolved` more time",
	};

	buf_adds(text, "the rule ");
	account_add_quoted(text, survey_text(end->rule, "name"));
	buf_adds(text, " is still firing, ");
	account_add_since_revert(text, account, HOP_AFTER);
	if (keep > 0 && keep < 1e9) {
		char length[32];

		duration_format((int64_t)(keep * 1000), length, sizeof length);
		buf_addf(text, "; its keep_firing_for is %s", length);
		finding.cause = "the rule's keep_firing_for holds the alert after its condition";
		finding.advice = "give `resolved` more time than keep_firing_for, or shorten it";
	}
	account_tell_finding(account, &finding, text);
}

void prometheus_tell_end(const struct account *account)
{
	const cJSON *rules = account_part(account, HOP_AFTER, "rules");
	struct buf text = {.limit = EVIDENCE_LIMIT};
	struct hop_finding finding = {.hop = HOP_RULE, .about = ABOUT_END};
	struct end end = find_end(account);

	if (end.alert != NULL) {
		tell_goes_on(account, &end, &text);
		return;
	}
	if (rules == NULL) {
		buf_adds(&text, account_why_not(account, "rules"));
	} else if (end.rule == NULL || survey_item(rules, "cut") != NULL) {
		buf_adds(&text, "the rule is not among those that were looked at");
	} else {
		finding.state = HOP_HAD_IT;
		buf_adds(&text, "the rule ");
		account_add_quoted(&text, survey_text(end.rule, "name"));
		buf_adds(&text, " was not firing any more, ");
		account_add_since_revert(&text, account, HOP_AFTER);
	}
	account_tell_finding(account, &finding, &text);
}
