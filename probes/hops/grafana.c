/* Grafana: its own rules, its own Alertmanager, and what its contact points said last. */
#include <string.h>

#include "probes/hops/grafana_parts.h"

static struct hop_op *observe(const struct hop_context *context,
			      const struct hop_settings *settings, hop_done_fn *done, void *arg)
{
	return survey_start(context, settings, grafana_parts, GRAFANA_PART_COUNT, done, arg);
}

static bool is(const char *text, const char *word)
{
	return strcmp(text, word) == 0;
}

bool grafana_is_since_fault(const struct account *account, int64_t ms)
{
	return ms >= account->want->injected_wall_ms - GRAFANA_SLACK_MS;
}

bool grafana_is_own(const struct account *account, const char *text, int64_t ms)
{
	return account->want->has_nonce ? account_has_id(account->want, text)
					: ms > 0 && grafana_is_since_fault(account, ms);
}

/* Its Alertmanager. */

/* The alert among those that an Alertmanager had at one time; NULL when it is not there. */
static const cJSON *find_alert(const struct account *account, enum hop_time time)
{
	const cJSON *part = account_part(account, time, GRAFANA_ALERTS), *alert;

	cJSON_ArrayForEach(alert, survey_item(part, "list"))
	{
		int64_t ms = account_ms(account, time, survey_number(alert, "ms"));
		bool named = account_is_alert(account->want, survey_text(alert, "name"));

		if ((named || account->want->has_nonce) &&
		    grafana_is_own(account, survey_text(alert, "text"), ms))
			return alert;
	}
	return NULL;
}

const char *grafana_first(const cJSON *object, const char *key)
{
	return survey_text(cJSON_GetArrayItem(survey_item(object, key), 0), "name");
}

/* Adds who suppresses it; false when nobody does. */
bool grafana_add_suppression(const struct account *account, enum hop_time time, const cJSON *alert,
			     struct buf *text)
{
	const cJSON *silences = account_part(account, time, GRAFANA_SILENCES), *silence;
	const char *id = grafana_first(alert, "silenced");
	int64_t until;

	if (id[0] != '\0') {
		silence = survey_find(survey_item(silences, "list"), "id", id);
		buf_adds(text, "silenced");
		if (silence != NULL) {
			until = account_ms(account, time, survey_number(silence, "until_ms"));
			buf_adds(text, " by ");
			account_add_quoted(text, survey_text(silence, "by"));
			buf_adds(text, ", who wrote ");
			account_add_quoted(text, survey_text(silence, "comment"));
			buf_adds(text, ", until ");
			account_add_when(text, account->want, until);
		}
		buf_addf(text, " (silence %.64s)", id);
	} else if (grafana_first(alert, "inhibited")[0] != '\0') {
		buf_adds(text, "inhibited by another alert");
	} else if (grafana_first(alert, "muted")[0] != '\0') {
		buf_adds(text, "muted by the timing ");
		account_add_quoted(text, grafana_first(alert, "muted"));
	} else if (is(survey_text(alert, "state"), "suppressed")) {
		buf_adds(text, "suppressed");
	} else {
		return false;
	}
	return true;
}

static void tell_alert(const struct account *account, enum hop_time time, const cJSON *alert)
{
	int64_t ms = account_ms(account, time, survey_number(alert, "ms"));
	struct buf evidence = {.limit = 1024};
	bool suppressed;

	buf_adds(&evidence, "it has the alert");
	if (ms > 0) {
		buf_adds(&evidence, ", which began ");
		account_add_when(&evidence, account->want, ms);
	}
	buf_adds(&evidence, ": ");
	suppressed = grafana_add_suppression(account, time, alert, &evidence);
	if (!suppressed) {
		buf_adds(&evidence, "active, for the receiver ");
		account_add_quoted(&evidence, grafana_first(alert, "receivers"));
	}
	account_tell(account, HOP_ALERTMANAGER, HOP_HAD_IT, ms, &evidence,
		     suppressed ? "a silence, an inhibition or a mute timing holds it back" : NULL,
		     suppressed ? "end it, or make it so that it does not match this alert" : NULL);
}

static void explain_alert(const struct account *account, const cJSON *at_peak,
			  const cJSON *at_after)
{
	const cJSON *peak = account_part(account, HOP_PEAK, GRAFANA_ALERTS);
	struct buf evidence = {.limit = 1024};

	if (at_peak != NULL || at_after != NULL) {
		tell_alert(account, at_peak != NULL ? HOP_PEAK : HOP_AFTER,
			   at_peak != NULL ? at_peak : at_after);
	} else if (peak == NULL) {
		account_tell_not_asked(
		    account, HOP_ALERTMANAGER,
		    account_part(account, HOP_AFTER, GRAFANA_ALERTS) != NULL
			? "it was asked only after the fault was taken out, and does not have the "
			  "alert then: it may have had it before"
			: account_why_not(account, GRAFANA_ALERTS));
	} else if (survey_item(peak, "cut") != NULL) {
		account_tell_not_asked(account, HOP_ALERTMANAGER,
				       "it has more alerts than can be looked at");
	} else {
		buf_addf(&evidence, "none of its %d alerts is this one",
			 cJSON_GetArraySize(survey_item(peak, "list")));
		account_tell(account, HOP_ALERTMANAGER, HOP_LACKED_IT, 0, &evidence,
			     "the rule did not fire, or Grafana sends its alerts to another "
			     "Alertmanager",
			     "look at the rule, and at where Grafana sends alerts to");
	}
}

static void explain(const struct hop_settings *settings, const struct hop_want *want,
		    const struct hop_observation *const observations[HOP_TIME_COUNT],
		    hop_tell_fn *tell, void *arg)
{
	const cJSON *at_peak, *at_after;
	struct account account;

	account_open(&account, settings, want, observations, tell, arg);
	at_peak = find_alert(&account, HOP_PEAK);
	at_after = find_alert(&account, HOP_AFTER);
	grafana_explain_rule(&account);
	explain_alert(&account, at_peak, at_after);
	grafana_explain_receiver(&account, at_peak, at_after);
	account_done(&account);
}

const struct hop_driver hop_grafana = {
    .type = "grafana",
    .observe = observe,
    .cancel = survey_cancel,
    .explain = explain,
    .inventory = grafana_inventory,
    .proofs = grafana_proofs,
};
