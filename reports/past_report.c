/* The whole story of one drill that is over. */
#include "reports/past_report.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "reports/past_table.h"
#include "reports/phrases.h"
#include "reports/when.h"
#include "src/base/mem.h"
#include "src/base/utf8.h"
#include "src/store/history.h"

#define LABEL_COLUMNS 18 /* as in reports/result.c */

struct writing {
	struct buf *buf;         /* borrowed */
	const struct view *view; /* borrowed */
	const struct past *past; /* borrowed */
};

/* Lines. */

static void labelled(const struct writing *writing, const char *name, enum ink ink,
		     const char *text)
{
	struct row row = row_start(writing->buf, writing->view, 0);

	if (text == NULL || text[0] == '\0')
		return;
	row_space(&row, 2);
	row_add(&row, INK_DIM, name);
	row_space(&row, row.used < LABEL_COLUMNS ? LABEL_COLUMNS - row.used : 1);
	row_paragraph(&row, LABEL_COLUMNS, ink, text);
}

/* The same for a text that is done with. */
static void labelled_take(const struct writing *writing, const char *name, enum ink ink,
			  struct buf *text)
{
	labelled(writing, name, ink, buf_text(text));
	buf_done(text);
}

static void marked(const struct writing *writing, enum mark mark, const char *name,
		   struct buf *text)
{
	struct row row = row_start(writing->buf, writing->view, 0);

	row_space(&row, 2);
	row_mark(&row, mark);
	row_space(&row, 1);
	row_add(&row, INK_NONE, name);
	row_space(&row, row.used < LABEL_COLUMNS ? LABEL_COLUMNS - row.used : 1);
	row_paragraph(&row, LABEL_COLUMNS, INK_NONE, buf_text(text));
	buf_done(text);
}

static void heading(const struct writing *writing, const char *text)
{
	struct row row = row_start(writing->buf, writing->view, 0);

	buf_adds(writing->buf, "\n");
	row_space(&row, 2);
	row_add(&row, INK_BOLD, text);
	buf_adds(writing->buf, "\n");
}

/* What became of it. */

static void add_title(const struct writing *writing)
{
	const struct past *past = writing->past;
	struct row row = row_start(writing->buf, writing->view, 0);
	int64_t took_ms = past->ended_wall_ms - past->started_wall_ms;
	struct buf text = {0};

	for (const char *c = past->verdict; *c != '\0'; c++)
		buf_addf(&text, "%c", toupper((unsigned char)*c));
	if (past->reason[0] != '\0')
		buf_addf(&text, " (%s)", past->reason);
	row_take(&row, past_ink(past->verdict), &text);
	row_space(&row, 2);
	row_add(&row, INK_BOLD, past->scenario);
	row_space(&row, 1);
	row_add(&row, INK_NONE, "in");
	row_space(&row, 1);
	row_add(&row, INK_BOLD, past->environment);
	row_space(&row, 2);
	row_add(&row, INK_DIM, past->drill);
	if (took_ms > 0) {
		row_space(&row, 2);
		phrase_span(&text, took_ms);
		row_take(&row, INK_DIM, &text);
	}
	buf_adds(writing->buf, "\n");
	row = row_start(writing->buf, writing->view, 0);
	row_space(&row, 2);
	past_what(&text, past);
	row_paragraph(&row, 2, INK_NONE, buf_text(&text));
	buf_done(&text);
	when_text(&text, past->started_wall_ms);
	buf_adds(&text, ", ");
	past_origin(&text, past);
	labelled_take(writing, "started", INK_NONE, &text);
}

static enum mark mark_of(const char *finding)
{
	if (strcmp(finding, "delivered") == 0 || strcmp(finding, "silent") == 0)
		return MARK_GOOD;
	return strcmp(finding, "unknown") == 0 ? MARK_UNSURE : MARK_BAD;
}

/* "QueueMissing in #ops within 90 s: came after 2.1 s; resolved: delivered after 900 ms". */
static void add_finding(const struct writing *writing, const cJSON *entry)
{
	const cJSON *resolved = past_object(entry, "resolved");
	const char *finding = past_text(entry, "verdict"), *said = past_text(entry, "text");
	const char *alert = past_text(entry, "alert"), *channel = past_text(entry, "channel");
	int64_t latency_ms = past_ms(entry, "latency_ms"), within_ms = past_ms(entry, "within_ms");
	struct buf text = {0};

	buf_addf(&text, "%s in %s", alert != NULL ? alert : "an alert",
		 channel != NULL ? channel : "the chat");
	if (within_ms >= 0) {
		buf_adds(&text, " within ");
		phrase_span(&text, within_ms);
	}
	if (said != NULL)
		buf_addf(&text, ": %s", said);
	if (latency_ms >= 0) {
		buf_adds(&text, ", after ");
		phrase_span(&text, latency_ms);
	}
	if (past_text(resolved, "verdict") != NULL)
		buf_addf(&text, "; its end: %s", past_text(resolved, "verdict"));
	if (past_ms(resolved, "latency_ms") >= 0) {
		buf_adds(&text, " after ");
		phrase_span(&text, past_ms(resolved, "latency_ms"));
	}
	finding = finding != NULL ? finding : "unknown";
	marked(writing, mark_of(finding), finding, &text);
	labelled(writing, "", INK_NONE, past_text(entry, "permalink"));
	labelled(writing, "", INK_NONE, past_text(resolved, "permalink"));
}

/* Without its report. */
static void add_kept_findings(const struct writing *writing)
{
	const struct history_drill *kept = writing->past->kept;

	for (size_t i = 0; kept != NULL && i < kept->expectation_count; i++) {
		const struct history_expectation *expect = &kept->expectations[i];
		struct buf text = {0};

		buf_addf(&text, "%s in %s", expect->alert, expect->channel);
		if (expect->latency_ms >= 0) {
			buf_adds(&text, " after ");
			phrase_span(&text, expect->latency_ms);
		}
		marked(writing, mark_of(expect->finding), expect->finding, &text);
	}
}

static enum mark mark_of_hop(const char *state)
{
	if (strcmp(state, "had-it") == 0)
		return MARK_GOOD;
	return strcmp(state, "lacked-it") == 0 ? MARK_BAD : MARK_UNSURE;
}

static void add_hops(const struct writing *writing)
{
	const cJSON *entry = past_list(writing->past->report, "hops");

	for (; entry != NULL; entry = entry->next) {
		const char *hop = past_text(entry, "hop"), *state = past_text(entry, "state");
		const char *name = past_text(entry, "name"), *said = past_text(entry, "evidence");
		struct buf text = {0};

		if (name == NULL || hop == NULL || state == NULL)
			continue;
		buf_addf(&text, "%s: %s", name, said != NULL ? said : state);
		marked(writing, mark_of_hop(state), hop, &text);
	}
}

static void add_gap(const struct writing *writing)
{
	const cJSON *gap = past_object(writing->past->report, "gap");
	const char *after = past_text(gap, "after"), *before = past_text(gap, "before");
	struct buf text = {0};

	if (after != NULL && before != NULL) {
		buf_addf(&text, "between %s and %s", after, before);
		if (past_text(gap, "evidence") != NULL)
			buf_addf(&text, ": %s", past_text(gap, "evidence"));
		labelled_take(writing, "lost", INK_RED, &text);
	}
	labelled(writing, "probes", INK_NONE, past_text(gap, "probes"));
	labelled(writing, "likely cause", INK_NONE, past_text(gap, "cause"));
	labelled(writing, "what to do", INK_BOLD, past_text(gap, "advice"));
}

static void add_fault(const struct writing *writing)
{
	const cJSON *report = writing->past->report, *fault = past_object(report, "fault");
	const char *kind = past_text(fault, "kind"), *via = past_text(fault, "via");
	const char *state = past_text(fault, "state");
	bool left = writing->past->exit_code == 3;
	struct buf text = {0};

	if (kind != NULL && via != NULL)
		buf_addf(&text, "%s via %s", kind, via);
	if (state != NULL)
		buf_addf(&text, ", %s%s", state, left ? " WHEN THE DRILL ENDED" : "");
	if (past_text(fault, "text") != NULL)
		buf_addf(&text, ": %s", past_text(fault, "text"));
	labelled_take(writing, "fault", left ? INK_RED : INK_NONE, &text);
	labelled(writing, "revert", INK_NONE, past_text(fault, "revert_text"));
	if (left)
		labelled(writing, "", INK_RED, "see `firedrill status` for what is left now");
	labelled(writing, "runbook", INK_NONE, past_text(report, "runbook"));
	labelled(writing, "owner", INK_NONE, past_text(report, "owner"));
	labelled(writing, "report", INK_NONE, past_text(report, "report_permalink"));
	labelled(writing, "report failed", INK_YELLOW, past_text(report, "report_problem"));
}

/* How it went. */

static void add_phases(const struct writing *writing)
{
	const cJSON *entry = past_list(writing->past->report, "phases");

	if (entry == NULL)
		return;
	heading(writing, "Phases");
	for (; entry != NULL; entry = entry->next) {
		const char *phase = past_text(entry, "phase");
		struct buf text = {0};

		if (phase == NULL || past_ms(entry, "at_ms") < 0)
			continue;
		buf_adds(&text, "after ");
		phrase_span(&text, past_ms(entry, "at_ms"));
		labelled_take(writing, phase, INK_NONE, &text);
	}
}

/* A foreign text line by line, each cleaned, behind a bar. */
static void add_quote(const struct writing *writing, const char *text)
{
	char *copy = mem_dup(text), *rest = copy, *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		struct row row = row_start(writing->buf, writing->view, 0);

		row_space(&row, 6);
		row_add(&row, INK_DIM, "|");
		row_space(&row, 1);
		row_paragraph(&row, 8, INK_NONE, line);
	}
	free(copy);
}

static bool is_kind(const struct history_evidence *evidence, const char *kind)
{
	return strcmp(evidence->kind, kind) == 0;
}

static void add_messages(const struct writing *writing)
{
	const struct history_drill *kept = writing->past->kept;
	bool first = true;

	for (size_t i = 0; kept != NULL && i < kept->evidence_count; i++) {
		const struct history_evidence *evidence = &kept->evidence[i];
		struct row row = row_start(writing->buf, writing->view, 0);
		struct buf text = {0};

		if (!is_kind(evidence, "message"))
			continue;
		if (first)
			heading(writing, "Messages as they were read");
		first = false;
		buf_addf(&text, "%s, ", evidence->source);
		when_text(&text, evidence->wall_ms);
		row_space(&row, 4);
		row_paragraph(&row, 4, INK_NONE, buf_text(&text));
		buf_done(&text);
		add_quote(writing, evidence->text);
	}
}

/* Stations are above, the log is for --log. */
static void add_rest(const struct writing *writing)
{
	const struct history_drill *kept = writing->past->kept;
	bool first = true, log = false;

	for (size_t i = 0; kept != NULL && i < kept->evidence_count; i++) {
		const struct history_evidence *evidence = &kept->evidence[i];
		bool shown = is_kind(evidence, "probe") || is_kind(evidence, "note") ||
			     (writing->past->report == NULL && !is_kind(evidence, "message") &&
			      !is_kind(evidence, "log"));

		log |= is_kind(evidence, "log");
		if (!shown)
			continue;
		if (first)
			heading(writing, "What else was seen");
		first = false;
		labelled(writing, evidence->source[0] != '\0' ? evidence->source : evidence->kind,
			 INK_NONE, evidence->text);
	}
	if (log) {
		struct buf text = {0};

		heading(writing, "Log");
		buf_addf(&text, "firedrill report %s --log", writing->past->drill);
		labelled_take(writing, "shown by", INK_NONE, &text);
	}
}

void past_report(struct buf *buf, const struct view *view, const struct past *past)
{
	const struct writing writing = {buf, view, past};
	const cJSON *entry = past_list(past->report, "expectations");

	add_title(&writing);
	if (past->report == NULL)
		add_kept_findings(&writing);
	for (; entry != NULL; entry = entry->next)
		add_finding(&writing, entry);
	add_hops(&writing);
	add_gap(&writing);
	add_fault(&writing);
	add_phases(&writing);
	add_messages(&writing);
	add_rest(&writing);
}

bool past_log(struct buf *buf, const struct past *past)
{
	const struct history_drill *kept = past->kept;
	bool any = false;

	for (size_t i = 0; kept != NULL && i < kept->evidence_count; i++) {
		char *copy = mem_dup(kept->evidence[i].text), *rest = copy, *line;

		while (is_kind(&kept->evidence[i], "log") && (line = strsep(&rest, "\n")) != NULL) {
			utf8_clean(line, strlen(line));
			if (line[0] != '\0')
				buf_addf(buf, "%s\n", line);
			any = true;
		}
		free(copy);
	}
	return any;
}
