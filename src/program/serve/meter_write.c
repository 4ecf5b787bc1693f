/* What `/metrics` says. */
#include "src/program/serve/meter.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/program/serve/meter_parts.h"

typedef void place_fn(struct meter_sheet *sheet, const struct meter_family *family,
		      const struct meter_place *place);

/* The whole. */

static void write_one(struct meter_sheet *sheet, const struct meter_family *family, uint64_t value)
{
	meter_begin(&sheet->text, family);
	meter_count(&sheet->text, family, NULL, value);
}

static void write_whole(struct meter_sheet *sheet)
{
	static const struct meter_family
	    build = {"firedrill_build", METER_INFO, NULL, "The version of firedrill."},
	    halted = {"firedrill_halted", METER_GAUGE, NULL, "Whether all drills are halted (1)."},
	    lost =
		{"firedrill_ledger_lost", METER_GAUGE, NULL,
		 "Whether the ledger was moved or removed, or cannot be read (1): no drill begins."},
	    running = {"firedrill_drills_running", METER_GAUGE, NULL, "Drills that run now."},
	    waiting = {"firedrill_drills_waiting", METER_GAUGE, NULL,
		       "Drills that are due and wait for others."},
	    loaded = {"firedrill_config_last_reload_successful", METER_GAUGE, NULL,
		      "Whether the last reload was taken over (1)."},
	    when = {"firedrill_config_last_reload_timestamp_seconds", METER_GAUGE, "seconds",
		    "When the configuration in force was loaded."};
	const struct meter_now *now = sheet->now;

	meter_begin(&sheet->text, &build);
	meter_count(&sheet->text, &build, "version=\"" FIREDRILL_VERSION "\"", 1);
	write_one(sheet, &halted, now->halted);
	write_one(sheet, &lost, now->ledger_lost);
	write_one(sheet, &running, now->running);
	write_one(sheet, &waiting, now->waiting);
	write_one(sheet, &loaded, !now->reload_failed);
	meter_begin(&sheet->text, &when);
	meter_seconds(&sheet->text, &when, NULL, now->loaded_wall_ms);
}

/* Scenarios in environments. */

/* From nothing on, so that the first one is seen as a rise: what a schedule brings. All that may come
 * would be too much for thousands of scenarios. */
static bool is_awaited(const struct meter_place *place, enum verdict verdict, enum origin origin)
{
	return place->planned && place->next_wall_ms >= 0 && origin == ORIGIN_SCHEDULE &&
	       (verdict == VERDICT_PASS || verdict == VERDICT_GAP ||
		verdict == VERDICT_INCONCLUSIVE);
}

static void write_drills(struct meter_sheet *sheet, const struct meter_family *family,
			 const struct meter_place *place)
{
	for (size_t i = 0; i < VERDICT_COUNT; i++) {
		for (size_t k = 0; k < ORIGIN_COUNT; k++) {
			char *labels;

			if (place->drills[i][k] == 0 &&
			    !is_awaited(place, (enum verdict)i, (enum origin)k))
				continue;
			labels = meter_labels_with(place->row.labels, "verdict",
						   verdict_name((enum verdict)i), "origin",
						   origin_name((enum origin)k));
			meter_count(&sheet->text, family, labels, place->drills[i][k]);
			free(labels);
		}
	}
}

static void write_verdict(struct meter_sheet *sheet, const struct meter_family *family,
			  const struct meter_place *place)
{
	char *labels;

	if (place->verdict < 0 || !(place->planned || place->ran))
		return;
	labels = meter_labels_with(place->row.labels, "verdict",
				   verdict_name((enum verdict)place->verdict), NULL, NULL);
	meter_count(&sheet->text, family, labels, 1);
	free(labels);
}

static void write_last(struct meter_sheet *sheet, const struct meter_family *family,
		       const struct meter_place *place)
{
	if (place->last_wall_ms > 0 && (place->planned || place->ran))
		meter_seconds(&sheet->text, family, place->row.labels, place->last_wall_ms);
}

static void write_passed(struct meter_sheet *sheet, const struct meter_family *family,
			 const struct meter_place *place)
{
	if (place->passed_wall_ms > 0 && (place->planned || place->ran))
		meter_seconds(&sheet->text, family, place->row.labels, place->passed_wall_ms);
}

static void write_next(struct meter_sheet *sheet, const struct meter_family *family,
		       const struct meter_place *place)
{
	if (place->planned && place->next_wall_ms >= 0)
		meter_seconds(&sheet->text, family, place->row.labels, place->next_wall_ms);
}

static void write_missed(struct meter_sheet *sheet, const struct meter_family *family,
			 const struct meter_place *place)
{
	/* From nothing on, so that the first one is seen as a rise. */
	if (place->missed > 0 || (place->planned && place->next_wall_ms >= 0))
		meter_count(&sheet->text, family, place->row.labels, place->missed);
}

static const struct {
	struct meter_family family;
	place_fn *write;
} of_places[] = {
    {{"firedrill_drills", METER_COUNTER, NULL, "Drills that ended since the start."}, write_drills},
    {{"firedrill_last_verdict", METER_GAUGE, NULL,
      "What became of the last drill: 1 for its verdict; other verdicts have no sample."},
     write_verdict},
    {{"firedrill_last_drill_timestamp_seconds", METER_GAUGE, "seconds",
      "When the last drill ended."},
     write_last},
    {{"firedrill_last_pass_timestamp_seconds", METER_GAUGE, "seconds",
      "The time of proof: when the last drill ended that passed. No sample: never."},
     write_passed},
    {{"firedrill_next_run_timestamp_seconds", METER_GAUGE, "seconds",
      "When the schedule has the next drill. No sample: only by hand."},
     write_next},
    {{"firedrill_missed_starts", METER_COUNTER, NULL,
      "Starts of the schedule that were skipped since the start."},
     write_missed},
};

static void write_places(struct meter_sheet *sheet)
{
	struct meter_table *places = &sheet->meter->places;

	for (size_t i = 0; i < sizeof of_places / sizeof *of_places; i++) {
		meter_begin(&sheet->text, &of_places[i].family);
		for (size_t k = 0; k < places->count; k++)
			of_places[i].write(sheet, &of_places[i].family,
					   (const struct meter_place *)(void *)places->rows[k]);
	}
}

/* What is planned now. */
static void mark_planned(struct meter_sheet *sheet)
{
	struct meter *meter = sheet->meter;

	for (size_t i = 0; i < meter->places.count; i++)
		((struct meter_place *)(void *)meter->places.rows[i])->planned = false;
	for (size_t i = 0; i < sheet->now->next_count; i++) {
		const struct meter_next *next = &sheet->now->next[i];
		struct meter_place *place =
		    meter_place_of(meter, next->scenario, next->environment);

		place->planned = true;
		place->next_wall_ms = next->wall_ms;
	}
}

/* How long alerts take. */

static void add_sample(struct buf *out, const struct meter_family *family, const char *suffix,
		       const char *labels)
{
	buf_adds(out, family->name);
	buf_adds(out, suffix);
	buf_adds(out, "{");
	buf_adds(out, labels);
}

static void write_bucket(const struct meter_text *text, const struct meter_family *family,
			 const struct meter_histogram *row, size_t i, uint64_t count)
{
	struct buf *out = text->out;

	add_sample(out, family, "_bucket", row->row.labels);
	buf_adds(out, ",le=\"");
	if (i < METER_BUCKETS - 1) {
		meter_add_number(out, (uint64_t)meter_bounds_ms[i] / 1000);
		buf_adds(out, meter_bounds_ms[i] % 1000 == 500 ? ".5" : ".0");
	} else {
		buf_adds(out, "+Inf");
	}
	buf_adds(out, "\"} ");
	meter_add_number(out, count);
	if (text->open_metrics && row->last[i].drill[0] != '\0') {
		buf_addf(out, " # {drill=\"%s\"} ", row->last[i].drill);
		meter_add_seconds(out, row->last[i].latency_ms);
		buf_adds(out, " ");
		meter_add_seconds(out, row->last[i].wall_ms);
	}
	buf_adds(out, "\n");
}

static void write_histogram(const struct meter_text *text, const struct meter_family *family,
			    const struct meter_histogram *row)
{
	uint64_t count = 0;

	for (size_t i = 0; i < METER_BUCKETS; i++) {
		count += row->counts[i];
		write_bucket(text, family, row, i, count);
	}
	add_sample(text->out, family, "_sum", row->row.labels);
	buf_adds(text->out, "} ");
	meter_add_seconds(text->out, row->sum_ms);
	buf_adds(text->out, "\n");
	add_sample(text->out, family, "_count", row->row.labels);
	buf_adds(text->out, "} ");
	meter_add_number(text->out, count);
	buf_adds(text->out, "\n");
}

static void write_histograms(struct meter_sheet *sheet)
{
	static const struct meter_family
	    deliveries = {"firedrill_delivery_latency_seconds", METER_HISTOGRAM, "seconds",
			  "From the fault to the alert in its channel."},
	    resolutions = {"firedrill_resolved_latency_seconds", METER_HISTOGRAM, "seconds",
			   "From the end of the fault to the end of the alert in its channel."};
	const struct meter_table *delivered = &sheet->meter->deliveries;
	const struct meter_table *resolved = &sheet->meter->resolutions;

	meter_begin(&sheet->text, &deliveries);
	for (size_t i = 0; i < delivered->count; i++)
		write_histogram(&sheet->text, &deliveries,
				(const struct meter_histogram *)(void *)delivered->rows[i]);
	meter_begin(&sheet->text, &resolutions);
	for (size_t i = 0; i < resolved->count; i++)
		write_histogram(&sheet->text, &resolutions,
				(const struct meter_histogram *)(void *)resolved->rows[i]);
}

/* Chats. */

static void write_chats(struct meter_sheet *sheet)
{
	static const struct meter_family reads = {"firedrill_chat_reads", METER_COUNTER, NULL,
						  "Requests that read a chat since the start."},
					 errors = {"firedrill_chat_read_errors", METER_COUNTER,
						   NULL,
						   "Reads of a chat that failed since the start."},
					 blind = {"firedrill_chat_blind_seconds", METER_COUNTER,
						  "seconds",
						  "Time of drills in which a channel could not "
						  "be read, since the start."};
	const struct meter *meter = sheet->meter;

	meter_begin(&sheet->text, &reads);
	for (size_t i = 0; i < meter->readers.count; i++)
		meter_count(&sheet->text, &reads, meter->readers.rows[i]->labels,
			    ((const struct meter_reader *)(void *)meter->readers.rows[i])->reads);
	meter_begin(&sheet->text, &errors);
	for (size_t i = 0; i < meter->readers.count; i++)
		meter_count(&sheet->text, &errors, meter->readers.rows[i]->labels,
			    ((const struct meter_reader *)(void *)meter->readers.rows[i])->errors);
	meter_begin(&sheet->text, &blind);
	for (size_t i = 0; i < meter->blind.count; i++)
		meter_seconds(&sheet->text, &blind, meter->blind.rows[i]->labels,
			      ((const struct meter_blind *)(void *)meter->blind.rows[i])->ms);
}

static void write_told(struct meter_sheet *sheet)
{
	static const struct meter_family family = {
	    "firedrill_reports", METER_COUNTER, NULL,
	    "Messages since the start: drill, its own report; chat, what is said aloud; second, the second path."};

	meter_begin(&sheet->text, &family);
	for (size_t i = 0; i < METER_PATHS; i++) {
		for (int delivered = 0; delivered < 2; delivered++) {
			char *labels = meter_labels_with("", "path", meter_paths[i], "result",
							 delivered ? "delivered" : "failed");

			meter_count(&sheet->text, &family, labels,
				    sheet->meter->told[i][delivered]);
			free(labels);
		}
	}
}

void meter_write(struct meter *meter, const struct meter_now *now, bool open_metrics,
		 struct buf *ret_text)
{
	struct meter_sheet sheet = {
	    .text = {.out = ret_text, .open_metrics = open_metrics},
	    .meter = meter,
	    .now = now,
	};

	mark_planned(&sheet);
	write_whole(&sheet);
	write_places(&sheet);
	write_histograms(&sheet);
	meter_write_environments(&sheet);
	write_chats(&sheet);
	write_told(&sheet);
	meter_write_process(meter, &sheet.text);
	meter_end(&sheet.text);
}
