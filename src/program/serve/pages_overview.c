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

struct gathering {
	const struct pages_sources *sources;
	const struct page_frame *frame;
	struct pages_table table; /* owned */
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

/* What became of it. */

static bool on_last(void *arg, const struct history_last *last)
{
	struct page_cell *cell = pages_table_cell(arg, last->scenario, last->environment);

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
	struct page_cell *cell = pages_table_cell(arg, gap->scenario, gap->environment);

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
	if (!history_visit_last(history, on_last, &gathering->table, &error) ||
	    !history_visit_gaps(history, on_gap, &gathering->table, &error) ||
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

/* How many rows, from the first on, are shown. */
static size_t choose_rows(struct gathering *gathering, bool only_open)
{
	size_t count = gathering->table.row_count, open;

	if (count <= ROWS_MOST && !only_open)
		return count;
	open = pages_table_needs_first(&gathering->table);
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
	pages_table_done(&gathering->table);
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

	pages_table_fill(&gathering.table, sources, environment);
	gather_standing(&gathering);
	gather_unwritten(&gathering);
	gather_history(&gathering, &lines, environment);
	shown_count = choose_rows(&gathering, only_open);
	page_overview(ret_html, frame,
		      &(struct page_overview){
			  .environments = gathering.table.names,
			  .protected_ = gathering.table.protected_,
			  .environment_count = gathering.table.environment_count,
			  .rows = gathering.table.rows,
			  .row_count = gathering.table.row_count,
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
