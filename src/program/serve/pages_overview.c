/* Gathers what the overview shows. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/phrases.h"
#include "reports/status.h"
#include "scenarios/config.h"
#include "scenarios/load.h"
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/calendar/zone.h"
#include "src/program/serve/pages_parts.h"
#include "src/program/standing.h"
#include "src/store/history.h"

#define ROWS_MOST \
	400 /* scenarios in the table; those that need people come first when there are more */
#define LINES_SHOWN 40
#define DAY_MS      INT64_C(86400000)

struct texts_list {
	char **list; /* owned, and so is each */
	size_t count;
};

/* Rows in the order of the configuration; `sorted` leads to them by name. */
struct gathering {
	const struct pages_sources *sources;
	const struct page_frame *frame;
	const struct environment **environments; /* owned list */
	size_t environment_count;
	const char **names;
	bool *protected_;
	struct page_row *rows;   /* owned */
	struct page_cell *cells; /* owned; their texts too */
	size_t row_count;
	size_t *sorted; /* owned */
	struct texts_list notes, faults;
	char *halted;  /* owned */
	char *unknown; /* owned */
};

static void add_text(struct texts_list *texts, char *text)
{
	texts->list = mem_grow(texts->list, texts->count + 1, sizeof *texts->list);
	texts->list[texts->count++] = text;
}

static void texts_list_done(struct texts_list *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		free(texts->list[i]);
	free(texts->list);
}

/* The table without what became of it. */

static void gather_environments(struct gathering *gathering, const char *only)
{
	const struct config *config = app_config(gathering->sources->app);
	size_t most = config->environment_count + 1;

	gathering->environments = mem_grow(NULL, most, sizeof(struct environment *));
	gathering->names = mem_grow(NULL, most, sizeof *gathering->names);
	gathering->protected_ = mem_grow(NULL, most, sizeof *gathering->protected_);
	for (size_t i = 0; i < config->environment_count; i++) {
		const struct environment *environment = &config->environments[i];
		size_t n = gathering->environment_count;

		if (only != NULL && strcmp(only, environment->name) != 0)
			continue;
		gathering->environments[n] = environment;
		gathering->names[n] = environment->name;
		gathering->protected_[n] = environment->protected_;
		gathering->environment_count++;
	}
}

static int by_name(const void *a, const void *b, void *arg)
{
	const struct gathering *gathering = arg;
	const size_t *left = a, *right = b;

	return strcmp(gathering->rows[*left].scenario, gathering->rows[*right].scenario);
}

static void gather_cell(const struct gathering *gathering, const struct scenario *scenario,
			size_t column, struct page_cell *ret_cell)
{
	const struct pages_sources *sources = gathering->sources;
	const char *environment = gathering->names[column];
	const struct placement *placement = scenario_placement(scenario, environment);

	*ret_cell = (struct page_cell){.placed = placement != NULL, .next_wall_ms = -1};
	if (placement == NULL)
		return;
	if (sources->next_wall_ms != NULL && placement->schedule != NULL)
		ret_cell->next_wall_ms =
		    sources->next_wall_ms(sources->arg, scenario->name, environment);
	ret_cell->running = sources->is_running != NULL &&
			    sources->is_running(sources->arg, scenario->name, environment);
}

static void gather_rows(struct gathering *gathering)
{
	const struct scenario_list *scenarios = app_scenarios(gathering->sources->app);
	size_t columns = gathering->environment_count;

	gathering->rows = mem_grow(NULL, scenarios->count + 1, sizeof *gathering->rows);
	gathering->sorted = mem_grow(NULL, scenarios->count + 1, sizeof *gathering->sorted);
	gathering->cells = mem_grow(NULL, scenarios->count * columns + 1, sizeof *gathering->cells);
	for (size_t i = 0; i < scenarios->count; i++) {
		const struct scenario *scenario = scenarios->list[i];
		struct page_cell *cells = &gathering->cells[i * columns];

		gathering->rows[i] =
		    (struct page_row){scenario->name, scenario->summary, scenario->owner, cells};
		gathering->sorted[i] = i;
		for (size_t j = 0; j < columns; j++)
			gather_cell(gathering, scenario, j, &cells[j]);
	}
	gathering->row_count = scenarios->count;
	qsort_r(gathering->sorted, gathering->row_count, sizeof *gathering->sorted, by_name,
		gathering);
}

/* What became of it. */

static struct page_cell *find_cell(const struct gathering *gathering, const char *scenario,
				   const char *environment)
{
	size_t low = 0, high = gathering->row_count, column = 0;

	while (column < gathering->environment_count &&
	       strcmp(gathering->names[column], environment) != 0)
		column++;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		size_t row = gathering->sorted[middle];
		int order = strcmp(scenario, gathering->rows[row].scenario);

		if (order == 0)
			return column < gathering->environment_count
				   ? &gathering->cells[row * gathering->environment_count + column]
				   : NULL;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static bool on_last(void *arg, const struct history_last *last)
{
	struct page_cell *cell = find_cell(arg, last->scenario, last->environment);

	if (cell == NULL)
		return true;
	cell->verdict = mem_dup(last->verdict);
	cell->reason = mem_dup(last->reason);
	cell->drill = mem_dup(last->drill);
	cell->ended_wall_ms = last->ended_wall_ms;
	cell->passed_wall_ms = last->passed_wall_ms;
	return true;
}

/* What is not in the table any more is in the digest. */
static bool on_gap(void *arg, const struct history_gap *gap)
{
	struct page_cell *cell = find_cell(arg, gap->scenario, gap->environment);

	if (cell != NULL)
		cell->gap_wall_ms = gap->first_wall_ms;
	return true;
}

static bool on_missed(void *arg, const struct history_missed *missed)
{
	int64_t *count = arg;

	*count += missed->count;
	return true;
}

static void gather_history(struct gathering *gathering, struct pages_lines *lines,
			   const char *environment)
{
	struct history *history = gathering->sources->history;
	struct error error = {""};
	int64_t missed = 0;

	if (history == NULL) {
		add_text(&gathering->notes, mem_dup("What became of earlier drills is not known: "
						    "no history is open."));
		return;
	}
	if (!history_visit_last(history, on_last, gathering, &error) ||
	    !history_visit_gaps(history, on_gap, gathering, &error) ||
	    !pages_read_lines(history, NULL, environment, LINES_SHOWN, lines, &error) ||
	    !history_visit_missed(history, gathering->frame->now_wall_ms - DAY_MS, on_missed,
				  &missed, &error))
		add_text(&gathering->notes,
			 mem_printf("The history could not be read whole: %s", error.text));
	if (missed > 0)
		add_text(&gathering->notes,
			 mem_printf("%" PRId64 " scheduled start%s skipped in the last day; "
				    "`firedrill history` says why.",
				    missed, missed == 1 ? " was" : "s were"));
}

/* What is in place, and what holds firedrill back. */

/* "orders-bad-queue in production (fd-...) is stuck since 15 min: PUT ...; nobody works on it." */
static char *fault_sentence(const struct status *status, const struct status_fault *fault)
{
	enum status_standing standing = status_standing(status, fault);
	struct buf text = {0};

	buf_addf(&text, "%s in %s, drill %s, via %s: %s", fault->scenario, fault->environment,
		 fault->drill, status_via_name(fault), status_state_name(fault));
	if (fault->intended_wall_ms > 0 && fault->intended_wall_ms < status->now_wall_ms) {
		buf_adds(&text, ", put in ");
		phrase_span(&text, status->now_wall_ms - fault->intended_wall_ms);
		buf_adds(&text, " ago");
	}
	if (fault->target != NULL && fault->target[0] != '\0')
		buf_addf(&text, ". Target: %s", fault->target);
	if (fault->note != NULL && fault->note[0] != '\0')
		buf_addf(&text, ". Last seen: %s", fault->note);
	if (standing == STANDING_ASIDE)
		buf_addf(&text, ". Set aside by %s: %s", fault->ack_by, fault->ack_reason);
	else if (standing == STANDING_SETTLING || status->keeper)
		buf_adds(&text, ". firedrill works on it");
	else
		buf_addf(&text, ". Nobody works on it; `firedrill revert %s` tries to put it right",
			 fault->drill);
	return buf_take(&text);
}

static void gather_fault(struct gathering *gathering, const struct status *status,
			 const struct status_fault *fault)
{
	enum status_standing standing = status_standing(status, fault);

	if (standing == STANDING_RUNNING)
		return;
	add_text(standing == STANDING_ASIDE ? &gathering->notes : &gathering->faults,
		 fault_sentence(status, fault));
}

static void gather_unwritten(struct gathering *gathering)
{
	const struct pages_sources *sources = gathering->sources;
	const char *why = sources->unwritten != NULL ? sources->unwritten(sources->arg) : NULL;

	if (why != NULL && sources->history != NULL)
		add_text(&gathering->notes, mem_printf("Newer drills are missing here: %s", why));
}

static void gather_standing(struct gathering *gathering)
{
	struct status status = {0};
	struct error error = {""};
	char since[ZONE_TIME_SIZE];

	if (!standing_read(gathering->sources->app, &status, &error))
		gathering->unknown = mem_dup(error.text);
	if (status.halt_reason != NULL) {
		zone_format(gathering->frame->zone, status.halt_since_wall_ms, since);
		gathering->halted =
		    mem_printf("%s (by %s, since %s)", status.halt_reason, status.halt_by, since);
	}
	for (size_t i = 0; i < status.fault_count; i++)
		gather_fault(gathering, &status, &status.faults[i]);
	for (size_t i = 0; i < status.freeze_count; i++)
		add_text(&gathering->notes,
			 mem_printf("%s frozen: %s (%s)",
				    status.freezes[i].environment != NULL
					? status.freezes[i].environment
					: "everything",
				    status.freezes[i].reason, status.freezes[i].file));
	status_done(&status);
}

/* More than are shown: those that need people first. */

static bool needs_people(const struct gathering *gathering, const struct page_row *row)
{
	for (size_t i = 0; i < gathering->environment_count; i++) {
		const char *verdict = row->cells[i].verdict;

		if (row->cells[i].placed && verdict != NULL && strcmp(verdict, "pass") != 0)
			return true;
	}
	return false;
}

/* How many rows, from the first on, are shown. */
static size_t choose_rows(struct gathering *gathering, bool only_open)
{
	struct page_row *rows;
	size_t count = 0, open = 0;

	if (gathering->row_count <= ROWS_MOST && !only_open)
		return gathering->row_count;
	rows = mem_grow(NULL, gathering->row_count + 1, sizeof *rows);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < gathering->row_count; i++) {
			if (needs_people(gathering, &gathering->rows[i]) == (round == 0))
				rows[count++] = gathering->rows[i];
		}
		open = round == 0 ? count : open;
	}
	free(gathering->rows);
	gathering->rows = rows;
	count = only_open ? open : count;
	if (count <= ROWS_MOST)
		return count;
	add_text(&gathering->notes,
		 mem_printf("Shown are %d of %zu scenarios, those whose last drill did not pass "
			    "first.",
			    ROWS_MOST, count));
	return ROWS_MOST;
}

static void gathering_done(struct gathering *gathering)
{
	for (size_t i = 0; i < gathering->row_count * gathering->environment_count; i++) {
		free((char *)(uintptr_t)gathering->cells[i].verdict);
		free((char *)(uintptr_t)gathering->cells[i].reason);
		free((char *)(uintptr_t)gathering->cells[i].drill);
	}
	free(gathering->environments);
	free(gathering->names);
	free(gathering->protected_);
	free(gathering->rows);
	free(gathering->cells);
	free(gathering->sorted);
	free(gathering->halted);
	free(gathering->unknown);
	texts_list_done(&gathering->notes);
	texts_list_done(&gathering->faults);
}

static const char **list_choices(const struct config *config)
{
	const char **choices = mem_grow(NULL, config->environment_count + 1, sizeof *choices);

	for (size_t i = 0; i < config->environment_count; i++)
		choices[i] = config->environments[i].name;
	return choices;
}

void pages_write_overview(struct buf *ret_html, const struct page_frame *frame,
			  const struct pages_sources *sources, const char *environment,
			  bool only_open)
{
	const struct config *config = app_config(sources->app);
	struct gathering gathering = {.sources = sources, .frame = frame};
	struct pages_lines lines = {.count = 0};
	const char **choices = list_choices(config);
	size_t shown_count;

	gather_environments(&gathering, environment);
	gather_rows(&gathering);
	gather_standing(&gathering);
	gather_unwritten(&gathering);
	gather_history(&gathering, &lines, environment);
	shown_count = choose_rows(&gathering, only_open);
	page_overview(ret_html, frame,
		      &(struct page_overview){
			  .environments = gathering.names,
			  .protected_ = gathering.protected_,
			  .environment_count = gathering.environment_count,
			  .rows = gathering.rows,
			  .row_count = gathering.row_count,
			  .shown_count = shown_count,
			  .halted = gathering.halted,
			  .unknown = gathering.unknown,
			  .faults = (const char *const *)gathering.faults.list,
			  .fault_count = gathering.faults.count,
			  .notes = (const char *const *)gathering.notes.list,
			  .note_count = gathering.notes.count,
			  .choices = choices,
			  .choice_count = config->environment_count,
			  .chosen = environment,
			  .only_open = only_open,
			  .drills = lines.list,
			  .drill_count = lines.count,
		      });
	free(choices);
	pages_lines_done(&lines);
	gathering_done(&gathering);
}
