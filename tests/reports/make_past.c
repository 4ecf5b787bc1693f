/* Drills that are over, as the history has them. */
#include "tests/reports/make_past.h"

#include <string.h>

static const struct history_expectation expectation = {.alert = "QueueMissing",
						       .chat = "slack",
						       .channel = "#ops",
						       .finding = "delivered",
						       .latency_ms = 2100,
						       .within_ms = 90000,
						       .resolved_latency_ms = -1};

const char past_gap_report[] =
    "{\"drill\":\"fd-k3q9x2m7\",\"scenario\":\"bad-queue\",\"environment\":\"production\","
    "\"fault\":{\"kind\":\"bad-queue-name\",\"via\":\"http\",\"effect\":\"mutation\","
    "\"state\":\"clean\",\"text\":\"PUT answered 200\",\"revert_text\":\"GET says orders\"},"
    "\"verdict\":\"gap\",\"reason\":null,\"text\":\"QueueMissing never reached #ops\","
    "\"exit_code\":1,\"owner\":\"payments\",\"runbook\":\"https://wiki.example/queue\","
    "\"started\":\"2026-11-21T10:00:45.500Z\",\"duration_ms\":12500,"
    "\"phases\":[{\"phase\":\"guard\",\"at_ms\":0},{\"phase\":\"inject\",\"at_ms\":1180}],"
    "\"expectations\":[{\"alert\":\"QueueMissing\",\"chat\":\"slack\",\"channel\":\"#ops\","
    "\"verdict\":\"missing\",\"text\":\"never arrived\",\"latency_ms\":null,"
    "\"permalink\":null,\"resolved\":null,\"within_ms\":90000}],"
    "\"gap\":{\"alert\":\"QueueMissing\",\"after\":\"alertmanager\",\"before\":\"chat\","
    "\"evidence\":\"answered 404\",\"cause\":\"the webhook is gone\","
    "\"advice\":\"make a new one\",\"probes\":\"a probe was refused\"},"
    "\"hops\":[{\"alert\":\"QueueMissing\",\"hop\":\"rule\",\"name\":\"prometheus\","
    "\"state\":\"had-it\",\"at_ms\":9000,\"evidence\":\"it fired\"}],\"probes\":[],"
    "\"report_permalink\":\"https://chat.example/p1\",\"report_problem\":null}";

struct history_drill past_drill(const char *drill, const char *verdict)
{
	bool gap = strcmp(verdict, "gap") == 0;

	return (struct history_drill){.drill = drill,
				      .scenario = "bad-queue",
				      .environment = "production",
				      .kind = "bad-queue-name",
				      .via = "http",
				      .origin = "hand",
				      .repeats = "",
				      .verdict = verdict,
				      .reason = "",
				      .exit_code = gap ? 1 : 0,
				      .started_wall_ms = PAST_NOW_MS - 12500,
				      .ended_wall_ms = PAST_NOW_MS,
				      .report =
					  gap ? past_gap_report : "{\"text\":\"every alert came\"}",
				      .expectations = &expectation,
				      .expectation_count = 1};
}
