/* What a drill did, event by event, out of its changing record. */
#include "src/program/drill_log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/program/logfmt.h"

#define END_BYTES (2 * LOGFMT_LINE_BYTES) /* room that is kept for the end */

/* A drill that runs, as far as it was told. */
struct entry {
	char id[ID_LEN + 1];
	enum phase phase;
	enum witnessed witnessed;
	enum fault_state state;
	enum stop stop;
	size_t *sightings; /* owned; told, of each expectation */
	size_t expect_count;
	struct buf text;    /* the lines */
	size_t left_out;    /* lines */
	struct entry *next; /* owned */
};

struct drill_log {
	const struct secrets *secrets; /* borrowed */
	drill_log_fn *told;
	void *arg;
	struct entry *first; /* owned */
};

static const char *const witnessed_names[] = {
    [WITNESS_NOT_ASKED] = "not-asked",
    [WITNESS_BITES] = "bites",
    [WITNESS_NO_EFFECT] = "no-effect",
    [WITNESS_UNKNOWN] = "unknown",
};

/* Telling and keeping. */

static void keep(struct entry *entry, enum log_level level, const struct drill_record *record,
		 const char *msg, const char *const *pairs, size_t limit)
{
	struct buf line = {0};
	char now[32];

	clock_rfc3339(clock_wall_ms(), now, sizeof now);
	logfmt_add(&line, "time", now);
	logfmt_add(&line, "level", log_level_name(level));
	logfmt_add(&line, "phase", phase_name(record->phase));
	logfmt_add(&line, "msg", msg);
	logfmt_add_all(&line, pairs);
	buf_adds(&line, "\n");
	if (entry->text.len + line.len <= limit)
		buf_add(&entry->text, line.data, line.len);
	else
		entry->left_out++;
	buf_done(&line);
}

static void tell(struct drill_log *log, struct entry *entry, enum log_level level,
		 const struct drill_record *record, const char *msg, const char *const *pairs)
{
	keep(entry, level, record, msg, pairs, DRILL_LOG_BYTES - END_BYTES);
	if (log->told != NULL)
		log->told(log->arg, level, record, msg, pairs);
}

/* "1234", or NULL for what never came. */
static const char *number(int64_t ms, char ret_text[24])
{
	if (ms < 0)
		return NULL;
	(void)snprintf(ret_text, 24, "%" PRId64, ms);
	return ret_text;
}

static const char *text_or_null(const char *text)
{
	return text != NULL && text[0] != '\0' ? text : NULL;
}

/* What is new in a record. */

static void tell_begun(struct drill_log *log, struct entry *entry,
		       const struct drill_record *record)
{
	const char *const pairs[] = {"origin",  origin_name(record->origin),
				     "kind",    kind_name(record->scenario->fault.kind),
				     "via",     via_name(record->scenario->fault.via),
				     "effect",  effect_name(record->effect),
				     "target",  text_or_null(record->target),
				     "repeats", text_or_null(record->repeats),
				     NULL};

	tell(log, entry, LEVEL_INFO, record, "drill begun", pairs);
}

static void tell_phase(struct drill_log *log, struct entry *entry,
		       const struct drill_record *record)
{
	if (entry->phase == record->phase)
		return;
	entry->phase = record->phase;
	if (record->phase != PHASE_DONE)
		tell(log, entry, LEVEL_DEBUG, record, "phase", NULL);
}

static void tell_fault(struct drill_log *log, struct entry *entry,
		       const struct drill_record *record)
{
	const struct evidence *evidence = &record->evidence;
	bool after = evidence->fault_state > FAULT_INJECTED;

	if (entry->witnessed != evidence->witnessed) {
		const char *const pairs[] = {"result", witnessed_names[evidence->witnessed],
					     "evidence", text_or_null(evidence->fault_text), NULL};

		entry->witnessed = evidence->witnessed;
		tell(log, entry, LEVEL_DEBUG, record, "witness", pairs);
	}
	if (entry->state != evidence->fault_state) {
		const char *const pairs[] = {
		    "fault", fault_state_name(evidence->fault_state), "evidence",
		    text_or_null(after ? evidence->revert_text : evidence->fault_text), NULL};

		entry->state = evidence->fault_state;
		tell(log, entry, entry->state == FAULT_STUCK ? LEVEL_ERROR : LEVEL_DEBUG, record,
		     "fault", pairs);
	}
}

static void tell_sighting(struct drill_log *log, struct entry *entry,
			  const struct drill_record *record, size_t expect, size_t at)
{
	const struct expectation *wanted = record->evidence.expect[expect].expect;
	const struct sighting *seen = &record->evidence.expect[expect].sightings[at];
	int64_t since_ms = record->evidence.injected_ms;
	char after[24];
	const char *const pairs[] = {
	    "alert",    wanted->alert,
	    "channel",  seen->channel != NULL ? seen->channel : wanted->channel,
	    "resolved", seen->resolved ? "yes" : "no",
	    "after_ms", since_ms > 0 ? number(seen->at_ms - since_ms, after) : NULL,
	    "lacks",    seen->lacks,
	    "text",     text_or_null(seen->text),
	    NULL};

	tell(log, entry, LEVEL_DEBUG, record, "message seen", pairs);
}

static void tell_sightings(struct drill_log *log, struct entry *entry,
			   const struct drill_record *record)
{
	for (size_t i = 0; i < entry->expect_count && i < record->evidence.expect_count; i++) {
		while (entry->sightings[i] < record->evidence.expect[i].sighting_count)
			tell_sighting(log, entry, record, i, entry->sightings[i]++);
	}
}

static void tell_stop(struct drill_log *log, struct entry *entry, const struct drill_record *record)
{
	const char *const pairs[] = {"why", text_or_null(record->evidence.stop_text), NULL};

	if (entry->stop == record->evidence.stop)
		return;
	entry->stop = record->evidence.stop;
	tell(log, entry, LEVEL_INFO, record, "drill stopped", pairs);
}

/* The end: told with the verdict; warnings and worse for what somebody must look at. */

static enum log_level level_of(const struct judgement *judgement)
{
	switch (judgement->verdict) {
	case VERDICT_PASS:
	case VERDICT_FLAKY:
	case VERDICT_REFUSED:
	case VERDICT_ABORTED:
		return judgement->exit_code == EXIT_FAULT_LEFT ? LEVEL_ERROR : LEVEL_INFO;
	case VERDICT_GAP:
	case VERDICT_INCONCLUSIVE:
		return judgement->exit_code == EXIT_FAULT_LEFT ? LEVEL_ERROR : LEVEL_WARN;
	case VERDICT_COUNT:
		break;
	}
	return LEVEL_ERROR;
}

static int64_t latency_of(const struct judgement *judgement)
{
	for (size_t i = 0; i < judgement->finding_count; i++) {
		if (judgement->findings[i].latency_ms >= 0)
			return judgement->findings[i].latency_ms;
	}
	return -1;
}

static void tell_end(struct drill_log *log, struct entry *entry, const struct drill_record *record)
{
	const struct judgement *judgement = &record->judgement;
	const struct gap *gap = &judgement->gap;
	char *where = gap->found ? mem_printf("%s>%s", gap->after, gap->before) : NULL;
	int64_t done_ms = record->phase_ms[PHASE_DONE];
	char code[24], latency[24], took[24], left_out[24];
	const char *const pairs[] = {
	    "verdict",
	    verdict_name(judgement->verdict),
	    "reason",
	    text_or_null(reason_name(judgement->reason)),
	    "exit_code",
	    number((int64_t)judgement->exit_code, code),
	    "fault",
	    fault_state_name(record->evidence.fault_state),
	    "latency_ms",
	    number(latency_of(judgement), latency),
	    "took_ms",
	    number(done_ms != TIME_NEVER ? done_ms - record->started_ms : -1, took),
	    "gap",
	    where,
	    "text",
	    text_or_null(judgement->text),
	    "report_problem",
	    record->report_problem,
	    "lines_left_out",
	    entry->left_out > 0 ? number((int64_t)entry->left_out, left_out) : NULL,
	    NULL};

	keep(entry, level_of(judgement), record, "drill over", pairs, DRILL_LOG_BYTES);
	if (log->told != NULL)
		log->told(log->arg, level_of(judgement), record, "drill over", pairs);
	free(where);
}

/* The drills. */

static struct entry **find(struct drill_log *log, const struct drill_record *record)
{
	struct entry **at = &log->first;

	while (*at != NULL && strcmp((*at)->id, record->id) != 0)
		at = &(*at)->next;
	return at;
}

static void entry_free(struct entry *entry)
{
	free(entry->sightings);
	buf_done(&entry->text);
	free(entry);
}

static struct entry *find_or_begin(struct drill_log *log, const struct drill_record *record)
{
	struct entry **at = find(log, record), *entry = *at;

	if (entry != NULL)
		return entry;
	entry = mem_zalloc(sizeof *entry);
	memcpy(entry->id, record->id, sizeof entry->id);
	entry->phase = PHASE_COUNT;
	entry->expect_count = record->evidence.expect_count;
	entry->sightings = mem_zalloc((entry->expect_count + 1) * sizeof *entry->sightings);
	*at = entry;
	tell_begun(log, entry, record);
	return entry;
}

struct drill_log *drill_log_new(const struct secrets *secrets, drill_log_fn *told, void *arg)
{
	struct drill_log *log = mem_zalloc(sizeof *log);

	*log = (struct drill_log){.secrets = secrets, .told = told, .arg = arg};
	return log;
}

void drill_log_free(struct drill_log *log)
{
	if (log == NULL)
		return;
	while (log->first != NULL) {
		struct entry *gone = log->first;

		log->first = gone->next;
		entry_free(gone);
	}
	free(log);
}

static struct entry *tell_news(struct drill_log *log, const struct drill_record *record)
{
	struct entry *entry = find_or_begin(log, record);

	tell_phase(log, entry, record);
	tell_stop(log, entry, record);
	tell_fault(log, entry, record);
	tell_sightings(log, entry, record);
	return entry;
}

void drill_log_changed(struct drill_log *log, const struct drill_record *record)
{
	(void)tell_news(log, record);
}

char *drill_log_take(struct drill_log *log, const struct drill_record *record)
{
	struct entry *entry = tell_news(log, record);
	char *text;

	tell_end(log, entry, record);
	*find(log, record) = entry->next;
	text = buf_take(&entry->text);
	secret_mask(log->secrets, text);
	entry_free(entry);
	return text;
}
