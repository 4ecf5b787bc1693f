/* What the alerting service is told and asked over HTTP. */
#include <cjson/cJSON.h>
#include <string.h>

#include "fake-services/alerting_state.h"
#include "fake-services/server.h"

static void take_event(struct fake_alerting *alerting, struct fake_request *request)
{
	cJSON *event = cJSON_Parse(fake_request_body(request));
	const cJSON *task = cJSON_GetObjectItemCaseSensitive(event, "task");
	const cJSON *status = cJSON_GetObjectItemCaseSensitive(event, "status");
	const cJSON *output = cJSON_GetObjectItemCaseSensitive(event, "output");

	if (cJSON_IsString(task)) {
		fake_alerting_event(alerting, task->valuestring,
				    cJSON_IsString(status) ? status->valuestring : "",
				    cJSON_IsString(output) ? output->valuestring : "");
		fake_reply_text(request, 202, "accepted\n");
	} else {
		fake_reply_text(request, 400, "An event is {\"task\": NAME, \"status\": TEXT}\n");
	}
	cJSON_Delete(event);
}

/* Misbehaviours set over HTTP. */

static bool set_one(struct fake_alerting_wrong *wrong, const cJSON *wish)
{
	const struct {
		const char *name;
		bool *field;
	} flags[] = {{"lose_lines", &wrong->lose_lines},
		     {"no_delivery", &wrong->no_delivery},
		     {"drop_alert", &wrong->drop_alert},
		     {"duplicate", &wrong->duplicate},
		     {"no_resolved", &wrong->no_resolved},
		     {"garble", &wrong->garble},
		     {"resolved_as_edit", &wrong->resolved_as_edit},
		     {"resolved_as_reply", &wrong->resolved_as_reply}};

	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		if (strcmp(wish->string, flags[i].name) == 0) {
			*flags[i].field = cJSON_IsTrue(wish);
			return cJSON_IsBool(wish);
		}
	}
	if (strcmp(wish->string, "delay_ms") == 0)
		wrong->delay_ms = cJSON_IsNumber(wish) ? wish->valueint : 0;
	else if (strcmp(wish->string, "no_rule") == 0)
		wrong->no_rule = cJSON_GetStringValue(wish);
	else if (strcmp(wish->string, "wrong_channel") == 0)
		wrong->wrong_channel = cJSON_GetStringValue(wish);
	else
		return false;
	return true;
}

/* Fields that are not named become zero. */
static void take_wrong(struct fake_alerting *alerting, struct fake_request *request)
{
	cJSON *wishes = cJSON_Parse(fake_request_body(request));
	const cJSON *wish;
	bool known = cJSON_IsObject(wishes);

	alerting->wrong = (struct fake_alerting_wrong){0};
	cJSON_Delete(alerting->control_texts);
	alerting->control_texts = wishes;
	cJSON_ArrayForEach(wish, wishes) known =
	    wish->string != NULL && set_one(&alerting->wrong, wish) && known;
	fake_reply_text(request, known ? 200 : 400,
			known ? "ok\n" : "no such field, or no JSON object\n");
}

void fake_alerting_request(void *arg, struct fake_request *request)
{
	struct fake_alerting *alerting = arg;
	const char *path = fake_request_path(request);
	bool post = strcmp(fake_request_verb(request), "POST") == 0;
	bool put = strcmp(fake_request_verb(request), "PUT") == 0;
	bool get = strcmp(fake_request_verb(request), "GET") == 0;

	if (post && strcmp(path, "/logs") == 0) {
		fake_alerting_log(alerting, fake_request_body(request));
		fake_reply_text(request, 202, "accepted\n");
	} else if (post && strcmp(path, "/events") == 0) {
		take_event(alerting, request);
	} else if (alerting->control && put && strcmp(path, "/control/wrong") == 0) {
		take_wrong(alerting, request);
	} else if (!get || !fake_alerting_show(alerting, request)) {
		fake_reply_text(request, 404,
				"There is POST /logs and /events, GET /metrics, and some of what "
				"Prometheus, Alertmanager and Loki answer\n");
	}
}
