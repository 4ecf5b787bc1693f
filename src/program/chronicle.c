/* Writes drills that are over into the history. */
#include "src/program/chronicle.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/base/mem.h"
#include "src/program/chronicle_begun.h"
#include "src/program/chronicle_entry.h"
#include "src/store/history.h"

#define LAST_WAIT_MS 2000  /* for another process that writes, once all drills are over */
#define WAITING_MAX  10000 /* drills that are kept to be written later ... */
#define WAITING_BYTES \
	(16 << 20) /* ... and of their texts, before the evidence of more is dropped ... */
#define WAITING_TOTAL (32 << 20) /* ... and before more are not kept at all */

struct chronicle {
	char *state; /* owned; the ledger's path */
	struct history_limits limits;
	struct history *history;       /* owned; NULL: it could not be opened */
	struct chronicle_entry *first; /* owned; oldest first */
	struct chronicle_entry **end;
	size_t waiting, bytes;
	size_t lost; /* drills that are in no history */
	struct chronicle_begun_list begun;
	struct error error;
	char *trouble; /* owned; NULL: none */
};

static void set_trouble(struct chronicle *chronicle)
{
	size_t count = chronicle->waiting + chronicle->lost;

	free(chronicle->trouble);
	chronicle->trouble = NULL;
	if (count > 0)
		chronicle->trouble =
		    mem_printf("%zu drill%s not in the history: %s", count,
			       count == 1 ? " is" : "s are", chronicle->error.text);
	else if (chronicle->history == NULL)
		chronicle->trouble = mem_dup(chronicle->error.text);
}

/* What waits. */

static void keep(struct chronicle *chronicle, struct chronicle_entry *entry)
{
	bool first = chronicle->waiting == 0;

	if (!first && chronicle->bytes + entry->bytes > WAITING_BYTES)
		chronicle_entry_strip(entry);
	if (chronicle->waiting == WAITING_MAX ||
	    (!first && chronicle->bytes + entry->bytes > WAITING_TOTAL)) {
		chronicle->lost++;
		chronicle_entry_free(entry);
		return;
	}
	*chronicle->end = entry;
	chronicle->end = &entry->next;
	chronicle->waiting++;
	chronicle->bytes += entry->bytes;
}

static void drop_first(struct chronicle *chronicle)
{
	struct chronicle_entry *entry = chronicle->first;

	chronicle_begun_drop(&chronicle->begun, entry->drill.drill);
	chronicle->first = entry->next;
	if (chronicle->first == NULL)
		chronicle->end = &chronicle->first;
	chronicle->waiting--;
	chronicle->bytes -= entry->bytes;
	chronicle_entry_free(entry);
}

/* In the order in which they ended, until one has to wait. */
static void write_waiting(struct chronicle *chronicle, int64_t wait_ms)
{
	while (
	    chronicle->history != NULL && chronicle->first != NULL &&
	    history_add(chronicle->history, &chronicle->first->drill, wait_ms, &chronicle->error))
		drop_first(chronicle);
	if (chronicle->history != NULL)
		chronicle_begun_write(&chronicle->begun, chronicle->history);
	set_trouble(chronicle);
}

static void open_history(struct chronicle *chronicle)
{
	if (chronicle->history == NULL)
		chronicle->history =
		    history_open(chronicle->state, &chronicle->limits, &chronicle->error);
}

/* Drills run meanwhile: whoever keeps the history for itself must not hold them up. */
static void open_history_at_once(struct chronicle *chronicle)
{
	if (chronicle->history == NULL)
		chronicle->history =
		    history_open_at_once(chronicle->state, &chronicle->limits, &chronicle->error);
}

/* For all. */

struct chronicle *chronicle_open(struct app *app)
{
	struct chronicle *chronicle = mem_zalloc(sizeof *chronicle);

	chronicle->state = mem_dup(app_config(app)->state);
	chronicle->limits = (struct history_limits){.keep_ms = app_config(app)->history.keep_ms,
						    .bytes = HISTORY_BYTES};
	chronicle->end = &chronicle->first;
	open_history(chronicle);
	set_trouble(chronicle);
	return chronicle;
}

struct history *chronicle_history(struct chronicle *chronicle)
{
	return chronicle->history;
}

const char *chronicle_trouble(const struct chronicle *chronicle)
{
	return chronicle->trouble;
}

void chronicle_begin(struct chronicle *chronicle, const struct drill_record *record)
{
	chronicle_begun_add(&chronicle->begun, record);
	write_waiting(chronicle, 0);
}

bool chronicle_knows(const struct chronicle *chronicle, const char *drill)
{
	return chronicle_begun_has(&chronicle->begun, drill);
}

void chronicle_add(struct chronicle *chronicle, const struct drill_record *record,
		   const struct secrets *secrets, const char *log)
{
	chronicle_begun_end(&chronicle->begun, record->id);
	keep(chronicle, chronicle_entry_new(record, secrets, log));
	write_waiting(chronicle, 0);
}

void chronicle_write(struct chronicle *chronicle)
{
	open_history_at_once(chronicle);
	write_waiting(chronicle, 0);
}

void chronicle_close(struct chronicle *chronicle)
{
	if (chronicle->first != NULL) {
		open_history(chronicle);
		write_waiting(chronicle, LAST_WAIT_MS);
	}
	if (chronicle->waiting + chronicle->lost > 0)
		(void)fprintf(stderr, "firedrill: %s\n", chronicle->trouble);
	while (chronicle->first != NULL)
		drop_first(chronicle);
	chronicle_begun_done(&chronicle->begun);
	history_close(chronicle->history);
	free(chronicle->trouble);
	free(chronicle->state);
	free(chronicle);
}
