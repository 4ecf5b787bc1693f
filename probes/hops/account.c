/* What explaining needs. */
#include "probes/hops/account.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "probes/faults/text.h"
#include "probes/hops/survey.h"
#include "src/base/duration.h"
#include "src/base/mem.h"

#define QUOTED_LIMIT 200            /* bytes */
#define TIME_MAX     4102444800000. /* ms: the year 2100 */

void account_open(struct account *account, const struct hop_settings *settings,
		  const struct hop_want *want,
		  const struct hop_observation *const observations[HOP_TIME_COUNT],
		  hop_tell_fn *tell, void *arg)
{
	*account = (struct account){settings, want, tell, arg, {{0}}};
	for (int i = 0; i < HOP_TIME_COUNT; i++) {
		const struct hop_observation *observation = observations[i];
		struct account_time *time = &account->times[i];

		if (observation == NULL)
			continue;
		time->ahead_ms = observation->ahead_ms;
		time->at_wall_ms = observation->at_wall_ms;
		time->error = observation->error;
		if (observation->json != NULL)
			time->facts = cJSON_Parse(observation->json);
	}
}

void account_done(struct account *account)
{
	for (int i = 0; i < HOP_TIME_COUNT; i++)
		cJSON_Delete(account->times[i].facts);
}

const cJSON *account_part(const struct account *account, enum hop_time time, const char *part)
{
	const cJSON *facts = survey_item(account->times[time].facts, part);

	return cJSON_IsObject(facts) && survey_item(facts, "error") == NULL ? facts : NULL;
}

const char *account_why_not(const struct account *account, const char *part)
{
	static const enum hop_time order[] = {HOP_PEAK, HOP_AFTER};

	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		const struct account_time *time = &account->times[order[i]];
		const char *error = survey_text(survey_item(time->facts, part), "error");

		if (error[0] != '\0')
			return error;
		if (time->facts == NULL && time->error != NULL)
			return time->error;
	}
	return "it was not asked in this drill";
}

int64_t account_ms(const struct account *account, enum hop_time time, double told_ms)
{
	int64_t ms;

	if (told_ms <= 0 || told_ms > TIME_MAX)
		return 0;
	ms = (int64_t)told_ms - account->times[time].ahead_ms;
	return ms > 0 ? ms : 0;
}

bool account_must_have_had(const struct hop_want *want)
{
	return want->finding == FINDING_DUPLICATE || want->finding == FINDING_UNREADABLE ||
	       want->finding == FINDING_UNRESOLVED;
}

bool account_has_id(const struct hop_want *want, const char *text)
{
	return want->has_nonce && strstr(text, want->drill) != NULL;
}

bool account_has_needles(const struct hop_want *want, const char *text)
{
	for (size_t i = 0; i < want->needle_count; i++) {
		if (strstr(text, want->needles[i]) == NULL)
			return false;
	}
	return want->needle_count > 0;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* Does the name stand in the text, as a word of its own? */
static bool has_name(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = text; (at = strstr(at, name)) != NULL; at++) {
		if ((at == text || !is_word(at[-1])) && !is_word(at[len]))
			return true;
	}
	return false;
}

bool account_is_alert(const struct hop_want *want, const char *name)
{
	if (name[0] == '\0')
		return false;
	for (size_t i = 0; i < want->needle_count; i++) {
		if (has_name(want->needles[i], name))
			return true;
	}
	return has_name(want->alert, name);
}

void account_add_when(struct buf *text, const struct hop_want *want, int64_t wall_ms)
{
	int64_t since = wall_ms - want->injected_wall_ms;
	char length[32];

	duration_format(since < 0 ? -since : since, length, sizeof length);
	buf_addf(text, "%s %s the fault", length, since < 0 ? "before" : "after");
}

void account_add_quoted(struct buf *text, const char *quoted)
{
	text_quote(text, NULL, quoted, strlen(quoted), QUOTED_LIMIT);
}

void account_add_since_revert(struct buf *text, const struct account *account, enum hop_time time)
{
	int64_t since = account->times[time].at_wall_ms - account->want->reverted_wall_ms;
	char length[32];

	if (account->want->reverted_wall_ms == 0 || since < 0) {
		buf_adds(text, "when it was asked after the repair");
		return;
	}
	duration_format(since, length, sizeof length);
	buf_addf(text, "%s after the repair", length);
}

void account_tell_finding(const struct account *account, const struct hop_finding *finding,
			  struct buf *evidence)
{
	struct hop_finding whole = *finding;
	char *text = mem_dup(buf_text(evidence));

	text_clean(text, strlen(text));
	buf_done(evidence);
	whole.name = account->settings->name;
	whole.evidence = text;
	account->tell(account->arg, &whole);
	free(text);
}

void account_tell(const struct account *account, enum hop hop, enum hop_state state,
		  int64_t at_wall_ms, struct buf *evidence, const char *cause, const char *advice)
{
	const struct hop_finding finding = {
	    .hop = hop, .state = state, .at_wall_ms = at_wall_ms, .cause = cause, .advice = advice};

	account_tell_finding(account, &finding, evidence);
}

void account_tell_not_asked(const struct account *account, enum hop hop, const char *why)
{
	struct buf evidence = {.limit = 1024};

	buf_adds(&evidence, why);
	account_tell(account, hop, HOP_NOT_ASKED, 0, &evidence, NULL, NULL);
}
