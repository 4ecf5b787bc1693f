/* Coverage as one line of JSON. */
#include "reports/coverage.h"
#include "reports/json_value.h"

static void add_number(cJSON *object, const char *key, size_t number)
{
	(void)json_add(object, key, cJSON_CreateNumber((double)number));
}

/* What is not known is null. */
static void add_count(cJSON *object, const char *key, const struct coverage_part *part,
		      enum coverage_kind kind)
{
	struct coverage_count count = coverage_count(part, kind);
	cJSON *counts = json_add(object, key, cJSON_CreateObject());
	bool has_percent = count.known && count.total > 0;

	(void)json_add(counts, "total",
		       count.known ? cJSON_CreateNumber((double)count.total) : cJSON_CreateNull());
	for (int i = 0; i < COVERAGE_STATE_COUNT; i++)
		add_number(counts, coverage_state_name((enum coverage_state)i), count.states[i]);
	(void)json_add(counts, "percent",
		       has_percent ? cJSON_CreateNumber((double)count.percent)
				   : cJSON_CreateNull());
}

static void add_item(cJSON *entry, const struct coverage_item *item)
{
	json_add_text(entry, "kind", coverage_kind_name(item->kind));
	json_add_text(entry, "pipeline", item->pipeline);
	json_add_text(entry, "hop", item->hop);
	json_add_text(entry, "name", item->name);
	json_add_text(entry, "detail", item->detail);
	json_add_text(entry, "state", coverage_state_name(item->state));
	json_add_text(entry, "cannot", item->cannot);
	json_add_time(entry, "first", item->first_wall_ms);
	json_add_time(entry, "last", item->last_wall_ms);
	json_add_text(entry, "drill", item->last_drill);
	add_number(entry, "proofs", item->proofs);
	json_add_ms(entry, "p50_ms", item->p50_ms);
	json_add_ms(entry, "p99_ms", item->p99_ms);
}

static void add_part(cJSON *entry, const struct coverage_part *part)
{
	cJSON *list;

	json_add_text(entry, "environment", part->environment);
	json_add_text(entry, "pipeline", part->pipeline);
	add_count(entry, "rules", part, COVERAGE_RULE);
	add_count(entry, "receivers", part, COVERAGE_RECEIVER);
	list = json_add_list(entry, "not_asked");
	for (size_t i = 0; i < part->trouble_count; i++) {
		cJSON *trouble = json_add_entry(list);

		json_add_text(trouble, "hop", part->troubles[i].hop);
		json_add_text(trouble, "reason", part->troubles[i].text);
	}
	list = json_add_list(entry, "items");
	for (size_t i = 0; i < part->item_count; i++)
		add_item(json_add_entry(list), &part->items[i]);
}

char *coverage_json(const struct coverage *coverage, unsigned require)
{
	cJSON *object = json_object();
	cJSON *list;

	json_add_time(object, "now", coverage->now_wall_ms);
	json_add_ms(object, "since_ms", coverage->since_ms);
	list = json_add_list(object, "environments");
	for (size_t i = 0; i < coverage->part_count; i++)
		add_part(json_add_entry(list), &coverage->parts[i]);
	add_number(object, "exit_code", (size_t)coverage_exit_code(coverage, require));
	return json_line(object);
}
