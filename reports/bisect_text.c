/* What probes found after a gap, in words. */
#include "reports/bisect_text.h"

#include "reports/json_value.h"
#include "reports/phrases.h"
#include "src/engine/bisect.h"

void bisect_text(struct buf *buf, const struct drill_record *record)
{
	const struct gap *gap = &record->judgement.gap;

	if (gap->found && gap->probes != NULL)
		phrase_text(buf, gap->probes, PHRASE_EVIDENCE);
}

bool bisect_text_probe(struct buf *buf, const struct drill_record *record, size_t n)
{
	const struct evidence *evidence = &record->evidence;
	const struct probe_told *probe = &evidence->probes[n];

	if (n >= evidence->probe_count)
		return false;
	if (probe->at_ms != TIME_NEVER) {
		phrase_time(buf, record, probe->at_ms);
		buf_adds(buf, ": ");
	}
	phrase_text(buf, probe->text, PHRASE_EVIDENCE);
	return true;
}

void bisect_text_json(cJSON *report, const struct drill_record *record)
{
	cJSON *list = json_add_list(report, "probes");

	for (size_t i = 0; i < record->evidence.probe_count; i++) {
		const struct probe_told *probe = &record->evidence.probes[i];
		cJSON *entry = json_add_entry(list);

		json_add_text(entry, "alert", record->evidence.expect[probe->expect].expect->alert);
		json_add_text(entry, "hop", hop_name(probe->hop));
		json_add_text(entry, "result", probe_result_name(probe->result));
		json_add_ms(entry, "at_ms",
			    probe->at_ms != TIME_NEVER ? probe->at_ms - record->started_ms
						       : TIME_NEVER);
		json_add_ms(entry, "latency_ms", probe->latency_ms);
		json_add_text(entry, "text", probe->text);
	}
}
