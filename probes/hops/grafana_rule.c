/* How far the rule came, as Grafana tells it. */
#include <string.h>

#include "probes/hops/grafana_parts.h"
#include "src/base/duration.h"

static bool is(const char *text, const char *word)
{
	return strcmp(text, word) == 0;
}

/* The most that a rule of the right name has come to, in ascending order. */
enum progress { RULE_ABSENT, RULE_THERE, RULE_PENDING, RULE_FIRES, RULE_FIRES_OURS };

struct rule_look {
	enum hop_time time;
	bool asked, cut;
	int rules; /* of any name */
	enum progress progress;
	const cJSON *rule;     /* NULL when absent */
	const cJSON *instance; /* pending or firing; NULL */
	int64_t ms;            /* since when, by our clock; 0 */
};

static void see_instance(const struct account *account, struct rule_look *look, const cJSON *rule,
			 const cJSON *instance)
{
	const char *text = survey_text(instance, "text");
	int64_t ms = account_ms(account, look->time, survey_number(instance, "ms"));
	const char *state = survey_text(instance, "state");
	enum progress progress = RULE_FIRES;

	if (strncmp(state, "Pending", 7) == 0 || is(state, "pending"))
		progress = RULE_PENDING;
	else if (grafana_is_own(account, text, ms))
		progress = RULE_FIRES_OURS;
	else if (is(state, "Error") || is(state, "NoData"))
		return; /* the rule's health says it */
	if (progress <= look->progress)
		return;
	look->progress = progress;
	look->rule = rule;
	look->instance = instance;
	look->ms = ms;
}

static struct rule_look look_at_rule(const struct account *account, enum hop_time time)
{
	const cJSON *part = account_part(account, time, GRAFANA_RULES), *rule, *instance;
	struct rule_look look = {
	    .time = time, .asked = part != NULL, .cut = survey_item(part, "cut") != NULL};

	cJSON_ArrayForEach(rule, survey_item(part, "list"))
	{
		look.rules++;
		if (!account_is_alert(account->want, survey_text(rule, "name")))
			continue;
		if (look.progress == RULE_ABSENT) {
			look.progress = RULE_THERE;
			look.rule = rule;
		}
		cJSON_ArrayForEach(instance, survey_item(rule, "alerts"))
		    see_instance(account, &look, rule, instance);
	}
	return look;
}

static void tell_firing(const struct account *account, const struct rule_look *look)
{
	struct buf evidence = {.limit = 1024};

	buf_adds(&evidence, "the rule ");
	account_add_quoted(&evidence, survey_text(look->rule, "name"));
	buf_addf(&evidence, " is %.40s", survey_text(look->instance, "state"));
	if (look->ms > 0) {
		buf_adds(&evidence, " since ");
		account_add_when(&evidence, account->want, look->ms);
	}
	account_tell(account, HOP_RULE, HOP_HAD_IT, look->ms, &evidence, NULL, NULL);
}

/* It fires, but nothing says that this drill is why. */
static void tell_other_firing(const struct account *account, const struct rule_look *look)
{
	struct buf evidence = {.limit = 1024};
	bool since = look->ms == 0 || grafana_is_since_fault(account, look->ms);

	buf_adds(&evidence, "the rule fires");
	if (look->ms > 0) {
		buf_adds(&evidence, " since ");
		account_add_when(&evidence, account->want, look->ms);
	}
	if (!account->want->has_nonce) {
		buf_adds(&evidence, ": nobody can tell whether it does for this drill");
		account_tell(account, HOP_RULE, HOP_NOT_ASKED, 0, &evidence, NULL, NULL);
		return;
	}
	buf_addf(&evidence, ", but no label and no annotation has %s: ", account->want->drill);
	account_add_quoted(&evidence, survey_text(look->instance, "text"));
	account_tell(account, HOP_RULE, HOP_LACKED_IT, 0, &evidence,
		     since ? "the rule's query leaves out the label that carries the drill id"
			   : "it fired already, for another reason",
		     since ? "keep that label in the query (a sum without `by` drops it), or leave "
			     "${drill} out of `match`"
			   : "put the other reason right, then run the drill again");
}

static void tell_absent(const struct account *account, const struct rule_look *look)
{
	struct buf evidence = {.limit = 1024};

	if (look->cut) {
		account_tell_not_asked(account, HOP_RULE,
				       "it has more rules than can be looked at, and the one asked "
				       "for is not among those seen");
		return;
	}
	buf_addf(&evidence, "none of %d alert rules is called ", look->rules);
	account_add_quoted(&evidence, account->want->alert);
	account_tell(account, HOP_RULE, HOP_LACKED_IT, 0, &evidence,
		     "the rule does not exist, has another name, or may not be seen with these "
		     "credentials",
		     "create it, write its exact name into `alert`, or let the service account "
		     "read its folder");
}

static void tell_pending(const struct account *account, const struct rule_look *look)
{
	struct buf evidence = {.limit = 1024};
	double for_ms = survey_number(look->rule, "for_s") * 1000;
	char length[32];

	buf_adds(&evidence, "the rule was only pending");
	if (look->ms > 0) {
		buf_adds(&evidence, ", since ");
		account_add_when(&evidence, account->want, look->ms);
	}
	if (for_ms > 0 && for_ms < 1e12) {
		duration_format((int64_t)for_ms, length, sizeof length);
		buf_addf(&evidence, "; it must hold for %s", length);
	}
	account_tell(account, HOP_RULE, HOP_LACKED_IT, 0, &evidence,
		     "its pending period was not over when the watch ended",
		     "raise `within` and `hold_at_most`, or shorten the pending period");
}

/* There, and not even pending. */
static void tell_idle(const struct account *account, const struct rule_look *look)
{
	const char *health = survey_text(look->rule, "health"), *error;
	int64_t at = account_ms(account, look->time, survey_number(look->rule, "at_ms"));
	struct buf evidence = {.limit = 1024};
	const char *cause = "its query does not cross the threshold with this fault",
		   *advice = "try the query while the fault is in place";

	error = survey_text(look->rule, "error");
	if (survey_number(look->rule, "paused") > 0) {
		buf_adds(&evidence, "the rule is paused");
		cause = "somebody paused it";
		advice = "resume it";
	} else if (error[0] != '\0' || is(health, "error") || is(health, "err")) {
		buf_adds(&evidence, "the rule cannot be evaluated: ");
		account_add_quoted(&evidence, error);
		cause = "its query or its data source is broken";
		advice = "put the query or the data source right";
	} else if (is(health, "nodata")) {
		buf_adds(&evidence, "the rule's query finds no data at all");
		cause = "the series or lines that it reads do not exist";
		advice = "compare the names in the query with what the service sends";
	} else if (at > 0 && !grafana_is_since_fault(account, at)) {
		buf_adds(&evidence, "the rule was evaluated last ");
		account_add_when(&evidence, account->want, at);
		cause = "it is not evaluated, or too rarely";
		advice = "look at the evaluation interval of its group, and at Grafana's log";
	} else {
		buf_addf(&evidence, "the rule is %.40s", survey_text(look->rule, "state"));
		if (at > 0) {
			buf_adds(&evidence, ", evaluated last ");
			account_add_when(&evidence, account->want, at);
		}
	}
	account_tell(account, HOP_RULE, HOP_LACKED_IT, 0, &evidence, cause, advice);
}

/* Would it look the same before the fault was taken out? */
static bool is_lasting(const struct rule_look *look)
{
	return look->progress == RULE_ABSENT || survey_number(look->rule, "paused") > 0;
}

void grafana_explain_rule(const struct account *account)
{
	struct rule_look peak = look_at_rule(account, HOP_PEAK),
			 after = look_at_rule(account, HOP_AFTER);
	const struct rule_look *look = peak.asked ? &peak : &after;

	if (!look->asked)
		account_tell_not_asked(account, HOP_RULE, account_why_not(account, GRAFANA_RULES));
	else if (peak.progress == RULE_FIRES_OURS)
		tell_firing(account, &peak);
	else if (after.progress == RULE_FIRES_OURS)
		tell_firing(account, &after);
	else if (look->cut && look->rule != NULL &&
		 !is(survey_text(look->rule, "state"), "inactive"))
		account_tell_not_asked(account, HOP_RULE,
				       "more is going on at its rules than can be looked at");
	else if (look->progress == RULE_FIRES)
		tell_other_firing(account, look);
	else if (!peak.asked && !is_lasting(&after))
		account_tell_not_asked(account, HOP_RULE,
				       "it was asked only after the fault was taken out, and does "
				       "not fire then: it may have fired before");
	else if (look->progress == RULE_ABSENT)
		tell_absent(account, look);
	else if (look->progress == RULE_PENDING)
		tell_pending(account, look);
	else
		tell_idle(account, look);
}
