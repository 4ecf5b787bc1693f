/* What became of the drills of a time: as one line of JSON. */
#include "reports/json_value.h"
#include "reports/past.h"
#include "reports/period.h"

static void add_count(cJSON *object, const char *key, double count)
{
	(void)json_add(object, key, cJSON_CreateNumber(count));
}

static cJSON *add_place(cJSON *list, const char *scenario, const char *environment)
{
	cJSON *entry = json_add_entry(list);

	json_add_text(entry, "scenario", scenario);
	json_add_text(entry, "environment", environment);
	return entry;
}

static void add_gaps(cJSON *object, const struct period *period)
{
	cJSON *list = json_add_list(object, "gaps");

	for (size_t i = 0; i < period->gap_count; i++) {
		const struct period_gap *gap = &period->gaps[i];
		cJSON *entry = add_place(list, gap->scenario, gap->environment);
		bool open = gap->until_wall_ms == 0;

		(void)json_add(entry, "open", cJSON_CreateBool(open));
		json_add_time(entry, "since", gap->since_wall_ms);
		json_add_time(entry, "until", gap->until_wall_ms);
		json_add_ms(entry, "open_ms",
			    (open ? period->until_wall_ms : gap->until_wall_ms) -
				gap->since_wall_ms);
		json_add_text(entry, "first_drill", gap->first_drill);
		json_add_text(entry, "last_drill", gap->last_drill);
		add_count(entry, "drills", (double)gap->drills);
		json_add_text(entry, "text", gap->what);
	}
}

static void add_flaky(cJSON *object, const struct period *period)
{
	cJSON *list = json_add_list(object, "flaky");

	for (size_t i = 0; i < period->flaky_count; i++) {
		const struct period_flaky *flaky = &period->flaky[i];
		cJSON *entry = add_place(list, flaky->scenario, flaky->environment);

		add_count(entry, "drills", (double)flaky->count);
		json_add_text(entry, "last_drill", flaky->drill);
	}
}

static void add_speeds(cJSON *object, const struct period *period)
{
	cJSON *list = json_add_list(object, "latencies");

	for (size_t i = 0; i < period->speed_count; i++) {
		const struct period_speed *speed = &period->speeds[i];
		cJSON *entry = add_place(list, speed->scenario, speed->environment);

		add_count(entry, "alerts", (double)speed->count);
		json_add_ms(entry, "p50_ms", speed->p50_ms);
		json_add_ms(entry, "p99_ms", speed->p99_ms);
		json_add_ms(entry, "most_ms", speed->most_ms);
		json_add_ms(entry, "within_ms", speed->within_ms);
	}
}

static void add_missed(cJSON *object, const struct period *period)
{
	cJSON *list = json_add_list(object, "missed");

	for (size_t i = 0; i < period->missed_count; i++) {
		const struct period_missed *missed = &period->missed[i];
		cJSON *entry = add_place(list, missed->scenario, missed->environment);

		json_add_text(entry, "why", missed->why);
		json_add_time(entry, "first", missed->first_wall_ms);
		json_add_time(entry, "last", missed->last_wall_ms);
		add_count(entry, "starts", (double)missed->count);
	}
}

static void add_proofs(cJSON *object, const struct period *period)
{
	cJSON *list = json_add_list(object, "proofs");

	for (size_t i = 0; i < period->proof_count; i++) {
		const struct period_proof *proof = &period->proofs[i];
		cJSON *entry = add_place(list, proof->scenario, proof->environment);

		json_add_time(entry, "passed", proof->wall_ms);
		json_add_text(entry, "drill", proof->drill);
	}
}

char *period_json(const struct period *period)
{
	cJSON *object = json_object(), *verdicts;

	json_add_time(object, "since", period->since_wall_ms);
	json_add_time(object, "until", period->until_wall_ms);
	add_count(object, "drills", (double)period->drills);
	verdicts = json_add(object, "verdicts", json_object());
	for (size_t i = 0; i < VERDICT_COUNT; i++)
		add_count(verdicts, verdict_name((enum verdict)i), (double)period->counts[i]);
	add_count(object, "faults_left", (double)period->faults_left);
	add_gaps(object, period);
	add_flaky(object, period);
	add_speeds(object, period);
	add_missed(object, period);
	add_proofs(object, period);
	return json_line(object);
}
