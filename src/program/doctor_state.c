/* What `firedrill doctor` knows without asking anybody: files, faults, freezes, zones, the alarm. */
#include <inttypes.h>

#include "src/base/clock.h"
#include "src/calendar/zone.h"
#include "src/program/doctor.h"
#include "src/program/standing.h"

/* The guardian puts right with the same two files what this process leaves. */
static bool check_files(struct doctor *doctor)
{
	const char *state = app_config(doctor->app)->state;
	struct error error = {""};
	bool good = app_open_settling(doctor->app, NULL, &error);

	doctor_say(doctor, good ? DOCTOR_OK : DOCTOR_PROBLEM, state, "%s",
		   good ? "the ledger and its locks can be written" : error.text);
	return good;
}

static void check_standing(struct doctor *doctor)
{
	struct status status = {0};
	struct error error = {""};

	if (!standing_read(doctor->app, &status, &error))
		doctor_say(doctor, DOCTOR_PROBLEM, "ledger", "%s", error.text);
	else if (status_exit_code(&status) == EXIT_FAULT_LEFT)
		doctor_say(doctor, DOCTOR_PROBLEM, "faults",
			   "%zu not clean; see `firedrill status`", status.fault_count);
	if (status.halt_reason != NULL)
		doctor_say(doctor, DOCTOR_NOTE, "halted, until `firedrill resume`", "%s",
			   status.halt_reason);
	for (size_t i = 0; i < status.freeze_count; i++)
		doctor_say(doctor, DOCTOR_NOTE, status.freezes[i].file, "%s",
			   status.freezes[i].reason);
	status_done(&status);
}

static void check_zone(struct doctor *doctor, const struct environment *environment)
{
	int64_t now_ms = clock_wall_ms();
	char text[ZONE_TIME_SIZE];
	struct error error = {""};
	int minutes;

	if (environment->hours.count == 0 && environment->drills_per_day == 0)
		return;
	if (!zone_offset(environment->zone, now_ms, &minutes, &error)) {
		doctor_say(doctor, DOCTOR_PROBLEM, environment->name, "%s", error.text);
		return;
	}
	zone_format(environment->zone, now_ms, text);
	doctor_say(doctor, DOCTOR_OK, environment->name, "it is %s in %s", text, environment->zone);
}

bool doctor_check_state(struct doctor *doctor)
{
	const struct config *config = app_config(doctor->app);

	if (!check_files(doctor))
		return false;
	check_standing(doctor);
	for (size_t i = 0; i < config->environment_count; i++)
		check_zone(doctor, &config->environments[i]);
	if (config->alarm.url == NULL && config->alarm.command.count == 0)
		doctor_say(doctor, DOCTOR_NOTE, "alarm",
			   "a fault that stays is told in the chat and in the system log only; "
			   "set alarm.url or alarm.command");
	return true;
}
