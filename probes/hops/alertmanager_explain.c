/* What Alertmanager says of an alert: is it there, and does anything hold it back? */
#include "probes/hops/alertmanager_parts.h"

#include "probes/hops/survey.h"

/* The search. */

/* Was it there before the fault? Unknown counts as yes. */
static bool was_there(const struct account *account, const cJSON *alert)
{
	const cJSON *before = account_part(account, HOP_BEFORE, "alerts");

	return before == NULL || survey_item(before, "cut") != NULL ||
	       survey_find(survey_item(before, "list"), "fingerprint",
			   survey_text(alert, "fingerprint")) != NULL;
}

struct alertmanager_found alertmanager_find(const struct account *account)
{
	static const enum hop_time order[] = {HOP_PEAK, HOP_AFTER};
	struct alertmanager_found found = {.fit = ALERT_OTHER};
	const cJSON *alert;

	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		cJSON_ArrayForEach(alert,
				   survey_item(account_part(account, order[i], "alerts"), "list"))
		{
			int64_t since =
			    account_ms(account, order[i], survey_number(alert, "starts_ms"));
			enum alert_fit fit = alert_fit(account->want, alert, since);

			if (fit == ALERT_EARLIER && !was_there(account, alert))
				fit = ALERT_FITS; /* its clock only looks that way */
			if (fit > found.fit)
				found = (struct alertmanager_found){fit, order[i], alert, since};
		}
	}
	return found;
}

/* The stations. */

static void tell_found(const struct account *account, const struct alertmanager_found *found)
{
	struct buf text = {.limit = ALERTMANAGER_EVIDENCE};
	const cJSON *status = account_part(account, found->time, "status");
	const char *cause = NULL, *advice = NULL;

	buf_adds(&text, "it has the alert ");
	account_add_quoted(&text, survey_text(survey_item(found->alert, "labels"), "alertname"));
	buf_addf(&text, " (%.20s", survey_text(found->alert, "state"));
	if (found->since_ms > 0) {
		buf_adds(&text, ", since ");
		account_add_when(&text, account->want, found->since_ms);
	}
	buf_addf(&text, ") for the %s ", alertmanager_receivers_word(found));
	alertmanager_add_names(&text, survey_item(found->alert, "receivers"));
	if (survey_number(status, "peers") > 1)
		buf_addf(&text, "; it is one of %.0f peers", survey_number(status, "peers"));
	(void)alertmanager_held_back(account, found, &text, &cause, &advice);
	if (found->fit == ALERT_WITHOUT_ID) {
		buf_adds(&text, "; the drill's id is in none of its labels and annotations");
		cause = "the drill's id does not come this far, so no message can carry it";
		advice = "keep the label that holds it in the rule's expression";
	} else if (found->fit == ALERT_EARLIER && cause == NULL) {
		cause = "the alert was there before the fault: Alertmanager repeats it only after "
			"repeat_interval";
		advice = "repeat the drill when the alert is over";
	}
	account_tell_finding(
	    account,
	    &(struct hop_finding){.hop = HOP_ALERTMANAGER,
				  .state = HOP_HAD_IT,
				  .count = alertmanager_count(account, found->time),
				  .at_wall_ms = found->since_ms,
				  .cause = cause,
				  .advice = advice},
	    &text);
}

static const char *missing_cause(const struct account *account, struct buf *text,
				 const char **ret_advice)
{
	enum hop_time best = alert_best_time(account, "alerts");
	double received = alert_growth(account, best, "counters", "received");
	double invalid = alert_growth(account, best, "counters", "invalid");
	int64_t started = account_ms(
	    account, best, survey_number(account_part(account, best, "status"), "started_ms"));

	if (received < 0)
		buf_adds(text, "; what it received was not compared");
	else
		buf_addf(text,
			 "; since before the fault it received %.0f firing alerts, of all "
			 "rules, and refused %.0f",
			 received, invalid);
	if (started > account->want->injected_wall_ms) {
		buf_adds(text, "; it was started ");
		account_add_when(text, account->want, started);
		*ret_advice = "repeat the drill";
		return "Alertmanager was restarted during the drill";
	}
	if (invalid > 0) {
		*ret_advice = "Alertmanager's log says what is wrong with them: mostly labels";
		return "Alertmanager refuses alerts as invalid";
	}
	if (received == 0) {
		*ret_advice = "does the sender tell this very Alertmanager? Compare the addresses, "
			      "and look at the sender's log";
		return "nothing reaches this Alertmanager";
	}
	*ret_advice = "look at the station before, and at `alert_relabel_configs` of Prometheus";
	return "the alert was not sent here, or under another name";
}

static void tell_missing(const struct account *account)
{
	struct buf text = {.limit = ALERTMANAGER_EVIDENCE};
	const char *advice = NULL, *cause;

	buf_adds(&text, "it has no alert ");
	account_add_quoted(&text, account->want->alert);
	if (account->want->has_nonce)
		buf_adds(&text, " and none with the drill's id");
	if (account->want->finding == FINDING_LATE)
		cause = NULL; /* it came later */
	else
		cause = missing_cause(account, &text, &advice);
	account_tell(account, HOP_ALERTMANAGER, HOP_LACKED_IT, 0, &text, cause, advice);
	buf_adds(&text, "there was nothing to post: Alertmanager did not have the alert");
	account_tell(account, HOP_RECEIVER, HOP_LACKED_IT, 0, &text, NULL, NULL);
}

static void tell_nothing(const struct account *account, const char *why)
{
	account_tell_not_asked(account, HOP_ALERTMANAGER, why);
	account_tell_not_asked(account, HOP_RECEIVER, why);
}

static void tell_related(const struct account *account, const struct alertmanager_found *found)
{
	struct buf text = {.limit = ALERTMANAGER_EVIDENCE};

	buf_adds(&text, "it has no alert ");
	account_add_quoted(&text, account->want->alert);
	buf_adds(&text, ", but ");
	account_add_quoted(&text, survey_text(survey_item(found->alert, "labels"), "alertname"));
	buf_adds(&text, " with the drill's id; whether that is the one expected cannot be told "
			"(name `alert` of the expectation as its rule)");
	tell_nothing(account, buf_text(&text));
	buf_done(&text);
}

void alertmanager_explain(const struct hop_settings *settings, const struct hop_want *want,
			  const struct hop_observation *const observations[HOP_TIME_COUNT],
			  hop_tell_fn *tell, void *arg)
{
	struct account account;
	struct alertmanager_found found;
	enum hop_time best;

	account_open(&account, settings, want, observations, tell, arg);
	found = alertmanager_find(&account);
	best = alert_best_time(&account, "alerts");
	if (found.fit == ALERT_RELATED) {
		tell_related(&account, &found);
	} else if (found.alert != NULL) {
		tell_found(&account, &found);
		alertmanager_tell_receiver(&account, &found);
	} else if (best == HOP_TIME_COUNT) {
		tell_nothing(&account, account_why_not(&account, "alerts"));
	} else if (survey_item(account_part(&account, best, "alerts"), "cut") != NULL) {
		tell_nothing(&account,
			     "it has more alerts than are looked at, and the one that was "
			     "sought is not among the newest");
	} else if (best == HOP_AFTER || account_must_have_had(want)) {
		tell_nothing(&account, "it was asked only after the fault was over, when the alert "
				       "may be over, too");
	} else {
		tell_missing(&account);
	}
	if (want->finding == FINDING_UNREADABLE)
		alertmanager_tell_text(&account, &found);
	if (want->finding == FINDING_UNRESOLVED)
		alertmanager_tell_end(&account, &found);
	account_done(&account);
}
