/* What Prometheus says of the series that an alert's rule reads. */
#include <string.h>

#include "probes/hops/account.h"
#include "probes/hops/prometheus_parts.h"
#include "probes/hops/survey.h"

#define EVIDENCE_LIMIT 1500 /* bytes */
#define DOWN_SHOWN     2    /* targets */

void prometheus_add_rule(struct buf *text, const struct account *account, const cJSON *rule)
{
	const char *group = survey_text(rule, "group");

	buf_adds(text, "the rule ");
	account_add_quoted(text, rule != NULL ? survey_text(rule, "name") : account->want->alert);
	if (group[0] != '\0') {
		buf_adds(text, " of group ");
		account_add_quoted(text, group);
	}
}

static void add_down_targets(struct buf *text, const struct account *account, enum hop_time time)
{
	const cJSON *targets = account_part(account, time, "targets"), *target;
	int down = (int)survey_number(targets, "down"), shown = 0;

	if (targets == NULL) {
		buf_adds(text, "; targets were not asked");
		return;
	}
	if (down == 0)
		return;
	buf_addf(text, "; %d of %d targets %s down", down, down + (int)survey_number(targets, "up"),
		 down == 1 ? "is" : "are");
	cJSON_ArrayForEach(target, survey_item(targets, "list"))
	{
		if (shown++ == DOWN_SHOWN)
			break;
		buf_adds(text, shown == 1 ? ": " : ", ");
		account_add_quoted(text, survey_text(target, "job"));
		buf_adds(text, " at ");
		account_add_quoted(text, survey_text(target, "instance"));
		buf_adds(text, " says ");
		account_add_quoted(text, survey_text(target, "error"));
	}
}

void prometheus_tell_metric(const struct account *account, enum hop_time time, const cJSON *rule,
			    const cJSON *alert, int64_t since_ms)
{
	const char *series = survey_text(rule, "series");
	struct buf text = {.limit = EVIDENCE_LIMIT};

	if (alert != NULL) {
		buf_adds(&text, "the condition of ");
		prometheus_add_rule(&text, account, rule);
		buf_adds(&text, " was true");
		account_tell(account, HOP_METRIC, HOP_HAD_IT, since_ms, &text, NULL, NULL);
	} else if (time == HOP_PEAK && strcmp(series, "dead") == 0) {
		buf_adds(&text, "while the fault was in place there were no series of ");
		account_add_quoted(&text, survey_text(rule, "missing"));
		add_down_targets(&text, account, time);
		account_tell(account, HOP_METRIC, HOP_LACKED_IT, 0, &text,
			     "the metric that the rule reads is not there: renamed, never counted, "
			     "or its target is not scraped",
			     "compare the names in the rule with what the target shows at its "
			     "metrics address");
	} else if (strcmp(series, "exist") == 0) {
		buf_adds(&text,
			 "the series that the rule reads exist; whether their values show the "
			 "fault was not asked");
		add_down_targets(&text, account, time);
		account_tell(account, HOP_METRIC, HOP_NOT_ASKED, 0, &text, NULL, NULL);
	} else {
		const char *error = time == HOP_TIME_COUNT
					? ""
					: survey_text(account->times[time].facts, "series_error");

		buf_addf(&text, "whether the rule's series exist was not asked%s%s",
			 error[0] != '\0' ? ": " : "", error);
		if (time != HOP_TIME_COUNT)
			add_down_targets(&text, account, time);
		account_tell(account, HOP_METRIC, HOP_NOT_ASKED, 0, &text, NULL, NULL);
	}
}
