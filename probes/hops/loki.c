/* Loki: did the log lines come that the alert's rule reads?
 * https://grafana.com/docs/loki/latest/reference/loki-http-api/ */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "probes/faults/call.h"
#include "probes/faults/text.h"
#include "probes/hops/account.h"
#include "probes/hops/survey.h"
#include "src/base/id.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

#define LINE_LIMIT   1000    /* lines of one answer; servers allow 5000 unless told otherwise */
#define WINDOW_MS    3600000 /* what is asked for: the last hour */
#define SLACK_MS     1000    /* by which a shipper's clock may be off */
#define LINES        "lines" /* the newest ones of the query */
#define LINES_BYTES  (500U << 10)
#define LINE_BYTES   300
#define MARKED       "marked" /* those with any drill's id */
#define MARKED_BYTES (400U << 10)
#define AROUND_BYTES 150 /* kept on each side of an id */

/* A text that every drill's id matches, put behind the query. */
#define MARKED_FILTER "\n|~ `fd-[a-z0-9]{8}`"

/* Observing. */

static int64_t ns_to_ms(const char *ns)
{
	size_t digits = strspn(ns, "0123456789");

	return digits == 0 || digits > 19 || ns[digits] != '\0' ? 0
								: strtoll(ns, NULL, 10) / 1000000;
}

/* A line, or what is around the id in a long one, with secrets masked before anything is cut. */
static void add_line(struct survey_facts *facts, cJSON *object, const char *line,
		     const char *labels)
{
	struct buf text = {0};
	char *masked;
	const char *id;
	size_t from = 0;

	buf_addf(&text, "%s %s", line, labels);
	masked = buf_take(&text);
	secret_mask(facts->secrets, masked);
	id = id_find(masked, strlen(masked));
	if (id != NULL && (size_t)(id - masked) > AROUND_BYTES)
		from = (size_t)(id - masked) - AROUND_BYTES;
	survey_add_text(facts, object, "text", masked + from, LINE_BYTES);
	free(masked);
}

static char *labels_of(const cJSON *stream)
{
	struct buf text = {.limit = 1000};
	const cJSON *label;

	buf_adds(&text, "{");
	cJSON_ArrayForEach(label, survey_item(stream, "stream"))
	{
		const char *value = cJSON_GetStringValue(label);

		buf_addf(&text, "%s%s=%s", text.len > 1 ? ", " : "", label->string,
			 value != NULL ? value : "");
	}
	buf_adds(&text, "}");
	return buf_take(&text);
}

static int read_stream(struct survey_facts *facts, const cJSON *stream, cJSON *list)
{
	char *labels = labels_of(stream);
	const cJSON *value;
	int count = 0;

	cJSON_ArrayForEach(value, survey_item(stream, "values"))
	{
		const char *ns = cJSON_GetStringValue(cJSON_GetArrayItem(value, 0));
		const char *line = cJSON_GetStringValue(cJSON_GetArrayItem(value, 1));
		cJSON *object;

		if (ns == NULL || line == NULL)
			continue;
		count++;
		object = survey_add_member(facts, list);
		if (object == NULL)
			continue;
		survey_add_number(facts, object, "ms", (double)ns_to_ms(ns));
		add_line(facts, object, line, labels);
	}
	free(labels);
	return count;
}

static bool read_lines(struct survey_facts *facts, const cJSON *answer, cJSON *ret_object)
{
	const cJSON *data = survey_item(answer, "data"), *stream;
	cJSON *list = cJSON_AddArrayToObject(ret_object, "list");
	const char *type = survey_text(data, "resultType");
	int count = 0;

	if (strcmp(type, "streams") != 0) {
		if (type[0] != '\0')
			(void)error_set(&facts->problem,
					"its `query` gives no log lines but numbers: write one "
					"that selects lines, such as {app=\"orders\"}");
		return false;
	}
	cJSON_ArrayForEach(stream, survey_item(data, "result")) count +=
	    read_stream(facts, stream, list);
	if (count >= LINE_LIMIT)
		(void)cJSON_AddTrueToObject(ret_object, "full");
	return true;
}

/* Without start and end it is the last hour by Loki's own clock, whichever that is. */
static char *path_for(const struct hop_settings *settings, const char *filter)
{
	struct buf path = {0};

	buf_addf(&path, "/loki/api/v1/query_range?since=1h&direction=backward&limit=%d&query=",
		 LINE_LIMIT);
	call_add_escaped(&path, settings->query != NULL ? settings->query : "");
	call_add_escaped(&path, filter);
	return buf_take(&path);
}

static struct hop_op *observe(const struct hop_context *context,
			      const struct hop_settings *settings, hop_done_fn *done, void *arg)
{
	char *all = path_for(settings, ""), *marked = path_for(settings, MARKED_FILTER);
	const struct survey_part parts[] = {{LINES, all, LINES_BYTES, read_lines},
					    {MARKED, marked, MARKED_BYTES, read_lines}};
	struct hop_op *op = survey_start(context, settings, parts, 2, done, arg);

	free(all);
	free(marked);
	return op;
}

/* Explaining. */

/* Lines with the drill's id, over all observations. */
struct marked {
	int count;
	int64_t first_ms; /* by our clock */
	const char *text; /* of the first one */
};

/* Lines of the query in the time of the fault, and in as much time before it. */
struct counted {
	int before, since;
	int64_t first_ms;           /* of those since, by our clock */
	const char *text;           /* of that one */
	bool all_before, all_since; /* were they all seen? */
};

static void find_marked(const struct account *account, enum hop_time time, const char *name,
			struct marked *found)
{
	const cJSON *line;
	int count = 0;

	cJSON_ArrayForEach(line, survey_item(account_part(account, time, name), "list"))
	{
		const char *text = survey_text(line, "text");
		int64_t ms = account_ms(account, time, survey_number(line, "ms"));

		if (!account_has_id(account->want, text))
			continue;
		count++;
		if (found->text == NULL || ms < found->first_ms) {
			found->first_ms = ms;
			found->text = text;
		}
	}
	if (count > found->count)
		found->count = count;
}

static struct counted count_lines(const struct account *account, enum hop_time time)
{
	const struct hop_want *want = account->want;
	const cJSON *part = account_part(account, time, LINES), *line;
	const struct account_time *at = &account->times[time];
	int64_t from = want->injected_wall_ms - SLACK_MS;
	int64_t to = want->reverted_wall_ms > 0 ? want->reverted_wall_ms : at->at_wall_ms;
	int64_t seen_from = at->at_wall_ms - WINDOW_MS, oldest = INT64_MAX;
	struct counted counted = {0};

	if (to < from)
		to = from;
	cJSON_ArrayForEach(line, survey_item(part, "list"))
	{
		int64_t ms = account_ms(account, time, survey_number(line, "ms"));

		if (ms < oldest)
			oldest = ms;
		if (ms >= from && ms <= to + SLACK_MS) {
			counted.since++;
			if (counted.text == NULL || ms < counted.first_ms) {
				counted.first_ms = ms;
				counted.text = survey_text(line, "text");
			}
		} else if (ms < from && ms >= from - (to - from)) {
			counted.before++;
		}
	}
	if (survey_item(part, "full") != NULL || survey_item(part, "cut") != NULL)
		seen_from = oldest;
	counted.all_since = seen_from <= from;
	counted.all_before = seen_from <= from - (to - from);
	return counted;
}

static void tell_marked(const struct account *account, enum hop hop, const struct marked *found)
{
	struct buf evidence = {.limit = 1024};

	buf_addf(&evidence, "%d log %s %s, the first ", found->count,
		 found->count == 1 ? "line carries" : "lines carry", account->want->drill);
	account_add_when(&evidence, account->want, found->first_ms);
	buf_adds(&evidence, ": ");
	account_add_quoted(&evidence, found->text);
	account_tell(account, hop, HOP_HAD_IT, found->first_ms, &evidence,
		     "the rule that reads these lines does not match them, or is not evaluated",
		     "compare the rule's query with the line");
}

/* There were lines, and none of them carries the id. */
static void tell_unmarked(const struct account *account, enum hop hop,
			  const struct counted *counted)
{
	const struct hop_want *want = account->want;
	struct buf evidence = {.limit = 1024};

	buf_addf(&evidence, "%d log lines match %.100s since the fault, ", counted->since,
		 account->settings->query != NULL ? account->settings->query : "");
	if (counted->before == 0 && counted->all_before) {
		buf_adds(&evidence, "none in as much time before it, the first ");
		account_add_when(&evidence, want, counted->first_ms);
		buf_adds(&evidence, ": ");
		account_add_quoted(&evidence, counted->text);
		if (want->has_nonce)
			buf_addf(&evidence, "; they do not carry %s", want->drill);
		account_tell(account, hop, HOP_HAD_IT, counted->first_ms, &evidence,
			     want->has_nonce ? "the lines do not carry the drill id, so no alert "
					       "made of them can"
					     : "the rule that reads these lines does not match "
					       "them, or is not evaluated",
			     want->has_nonce ? "log the id, or leave ${drill} out of `match`"
					     : "compare the rule's query with the line");
		return;
	}
	if (!want->has_nonce || !counted->all_since) {
		buf_addf(&evidence,
			 "%s%d in as much time before it: nobody can tell whether this "
			 "drill's are among them",
			 counted->all_before ? "" : "at least ", counted->before);
		account_tell(account, hop, HOP_NOT_ASKED, 0, &evidence, NULL, NULL);
		return;
	}
	buf_addf(&evidence, "and none carries %s", want->drill);
	account_tell(account, hop, HOP_LACKED_IT, 0, &evidence,
		     "the line was not written, not shipped, or does not carry the drill id",
		     "look at the service's own output and at the log shipper");
}

static void tell_nothing(const struct account *account, enum hop hop, const struct counted *counted)
{
	struct buf evidence = {.limit = 1024};

	buf_addf(&evidence,
		 "no log line matches %.200s since the fault; %d did in as much time before",
		 account->settings->query != NULL ? account->settings->query : "", counted->before);
	account_tell(account, hop, HOP_LACKED_IT, 0, &evidence,
		     "the line was not written or not shipped, or `query` does not select it",
		     "look at the service's own output, at the log shipper, and at the labels of "
		     "`query`");
}

static void explain_it(const struct account *account, enum hop hop)
{
	/* what came after the watch ended is in the later one, too */
	enum hop_time last = account_part(account, HOP_AFTER, LINES) != NULL ? HOP_AFTER : HOP_PEAK;
	struct marked marked = {0};
	struct counted counted;

	for (int time = HOP_PEAK; time < HOP_TIME_COUNT; time++) {
		find_marked(account, (enum hop_time)time, MARKED, &marked);
		find_marked(account, (enum hop_time)time, LINES, &marked);
	}
	if (marked.text != NULL) {
		tell_marked(account, hop, &marked);
		return;
	}
	if (account_part(account, last, LINES) == NULL) {
		account_tell_not_asked(account, hop, account_why_not(account, LINES));
		return;
	}
	counted = count_lines(account, last);
	if (counted.since > 0)
		tell_unmarked(account, hop, &counted);
	else if (counted.all_since)
		tell_nothing(account, hop, &counted);
	else
		account_tell_not_asked(account, hop,
				       "so many other lines came that the time of the fault could "
				       "not be seen: narrow `query` down to what the rule reads");
}

static void explain(const struct hop_settings *settings, const struct hop_want *want,
		    const struct hop_observation *const observations[HOP_TIME_COUNT],
		    hop_tell_fn *tell, void *arg)
{
	struct account account;
	enum hop hop = HOP_LOG;

	if (settings->station != NULL)
		(void)hop_parse(settings->station, &hop);
	account_open(&account, settings, want, observations, tell, arg);
	explain_it(&account, hop);
	account_done(&account);
}

const struct hop_driver hop_loki = {
    .type = "loki", .observe = observe, .cancel = survey_cancel, .explain = explain};
