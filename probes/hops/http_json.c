/* Any station that shows its alerts as JSON over HTTP: what stands at a path must hold every text
 * that the alert is recognised by. */
#include <stdlib.h>
#include <string.h>

#include "probes/hops/account.h"
#include "probes/hops/survey.h"
#include "scenarios/json_path.h"
#include "src/base/mem.h"

#define PART_BYTES  (512U << 10) /* of what is kept of an answer */
#define ALERT_BYTES 4096         /* of one thing at the path */
#define PART        "found"

/* Observing. */

struct following {
	struct survey_facts *facts; /* borrowed */
	cJSON *list;                /* borrowed */
	struct json_step steps[JSON_PATH_STEPS];
	size_t count;
};

static const cJSON *member_of(const cJSON *item, const struct json_step *step)
{
	const cJSON *child;

	if (!cJSON_IsObject(item))
		return NULL;
	cJSON_ArrayForEach(child, item)
	{
		if (strlen(child->string) == step->len &&
		    strncmp(child->string, step->name, step->len) == 0)
			return child;
	}
	return NULL;
}

static void follow(struct following *f, const cJSON *item, size_t at)
{
	const cJSON *child;

	for (; at < f->count && item != NULL; at++) {
		const struct json_step *step = &f->steps[at];

		if (step->kind == JSON_STEP_EVERY) {
			cJSON_ArrayForEach(child, item) follow(f, child, at + 1);
			return;
		}
		item = step->kind == JSON_STEP_NAME ? member_of(item, step)
		       : cJSON_IsArray(item)        ? cJSON_GetArrayItem(item, step->index)
						    : NULL;
	}
	if (item != NULL && !cJSON_IsNull(item)) {
		cJSON *member = survey_add_member(f->facts, f->list);

		if (member != NULL)
			survey_add_flat(f->facts, member, "text", item, ALERT_BYTES);
	}
}

/* Is there anything to look through? An answer without the list is another answer, or another
 * `path`; null is how Go programs write an empty one. */
static bool has_list(const struct following *f, const cJSON *item)
{
	size_t at = 0;

	for (; at < f->count && f->steps[at].kind != JSON_STEP_EVERY && item != NULL; at++)
		item = f->steps[at].kind == JSON_STEP_NAME
			   ? member_of(item, &f->steps[at])
			   : cJSON_GetArrayItem(item, f->steps[at].index);
	return at == f->count || cJSON_IsArray(item) || cJSON_IsObject(item) || cJSON_IsNull(item);
}

static bool read_found(struct survey_facts *facts, const cJSON *answer, cJSON *ret_object)
{
	struct following f = {.facts = facts, .list = cJSON_AddArrayToObject(ret_object, "list")};
	const char *path = facts->settings->path;

	f.count = path == NULL ? 0 : json_path_read(path, f.steps, NULL);
	if (f.count == 0 || !has_list(&f, answer))
		return error_set(&facts->problem,
				 "its answer has no list at %.100s: is `path` right?",
				 path != NULL ? path : "\"\"");
	follow(&f, answer, 0);
	return true;
}

static struct hop_op *observe(const struct hop_context *context,
			      const struct hop_settings *settings, hop_done_fn *done, void *arg)
{
	const struct survey_part part = {PART, settings->query != NULL ? settings->query : "",
					 PART_BYTES, read_found};

	return survey_start(context, settings, &part, 1, done, arg);
}

/* Explaining. */

/* What the alert looks like at one time. */
struct look {
	bool asked, cut;
	int count;          /* of all that is at the path */
	const char *match;  /* has every text; NULL */
	const char *nearly; /* has the alert's name, or a text, but not the id; NULL */
};

static bool is_near(const struct hop_want *want, const char *text)
{
	if (want->alert[0] != '\0' && strstr(text, want->alert) != NULL)
		return true;
	for (size_t i = 0; i < want->needle_count; i++) {
		if (strcmp(want->needles[i], want->drill) != 0 &&
		    strstr(text, want->needles[i]) != NULL)
			return true;
	}
	return false;
}

static struct look look_at(const struct account *account, enum hop_time time)
{
	const cJSON *part = account_part(account, time, PART), *item;
	struct look look = {.asked = part != NULL, .cut = survey_item(part, "cut") != NULL};

	cJSON_ArrayForEach(item, survey_item(part, "list"))
	{
		const char *text = survey_text(item, "text");

		look.count++;
		if (account_has_needles(account->want, text))
			look.match = text;
		else if (is_near(account->want, text))
			look.nearly = text;
	}
	return look;
}

static void tell_found(const struct account *account, enum hop hop, enum hop_time time,
		       const struct look *now, const struct look *before)
{
	struct buf evidence = {.limit = 1024};

	if (!account->want->has_nonce && (!before->asked || before->match != NULL)) {
		account_tell_not_asked(
		    account, hop,
		    before->asked ? "what matches was there before the fault, too, and carries no "
				    "drill id: nobody can tell whether this drill caused it"
				  : "something matches, but it carries no drill id, and it is not "
				    "known whether it was there before the fault");
		return;
	}
	buf_addf(&evidence, "%s, it shows ",
		 time == HOP_PEAK ? "when the watch ended" : "after the fault was taken out");
	account_add_quoted(&evidence, now->match);
	account_tell(account, hop, HOP_HAD_IT, 0, &evidence, NULL, NULL);
}

static void tell_missing(const struct account *account, enum hop hop, const struct look *now)
{
	const struct hop_want *want = account->want;
	struct buf evidence = {.limit = 1024};

	if (now->nearly != NULL && want->has_nonce && !account_has_id(want, now->nearly)) {
		buf_addf(&evidence,
			 "of %d things at %s one comes near, but does not carry %s: ", now->count,
			 account->settings->path, want->drill);
		account_add_quoted(&evidence, now->nearly);
		account_tell(account, hop, HOP_LACKED_IT, 0, &evidence,
			     "the drill id did not come this far: a rule or a template leaves out "
			     "the label or text that has it",
			     "keep the label that carries the drill id, or leave ${drill} out of "
			     "`match`");
		return;
	}
	buf_addf(&evidence, "%d things are at %s, and none has every text of `match`", now->count,
		 account->settings->path);
	if (now->nearly != NULL) {
		buf_adds(&evidence, "; the nearest is ");
		account_add_quoted(&evidence, now->nearly);
	}
	account_tell(account, hop, HOP_LACKED_IT, 0, &evidence,
		     now->count == 0 ? "nothing reached this station, or `path` does not fit its "
				       "answer"
				     : "the alert did not reach this station, or its texts differ",
		     "look at this station's answer while the fault is in place, and at the "
		     "station before it");
}

static void explain_it(const struct account *account, enum hop hop)
{
	struct look before = look_at(account, HOP_BEFORE), peak = look_at(account, HOP_PEAK),
		    after = look_at(account, HOP_AFTER);

	if (!peak.asked && !after.asked)
		account_tell_not_asked(account, hop, account_why_not(account, PART));
	else if (peak.match != NULL)
		tell_found(account, hop, HOP_PEAK, &peak, &before);
	else if (after.match != NULL)
		tell_found(account, hop, HOP_AFTER, &after, &before);
	else if (!peak.asked)
		account_tell_not_asked(account, hop,
				       "it was asked only after the fault was taken out, and shows "
				       "nothing then: it may have had it before");
	else if (peak.cut)
		account_tell_not_asked(account, hop,
				       "it shows more than can be looked at: narrow `query` or "
				       "`path` down");
	else
		tell_missing(account, hop, &peak);
}

static void explain(const struct hop_settings *settings, const struct hop_want *want,
		    const struct hop_observation *const observations[HOP_TIME_COUNT],
		    hop_tell_fn *tell, void *arg)
{
	struct account account;
	enum hop hop = HOP_RULE;

	if (settings->station == NULL || !hop_parse(settings->station, &hop))
		return;
	account_open(&account, settings, want, observations, tell, arg);
	explain_it(&account, hop);
	account_done(&account);
}

const struct hop_driver hop_http_json = {
    .type = "http-json", .observe = observe, .cancel = survey_cancel, .explain = explain};
