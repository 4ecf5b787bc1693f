/* Drills as JUnit XML, for CI. */
#include "reports/junit.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/past.h"
#include "reports/plain.h"
#include "reports/when.h"
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/words.h"

#define REPLACEMENT "\xef\xbf\xbd"

enum outcome { OUTCOME_PASS, OUTCOME_FAILURE, OUTCOME_ERROR, OUTCOME_SKIPPED, OUTCOME_COUNT };

static const char *const elements[] = {
    [OUTCOME_PASS] = NULL,
    [OUTCOME_FAILURE] = "failure",
    [OUTCOME_ERROR] = "error",
    [OUTCOME_SKIPPED] = "skipped",
};

/* One drill; all texts owned. */
struct junit_drill {
	char *drill, *scenario, *environment, *verdict, *type, *what, *details;
	enum outcome outcome;
	int64_t started_wall_ms, took_ms;
};

struct junit {
	struct junit_drill *drills; /* owned */
	size_t count;
};

/* XML. */

/* https://www.w3.org/TR/xml/#charsets */
static bool is_char(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0xd800) ||
	       (c >= 0xe000 && c < 0xfffe) || (c >= 0x10000 && c <= 0x10ffff);
}

/* A text or, in one line, the value of an attribute. '>' too: "]]>" may stand in no text. */
static void add_text(struct buf *xml, const char *text, bool attribute)
{
	uint32_t c;

	for (size_t size; *text != '\0'; text += size) {
		size = plain_next(text, &c);
		if (c == '&')
			buf_adds(xml, "&amp;");
		else if (c == '<')
			buf_adds(xml, "&lt;");
		else if (c == '>')
			buf_adds(xml, "&gt;");
		else if (c == '"' && attribute)
			buf_adds(xml, "&quot;");
		else if (c == '\r' || ((c == '\n' || c == '\t') && attribute))
			buf_addf(xml, "&#%u;", (unsigned int)c);
		else if (!is_char(c) || (size == 1 && c > 0x7f))
			buf_adds(xml, REPLACEMENT);
		else
			buf_add(xml, text, size);
	}
}

static void add_attribute(struct buf *xml, const char *name, const char *value)
{
	buf_addf(xml, " %s=\"", name);
	add_text(xml, value, true);
	buf_adds(xml, "\"");
}

static void add_seconds(struct buf *xml, int64_t ms)
{
	ms = ms > 0 ? ms : 0;
	buf_addf(xml, " time=\"%" PRId64 ".%03" PRId64 "\"", ms / 1000, ms % 1000);
}

/* Drills. */

static enum outcome outcome_of(const struct past *past)
{
	if (past->exit_code == EXIT_FAULT_LEFT)
		return OUTCOME_ERROR;
	if (strcmp(past->verdict, "pass") == 0 || strcmp(past->verdict, "flaky") == 0)
		return OUTCOME_PASS;
	if (strcmp(past->verdict, "gap") == 0)
		return OUTCOME_FAILURE;
	return strcmp(past->verdict, "refused") == 0 || strcmp(past->verdict, "aborted") == 0
		   ? OUTCOME_SKIPPED
		   : OUTCOME_ERROR;
}

static void add_line(struct buf *text, const char *label, const char *value)
{
	if (value != NULL && value[0] != '\0')
		buf_addf(text, "%s: %s\n", label, value);
}

/* What whoever looks at a red build needs. */
static char *details_of(const struct past *past)
{
	const cJSON *gap = past_object(past->report, "gap");
	const cJSON *entry = past_list(past->report, "expectations");
	struct buf text = {0};

	for (; entry != NULL; entry = entry->next) {
		const char *alert = past_text(entry, "alert"), *found = past_text(entry, "verdict");
		const char *channel = past_text(entry, "channel");

		buf_addf(&text, "%s in %s: %s", alert != NULL ? alert : "an alert",
			 channel != NULL ? channel : "the chat", found != NULL ? found : "unknown");
		if (past_text(entry, "text") != NULL)
			buf_addf(&text, ", %s", past_text(entry, "text"));
		if (past_ms(entry, "latency_ms") >= 0)
			buf_addf(&text, " (after %" PRId64 " ms)", past_ms(entry, "latency_ms"));
		buf_adds(&text, "\n");
		add_line(&text, "link", past_text(entry, "permalink"));
	}
	if (past_text(gap, "after") != NULL && past_text(gap, "before") != NULL)
		buf_addf(&text, "lost between %s and %s\n", past_text(gap, "after"),
			 past_text(gap, "before"));
	add_line(&text, "evidence", past_text(gap, "evidence"));
	add_line(&text, "likely cause", past_text(gap, "cause"));
	add_line(&text, "what to do", past_text(gap, "advice"));
	add_line(&text, "runbook", past_text(past->report, "runbook"));
	add_line(&text, "owner", past_text(past->report, "owner"));
	add_line(&text, "report", past_text(past->report, "report_permalink"));
	return buf_take(&text);
}

static char *type_of(const struct past *past)
{
	if (past->exit_code == EXIT_FAULT_LEFT)
		return mem_dup("fault-left");
	return mem_dup(past->reason[0] != '\0' ? past->reason : past->verdict);
}

void junit_add(struct junit *junit, const struct past *past)
{
	struct junit_drill drill = {
	    .drill = mem_dup(past->drill),
	    .scenario = mem_dup(past->scenario),
	    .environment = mem_dup(past->environment),
	    .verdict = mem_dup(past->verdict),
	    .type = type_of(past),
	    .details = details_of(past),
	    .outcome = outcome_of(past),
	    .started_wall_ms = past->started_wall_ms,
	    .took_ms = past->ended_wall_ms - past->started_wall_ms,
	};
	struct buf what = {0};

	if (past->exit_code == EXIT_FAULT_LEFT)
		buf_adds(&what, "FAULT NOT CONFIRMED REVERTED, see `firedrill status`; ");
	past_what(&what, past);
	drill.what = buf_take(&what);
	junit->drills = mem_grow(junit->drills, junit->count + 1, sizeof drill);
	junit->drills[junit->count++] = drill;
}

/* Suites and cases. */

/* By environment and scenario, the newest first. */
static int compare(const void *a, const void *b)
{
	const struct junit_drill *left = a, *right = b;
	int order = strcmp(left->environment, right->environment);

	if (order == 0)
		order = strcmp(left->scenario, right->scenario);
	if (order == 0)
		order = (left->started_wall_ms < right->started_wall_ms) -
			(left->started_wall_ms > right->started_wall_ms);
	return order;
}

static bool is_same_case(const struct junit_drill *a, const struct junit_drill *b)
{
	return strcmp(a->environment, b->environment) == 0 && strcmp(a->scenario, b->scenario) == 0;
}

/* How many drills belong to the case that begins here. */
static size_t case_length(const struct junit *junit, size_t from)
{
	size_t end = from + 1;

	while (end < junit->count && is_same_case(&junit->drills[from], &junit->drills[end]))
		end++;
	return end - from;
}

static void add_case(struct buf *xml, const struct junit_drill *drills, size_t count)
{
	const struct junit_drill *last = &drills[0];
	struct buf text = {0};

	buf_adds(xml, "  <testcase");
	add_attribute(xml, "name", last->scenario);
	add_attribute(xml, "classname", last->environment);
	add_seconds(xml, last->took_ms);
	buf_adds(xml, ">\n");
	if (last->outcome != OUTCOME_PASS) {
		buf_addf(xml, "   <%s", elements[last->outcome]);
		add_attribute(xml, "message", last->what);
		if (last->outcome != OUTCOME_SKIPPED)
			add_attribute(xml, "type", last->type);
		buf_adds(xml, ">");
		add_text(xml, last->details != NULL ? last->details : "", false);
		buf_addf(xml, "</%s>\n", elements[last->outcome]);
	}
	for (size_t i = 0; i < count; i++) {
		when_text(&text, drills[i].started_wall_ms);
		buf_addf(&text, " %s %s: %s\n", drills[i].drill, drills[i].verdict, drills[i].what);
	}
	buf_adds(xml, "   <system-out>");
	add_text(xml, buf_text(&text), false);
	buf_adds(xml, "</system-out>\n  </testcase>\n");
	buf_done(&text);
}

static void add_totals(struct buf *xml, const struct junit *junit, size_t from, size_t end)
{
	size_t counts[OUTCOME_COUNT] = {0}, cases = 0;
	int64_t took_ms = 0;

	for (size_t i = from; i < end; i += case_length(junit, i), cases++) {
		counts[junit->drills[i].outcome]++;
		took_ms += junit->drills[i].took_ms > 0 ? junit->drills[i].took_ms : 0;
	}
	buf_addf(xml, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"", cases,
		 counts[OUTCOME_FAILURE], counts[OUTCOME_ERROR], counts[OUTCOME_SKIPPED]);
	add_seconds(xml, took_ms);
}

/* When its first case began: "2026-11-21T10:00:00", in UTC and without saying so, as readers expect. */
static void add_timestamp(struct buf *xml, const struct junit *junit, size_t from, size_t end)
{
	int64_t first_ms = INT64_MAX;
	char text[32];

	for (size_t i = from; i < end; i += case_length(junit, i)) {
		if (junit->drills[i].started_wall_ms < first_ms)
			first_ms = junit->drills[i].started_wall_ms;
	}
	if (!when_rfc3339(first_ms, text, sizeof text))
		return;
	text[strlen("2026-11-21T10:00:00")] = '\0';
	add_attribute(xml, "timestamp", text);
}

static size_t add_suite(struct buf *xml, const struct junit *junit, size_t from)
{
	const char *environment = junit->drills[from].environment;
	size_t end = from;

	while (end < junit->count && strcmp(junit->drills[end].environment, environment) == 0)
		end++;
	buf_adds(xml, " <testsuite");
	add_attribute(xml, "name", environment);
	add_totals(xml, junit, from, end);
	add_timestamp(xml, junit, from, end);
	buf_adds(xml, ">\n");
	for (size_t i = from; i < end; i += case_length(junit, i))
		add_case(xml, &junit->drills[i], case_length(junit, i));
	buf_adds(xml, " </testsuite>\n");
	return end;
}

char *junit_text(struct junit *junit)
{
	struct buf xml = {0};

	if (junit->count > 1)
		qsort(junit->drills, junit->count, sizeof *junit->drills, compare);
	buf_adds(&xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	add_attribute(&xml, "name", "firedrill");
	add_totals(&xml, junit, 0, junit->count);
	buf_adds(&xml, ">\n");
	for (size_t i = 0; i < junit->count;)
		i = add_suite(&xml, junit, i);
	buf_adds(&xml, "</testsuites>\n");
	return buf_take(&xml);
}

struct junit *junit_new(void)
{
	return mem_zalloc(sizeof(struct junit));
}

void junit_free(struct junit *junit)
{
	if (junit == NULL)
		return;
	for (size_t i = 0; i < junit->count; i++) {
		struct junit_drill *drill = &junit->drills[i];

		free(drill->drill);
		free(drill->scenario);
		free(drill->environment);
		free(drill->verdict);
		free(drill->type);
		free(drill->what);
		free(drill->details);
	}
	free(junit->drills);
	free(junit);
}
