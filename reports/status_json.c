/* What is in place, and what holds firedrill back, as one line of JSON. */
#include "reports/json_value.h"
#include "reports/status.h"

/* "halt" and "ack" are alike; null when nobody did it. */
static void add_deed(cJSON *object, const char *key, const char *reason, const char *by,
		     int64_t wall_ms)
{
	cJSON *deed;

	if (reason == NULL) {
		(void)json_add(object, key, cJSON_CreateNull());
		return;
	}
	deed = json_add(object, key, cJSON_CreateObject());
	json_add_text(deed, "reason", reason);
	json_add_text(deed, "by", by);
	json_add_time(deed, "at", wall_ms);
}

static void add_fault(cJSON *entry, const struct status *status, const struct status_fault *fault)
{
	int64_t age_ms = status->now_wall_ms - fault->intended_wall_ms;

	json_add_text(entry, "drill", fault->drill);
	json_add_text(entry, "scenario", fault->scenario);
	json_add_text(entry, "environment", fault->environment);
	json_add_text(entry, "via", status_via_name(fault));
	json_add_text(entry, "target", fault->target);
	json_add_text(entry, "state", status_state_name(fault));
	json_add_text(entry, "standing", status_standing_name(status_standing(status, fault)));
	(void)json_add(entry, "busy", cJSON_CreateBool(fault->busy));
	json_add_time(entry, "intended", fault->intended_wall_ms);
	json_add_time(entry, "lease", fault->lease_wall_ms);
	json_add_ms(entry, "age_ms", age_ms > 0 ? age_ms : 0);
	json_add_text(entry, "note", fault->note);
	add_deed(entry, "ack", fault->ack_reason, fault->ack_by, fault->ack_wall_ms);
}

static void add_daemon(cJSON *object, const struct status *status)
{
	cJSON *entry;

	if (status->daemon_pid == 0) {
		(void)json_add(object, "daemon", cJSON_CreateNull());
		return;
	}
	entry = json_add(object, "daemon", cJSON_CreateObject());
	(void)json_add(entry, "pid", cJSON_CreateNumber(status->daemon_pid));
	json_add_time(entry, "since", status->daemon_since_wall_ms);
	(void)json_add(entry, "guests", cJSON_CreateNumber((double)status->daemon_guests));
	json_add_text(entry, "ledger_lost", status->daemon_lost);
}

char *status_json(const struct status *status)
{
	cJSON *object = json_object();
	cJSON *list;

	add_deed(object, "halt", status->halt_reason, status->halt_by, status->halt_since_wall_ms);
	list = json_add_list(object, "freezes");
	for (size_t i = 0; i < status->freeze_count; i++) {
		cJSON *entry = json_add_entry(list);

		json_add_text(entry, "environment", status->freezes[i].environment);
		json_add_text(entry, "file", status->freezes[i].file);
		json_add_text(entry, "reason", status->freezes[i].reason);
	}
	list = json_add_list(object, "faults");
	for (size_t i = 0; i < status->fault_count; i++)
		add_fault(json_add_entry(list), status, &status->faults[i]);
	add_daemon(object, status);
	(void)json_add(object, "keeper", cJSON_CreateBool(status->keeper));
	(void)json_add(object, "exit_code", cJSON_CreateNumber((double)status_exit_code(status)));
	return json_line(object);
}
