/* How long an alert takes, as a part of a drill's line of JSON. */
#include "reports/timing_json.h"

/* What is not known is -1, as TIME_NEVER, and becomes null. */
static void add_parts(cJSON *object, const struct timing *timing)
{
	cJSON *list = json_add_list(object, "parts");

	for (size_t i = 0; i < timing->part_count; i++) {
		const struct timing_part *part = &timing->parts[i];
		cJSON *entry = json_add_entry(list);

		json_add_text(entry, "hop", hop_name(part->hop));
		json_add_text(entry, "name", part->name);
		json_add_text(entry, "what", part->what);
		(void)json_add(entry, "resolving", cJSON_CreateBool(part->resolving));
		json_add_ms(entry, "least_ms", part->least_ms);
		json_add_ms(entry, "most_ms", part->most_ms);
	}
}

void timing_json_add(cJSON *entry, const struct drill_record *record, size_t i)
{
	const struct expectation *expect = record->evidence.expect[i].expect;
	const struct timing *timing;
	cJSON *object;

	json_add_ms(entry, "within_ms",
		    expect->within_ms == SCENARIO_AUTO ? TIME_NEVER : expect->within_ms);
	if (record->timings == NULL || i >= record->timing_count) {
		(void)json_add(entry, "timing", cJSON_CreateNull());
		return;
	}
	timing = &record->timings[i];
	object = json_add(entry, "timing", cJSON_CreateObject());
	(void)json_add(object, "auto", cJSON_CreateBool(timing->within_auto));
	json_add_ms(object, "least_ms", timing->least_ms);
	json_add_ms(object, "most_ms", timing->most_ms);
	json_add_ms(object, "resolve_least_ms", timing->resolve_least_ms);
	json_add_ms(object, "resolve_most_ms", timing->resolve_most_ms);
	json_add_text(object, "unknown", timing->unknown);
	add_parts(object, timing);
}
