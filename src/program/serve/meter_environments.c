/* What `/metrics` says of each environment. */
#include <stdlib.h>

#include "src/program/serve/meter.h"
#include "src/program/serve/meter_parts.h"

#define ENVIRONMENTS 1000 /* with figures of their own */

static struct meter_environment *environment_of(struct meter_sheet *sheet, const char *name)
{
	struct buf labels = {0};
	struct meter_environment *row;

	meter_label(&labels, "environment", name);
	row = meter_table_get(&sheet->environments, buf_text(&labels), "environment=\"other\"");
	buf_done(&labels);
	return row;
}

static void earliest(int64_t *earliest_ms, int64_t wall_ms)
{
	if (*earliest_ms == 0 || wall_ms < *earliest_ms)
		*earliest_ms = wall_ms;
}

static void gather_environments(struct meter_sheet *sheet)
{
	const struct meter_now *now = sheet->now;

	for (size_t i = 0; i < now->next_count; i++)
		(void)environment_of(sheet, now->next[i].environment);
	for (size_t i = 0; i < now->fault_count; i++) {
		struct meter_environment *row = environment_of(sheet, now->faults[i].environment);
		enum fault_state state = FAULT_STUCK;

		(void)fault_state_parse(now->faults[i].state, &state);
		row->faults[state]++;
		earliest(&row->lease_wall_ms, now->faults[i].lease_wall_ms);
	}
	for (size_t i = 0; i < now->gap_count; i++) {
		struct meter_environment *row = environment_of(sheet, now->gaps[i].environment);

		row->gaps++;
		earliest(&row->gap_wall_ms, now->gaps[i].first_wall_ms);
	}
}

static void write_faults(struct meter_sheet *sheet, const struct meter_family *family,
			 const struct meter_environment *row)
{
	for (size_t i = 0; i < FAULT_STATE_COUNT; i++) {
		char *labels;

		/* Two are always there, so that there is something to add up. */
		if (row->faults[i] == 0 && i != FAULT_INJECTED && i != FAULT_STUCK)
			continue;
		labels = meter_labels_with(row->row.labels, "state",
					   fault_state_name((enum fault_state)i), NULL, NULL);
		meter_count(&sheet->text, family, labels, row->faults[i]);
		free(labels);
	}
}

static void write_lease(struct meter_sheet *sheet, const struct meter_family *family,
			const struct meter_environment *row)
{
	if (row->lease_wall_ms != 0)
		meter_seconds(&sheet->text, family, row->row.labels,
			      row->lease_wall_ms - sheet->now->now_wall_ms);
}

static void write_gaps(struct meter_sheet *sheet, const struct meter_family *family,
		       const struct meter_environment *row)
{
	meter_count(&sheet->text, family, row->row.labels, row->gaps);
}

static void write_oldest_gap(struct meter_sheet *sheet, const struct meter_family *family,
			     const struct meter_environment *row)
{
	if (row->gap_wall_ms != 0)
		meter_seconds(&sheet->text, family, row->row.labels, row->gap_wall_ms);
}

static const struct {
	struct meter_family family;
	void (*write)(struct meter_sheet *sheet, const struct meter_family *family,
		      const struct meter_environment *row);
} of_environments[] = {
    {{"firedrill_faults_in_place", METER_GAUGE, NULL,
      "Faults that are, or may be, in place; stuck: people are needed."},
     write_faults},
    {{"firedrill_fault_lease_remaining_seconds", METER_GAUGE, "seconds",
      "Until the first fault must be gone; less than 0: overdue. No sample: no fault."},
     write_lease},
    {{"firedrill_open_gaps", METER_GAUGE, NULL, "Gaps that are confirmed and not closed."},
     write_gaps},
    {{"firedrill_oldest_gap_timestamp_seconds", METER_GAUGE, "seconds",
      "When the oldest open gap was found. No sample: none is open."},
     write_oldest_gap},
};

static void write_environments(struct meter_sheet *sheet)
{
	for (size_t i = 0; i < sizeof of_environments / sizeof *of_environments; i++) {
		meter_begin(&sheet->text, &of_environments[i].family);
		for (size_t k = 0; k < sheet->environments.count; k++)
			of_environments[i].write(
			    sheet, &of_environments[i].family,
			    (const struct meter_environment *)(void *)sheet->environments.rows[k]);
	}
}

static void write_findings(struct meter_sheet *sheet)
{
	static const struct meter_family family = {
	    "firedrill_findings", METER_COUNTER, NULL,
	    "What became of expected alerts since the start."};
	const struct meter_table *findings = &sheet->meter->findings;

	meter_begin(&sheet->text, &family);
	for (size_t i = 0; i < findings->count; i++) {
		const struct meter_findings *row =
		    (const struct meter_findings *)(void *)findings->rows[i];

		for (size_t k = 0; k < FINDING_COUNT; k++) {
			char *labels = meter_labels_with(row->row.labels, "finding",
							 finding_name((enum finding)k), NULL, NULL);

			meter_count(&sheet->text, &family, labels, row->counts[k]);
			free(labels);
		}
	}
}

void meter_write_environments(struct meter_sheet *sheet)
{
	sheet->environments = (struct meter_table){.row_size = sizeof(struct meter_environment),
						   .limit = ENVIRONMENTS};
	gather_environments(sheet);
	write_environments(sheet);
	write_findings(sheet);
	meter_table_done(&sheet->environments);
}
