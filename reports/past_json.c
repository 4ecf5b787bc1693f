/* A drill that is over as one line of JSON. */
#include "reports/json_value.h"
#include "reports/past.h"
#include "src/store/history.h"

/* What is known without the report, by the same keys. */
static cJSON *report_without(const struct past *past)
{
	cJSON *report = json_object(), *fault, *list;

	json_add_text(report, "drill", past->drill);
	json_add_text(report, "scenario", past->scenario);
	json_add_text(report, "environment", past->environment);
	fault = json_add(report, "fault", json_object());
	json_add_text(fault, "kind", past->kept->kind);
	json_add_text(fault, "via", past->kept->via);
	json_add_text(report, "verdict", past->verdict);
	json_add_text(report, "reason", past->reason[0] != '\0' ? past->reason : NULL);
	(void)json_add(report, "exit_code", cJSON_CreateNumber(past->exit_code));
	json_add_time(report, "started", past->started_wall_ms);
	list = json_add_list(report, "expectations");
	for (size_t i = 0; i < past->kept->expectation_count; i++) {
		const struct history_expectation *expect = &past->kept->expectations[i];
		cJSON *entry = json_add_entry(list);

		json_add_text(entry, "alert", expect->alert);
		json_add_text(entry, "chat", expect->chat);
		json_add_text(entry, "channel", expect->channel);
		json_add_text(entry, "verdict", expect->finding);
		json_add_ms(entry, "latency_ms", expect->latency_ms);
		json_add_ms(entry, "within_ms", expect->within_ms);
	}
	return report;
}

char *past_unfinished(const struct history_drill *drill, const char *state, const char *revert_text,
		      const char *text)
{
	struct past past;
	cJSON *report, *fault;

	past_of_drill(&past, drill);
	report = report_without(&past);
	fault = cJSON_GetObjectItemCaseSensitive(report, "fault");
	json_add_text(fault, "state", state);
	json_add_text(fault, "revert_text", revert_text);
	json_add_text(report, "text", text);
	past_done(&past);
	return json_line(report);
}

static void add_evidence(cJSON *report, const struct history_drill *kept)
{
	cJSON *list;

	cJSON_DeleteItemFromObjectCaseSensitive(report, "evidence");
	list = json_add_list(report, "evidence");
	for (size_t i = 0; i < kept->evidence_count; i++) {
		const struct history_evidence *evidence = &kept->evidence[i];
		cJSON *entry = json_add_entry(list);

		json_add_text(entry, "kind", evidence->kind);
		json_add_text(entry, "source", evidence->source);
		json_add_text(entry, "alert",
			      evidence->expect >= 0 &&
				      (size_t)evidence->expect < kept->expectation_count
				  ? kept->expectations[evidence->expect].alert
				  : NULL);
		json_add_time(entry, "at", evidence->wall_ms);
		json_add_text(entry, "text", evidence->text);
	}
}

static void set_text(cJSON *report, const char *key, const char *text)
{
	cJSON_DeleteItemFromObjectCaseSensitive(report, key);
	json_add_text(report, key, text);
}

char *past_json(const struct past *past, bool evidence)
{
	cJSON *report =
	    past->report != NULL ? cJSON_Duplicate(past->report, true) : report_without(past);

	set_text(report, "origin", past->origin[0] != '\0' ? past->origin : NULL);
	set_text(report, "repeats", past->repeats[0] != '\0' ? past->repeats : NULL);
	cJSON_DeleteItemFromObjectCaseSensitive(report, "ended");
	json_add_time(report, "ended", past->ended_wall_ms);
	if (evidence && past->kept != NULL)
		add_evidence(report, past->kept);
	return json_line(report);
}
