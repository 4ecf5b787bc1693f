/* A stand that answers as Alertmanager 0.25 does. */
#include "tests/hops/am_stand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

void am_answer_alert(struct stand *stand, const char *queue, const char *severity,
		     const char *receivers, const char *status, int64_t starts_ms)
{
	(void)stand_answers(
	    stand, ALERTS,
	    "[{\"annotations\":{\"summary\":\"quote \\\" ü \\n line\"},\"endsAt\":\"%s\","
	    "\"fingerprint\":\"7d4159a4\",\"receivers\":[%s],\"startsAt\":\"%s\",\"status\":{%s},"
	    "\"updatedAt\":\"%s\",\"labels\":{\"alertname\":\"OrdersQueueMissing\",\"queue\":\"%s\","
	    "\"severity\":\"%s\"}},{\"annotations\":{},\"fingerprint\":\"beef\",\"receivers\":[],"
	    "\"startsAt\":\"%s\",\"status\":{" HEALTHY "},\"labels\":{\"alertname\":\"NetworkDown\""
	    "}}]",
	    stand_time(stand, 300000), receivers, stand_time(stand, starts_ms), status,
	    stand_time(stand, starts_ms), queue, severity, stand_time(stand, -600000));
}

void am_answer_status(struct stand *stand, const char *yaml, int64_t started_ms)
{
	cJSON *text = cJSON_CreateString(yaml);
	char *json = cJSON_PrintUnformatted(text);

	(void)stand_answers(
	    stand, STATUS,
	    "{\"cluster\":{\"peers\":[],\"status\":\"disabled\"},\"config\":{"
	    "\"original\":%s},\"uptime\":\"%s\",\"versionInfo\":{\"version\":\"0.25.0\"}}",
	    json, stand_time(stand, started_ms));
	free(json);
	cJSON_Delete(text);
}

int am_setup(void **state)
{
	struct stand *stand;

	if (stand_setup(state) != 0)
		return -1;
	stand = *state;
	(void)stand_answers(stand, ALERTS, "[]");
	am_answer_status(stand, CONFIG, -3600000);
	(void)stand_answers(
	    stand, SILENCES,
	    "[{\"id\":\"1c13-95f\",\"status\":{\"state\":\"active\"},\"comment\":\"maintenance of "
	    "\\\"db\\\"\",\"createdBy\":\"joe\",\"endsAt\":\"2027-11-21T10:00:00.000Z\",\"matchers\":"
	    "[]},{\"id\":\"gone\",\"status\":{\"state\":\"expired\"},\"matchers\":[]}]");
	(void)stand_answers(stand, "/metrics", RECEIVED("5") SENT("7") FAILED("1"));
	return 0;
}

void am_look(struct stand *stand, enum hop_time time)
{
	size_t before = stand->asked_count;

	stand_observe(stand, &hop_alertmanager, time);
	assert_int_equal(stand->asked_count - before, 4);
	assert_int_equal(stand->observed[time].requests, 4);
	stand_explain(stand, &hop_alertmanager);
	assert_int_equal(stand->finding_count, 2);
}

/* Our alert for the team, after a look before it; the counters are then these. */
void am_see(struct stand *stand, const char *status, const char *counters)
{
	am_look(stand, HOP_BEFORE);
	am_answer_alert(stand, OURS, "page", "{\"name\":\"team\"},{\"name\":\"paged\"}", status,
			3000);
	(void)stand_answers(stand, "/metrics", "%s", counters);
	am_look(stand, HOP_PEAK);
}
