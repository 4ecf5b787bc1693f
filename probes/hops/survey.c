/* One observation of a station. */
#include "probes/hops/survey.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "probes/faults/text.h"
#include "probes/hops/fetch.h"
#include "probes/hops/rfc3339.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/id.h"
#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/base/utf8.h"

#define ANSWER_LIMIT (16U << 20) /* bytes of one answer */
#define BODY_SHOWN   80          /* bytes of what is no answer */
#define ROOM         16          /* bytes that JSON needs around a value */
#define FLAT_LIMIT   65536       /* bytes of a flattened item that are looked at */
#define IDS_KEPT     4           /* of drills, in one that is cut */

struct hop_op {
	const struct hop_context *context;   /* borrowed */
	const struct hop_settings *settings; /* borrowed */
	struct survey_asked {
		struct hop_op *op; /* borrowed: the one it belongs to */
		struct survey_part part;
		struct fetch *fetch; /* owned; NULL once answered */
	} asked[SURVEY_PARTS];
	size_t count, answered, failed;
	cJSON *facts; /* owned */
	char *error;  /* owned; the first one */
	int64_t started_wall_ms, ahead_ms;
	hop_done_fn *done;
	void *arg; /* borrowed, for done */
};

/* Adding facts. */

/* Is there room for a value of so many bytes below this key? */
static bool take_room(struct survey_facts *facts, const char *key, size_t len)
{
	size_t needed = len + strlen(key) + ROOM;

	if (needed > facts->left) {
		facts->cut = true;
		return false;
	}
	facts->left -= needed;
	return true;
}

/* Bytes of a text in JSON, where quotes and backslashes take two. */
static size_t written_len(const char *text)
{
	size_t len = 0;

	for (; *text != '\0'; text++)
		len += *text == '"' || *text == '\\' || *text == '\n' ? 2 : 1;
	return len;
}

/* Printable, line by line. */
static void clean_lines(char *text)
{
	for (char *line = text; line != NULL;) {
		char *end = strchr(line, '\n');

		text_clean(line, end == NULL ? strlen(line) : (size_t)(end - line));
		line = end == NULL ? NULL : end + 1;
	}
}

void survey_add_text(struct survey_facts *facts, cJSON *object, const char *key, const char *text,
		     size_t limit)
{
	char *copy = mem_dup(text);

	if (copy == NULL)
		return;
	secret_mask(facts->secrets, copy); /* before the cut could split one */
	copy[text_cut(copy, strlen(copy), limit)] = '\0';
	clean_lines(copy);
	if (take_room(facts, key, written_len(copy)))
		(void)cJSON_AddStringToObject(object, key, copy);
	free(copy);
}

void survey_add_number(struct survey_facts *facts, cJSON *object, const char *key, double number)
{
	if (isfinite(number) && take_room(facts, key, 24))
		(void)cJSON_AddNumberToObject(object, key, number);
}

void survey_add_time(struct survey_facts *facts, cJSON *object, const char *key,
		     const cJSON *rfc3339)
{
	const char *text = cJSON_GetStringValue(rfc3339);
	int64_t ms;

	if (text != NULL && rfc3339_read(text, &ms))
		survey_add_number(facts, object, key, (double)ms);
}

/* cJSON bounds how deep an answer is, and so this. */
static void flatten(struct buf *out, const cJSON *item, const char *name)
{
	const cJSON *child;

	if (out->full)
		return;
	if (cJSON_IsArray(item) || cJSON_IsObject(item)) {
		cJSON_ArrayForEach(child, item)
		    flatten(out, child, child->string != NULL ? child->string : name);
		return;
	}
	if (name != NULL)
		buf_addf(out, "%s=", name);
	if (cJSON_IsString(item))
		buf_adds(out, item->valuestring);
	else if (cJSON_IsNumber(item))
		buf_addf(out, "%.17g", item->valuedouble);
	else if (!cJSON_IsNull(item))
		buf_adds(out, cJSON_IsTrue(item) ? "true" : "false");
	buf_adds(out, "\n");
}

/* Ids of drills beyond the cut: they are what is looked for. */
static void keep_ids(struct buf *text, size_t limit)
{
	char ids[IDS_KEPT * (ID_LEN + 1) + 1] = "", *end = ids;
	const char *at = text->data + (limit < ID_LEN ? 0 : limit - ID_LEN), *id;

	for (int i = 0; i < IDS_KEPT; i++) {
		id = id_find(at, text->len - (size_t)(at - text->data));
		if (id == NULL)
			break;
		*end++ = '\n';
		memcpy(end, id, ID_LEN);
		end += ID_LEN;
		at = id + ID_LEN;
	}
	*end = '\0';
	text->len = utf8_cut(text->data, text->len, limit);
	text->data[text->len] = '\0';
	buf_adds(text, ids);
}

void survey_add_flat(struct survey_facts *facts, cJSON *object, const char *key, const cJSON *item,
		     size_t limit)
{
	struct buf text = {.limit = FLAT_LIMIT};

	flatten(&text, item, NULL);
	if (text.len > 0)
		secret_mask(facts->secrets, text.data); /* before the cut could split one */
	if (text.len > limit)
		keep_ids(&text, limit);
	survey_add_text(facts, object, key, buf_text(&text), limit + IDS_KEPT * (ID_LEN + 1));
	buf_done(&text);
}

cJSON *survey_add_member(struct survey_facts *facts, cJSON *list)
{
	cJSON *member;

	if (!take_room(facts, "", 0))
		return NULL;
	member = cJSON_CreateObject();
	(void)cJSON_AddItemToArray(list, member);
	return member;
}

const cJSON *survey_item(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

const char *survey_text(const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(survey_item(object, key));

	return text != NULL ? text : "";
}

const cJSON *survey_find(const cJSON *list, const char *key, const char *text)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		if (strcmp(survey_text(item, key), text) == 0)
			return item;
	}
	return NULL;
}

double survey_number(const cJSON *object, const char *key)
{
	const cJSON *item = survey_item(object, key);

	return cJSON_IsNumber(item) && isfinite(item->valuedouble) ? item->valuedouble : 0;
}

/* Reading the answers. */

static char *not_understood(const struct hop_op *op, const struct survey_asked *asked,
			    const struct fetch_answer *answer, const struct error *problem)
{
	struct buf text = {.limit = 512};
	const char *body = answer->body + strspn(answer->body, " \t\r\n");

	if (problem->text[0] != '\0')
		return mem_dup(problem->text);
	buf_addf(&text, "its answer about %s ", asked->part.name);
	if (*body == '<') {
		buf_adds(&text, "is a page for people: is `url` right, and are `headers` enough to "
				"get past a login?");
	} else {
		buf_addf(&text, "is not what type \"%s\" answers, ", op->settings->type);
		text_quote(&text, op->context->secrets, answer->body, answer->len, BODY_SHOWN);
		buf_adds(&text, ": is `url` right?");
	}
	return buf_take(&text);
}

/* The facts of one answer; NULL with an error that is owned by the caller. */
static cJSON *read_answer(const struct hop_op *op, const struct survey_asked *asked,
			  const struct fetch_answer *answer, char **ret_error)
{
	struct survey_facts facts = {
	    op->settings, op->context->secrets, asked->part.bytes, false, {""}};
	cJSON *object, *json;

	if (answer->body == NULL) {
		*ret_error = mem_dup(answer->error);
		return NULL;
	}
	json = cJSON_ParseWithLengthOpts(answer->body, answer->len + 1, NULL, true);
	object = cJSON_CreateObject();
	if (json == NULL || !asked->part.read(&facts, json, object)) {
		*ret_error = not_understood(op, asked, answer, &facts.problem);
		cJSON_Delete(object);
		object = NULL;
	} else if (facts.cut) {
		(void)cJSON_AddTrueToObject(object, "cut");
	}
	cJSON_Delete(json);
	return object;
}

static void finish(struct hop_op *op)
{
	hop_done_fn *done = op->done;
	void *arg = op->arg;
	int64_t now = clock_wall_ms();
	char *json = op->failed < op->count ? cJSON_PrintUnformatted(op->facts) : NULL;
	char *error = op->error;
	struct hop_observation observation = {
	    .json = json,
	    .error = json == NULL ? error : NULL,
	    .at_wall_ms = op->started_wall_ms + (now - op->started_wall_ms) / 2,
	    .ahead_ms = op->ahead_ms,
	    .requests = (int)op->count,
	};

	cJSON_Delete(op->facts);
	free(op);
	done(arg, &observation);
	free(json);
	free(error);
}

static void on_answer(void *arg, const struct fetch_answer *answer)
{
	struct survey_asked *asked = arg;
	struct hop_op *op = asked->op;
	char *error = NULL;
	cJSON *facts = read_answer(op, asked, answer, &error);

	asked->fetch = NULL;
	if (facts == NULL) {
		facts = cJSON_CreateObject();
		(void)cJSON_AddStringToObject(facts, "error", error);
		op->failed++;
		if (op->error == NULL)
			op->error = error;
		else
			free(error);
	}
	(void)cJSON_AddItemToObject(op->facts, asked->part.name, facts);
	if (answer->ahead_ms != 0)
		op->ahead_ms = answer->ahead_ms;
	if (++op->answered == op->count)
		finish(op);
}

struct hop_op *survey_start(const struct hop_context *context, const struct hop_settings *settings,
			    const struct survey_part *parts, size_t count, hop_done_fn *done,
			    void *arg)
{
	struct hop_op *op = mem_zalloc(sizeof *op);

	*op = (struct hop_op){.context = context,
			      .settings = settings,
			      .count = count,
			      .facts = cJSON_CreateObject(),
			      .started_wall_ms = clock_wall_ms(),
			      .done = done,
			      .arg = arg};
	for (size_t i = 0; i < count; i++) {
		struct fetch_ask ask = {.path = parts[i].path, .max_bytes = ANSWER_LIMIT};

		op->asked[i] = (struct survey_asked){.op = op, .part = parts[i]};
		op->asked[i].fetch = fetch_start(context, settings, &ask, on_answer, &op->asked[i]);
	}
	return op;
}

void survey_cancel(struct hop_op *op)
{
	if (op == NULL)
		return;
	for (size_t i = 0; i < op->count; i++)
		fetch_cancel(op->asked[i].fetch);
	cJSON_Delete(op->facts);
	free(op->error);
	free(op);
}
