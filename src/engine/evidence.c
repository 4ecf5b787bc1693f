/* What a drill saw: making and freeing the facts. */
#include "src/engine/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/secret.h"
#include "src/engine/bisect.h"

#define TEXT_LIMIT 4096 /* bytes of one message kept as evidence */

static bool names_drill(const struct texts *texts, const char *drill)
{
	for (size_t i = 0; i < texts->count; i++) {
		if (strstr(texts->list[i], drill) != NULL)
			return true;
	}
	return false;
}

void evidence_init(struct evidence *evidence, const struct scenario *scenario, const char *drill)
{
	*evidence = (struct evidence){
	    .inject_started_ms = TIME_NEVER,
	    .injected_ms = TIME_NEVER,
	    .reverted_ms = TIME_NEVER,
	    .expect = mem_zalloc(scenario->expect_count * sizeof *evidence->expect),
	    .expect_count = scenario->expect_count,
	};
	for (size_t i = 0; i < scenario->expect_count; i++) {
		evidence->expect[i] = (struct expectation_evidence){
		    .expect = &scenario->expect[i],
		    .has_nonce = names_drill(&scenario->expect[i].match, drill),
		    .covered_ms = TIME_NEVER,
		};
	}
}

static void sighting_done(struct sighting *sighting)
{
	free(sighting->channel);
	free(sighting->permalink);
	free(sighting->lacks);
	free(sighting->text);
}

void evidence_done(struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->expect_count; i++) {
		struct expectation_evidence *expect = &evidence->expect[i];

		for (size_t j = 0; j < expect->sighting_count; j++)
			sighting_done(&expect->sightings[j]);
		free(expect->sightings);
		free(expect->trouble);
		free(expect->impossible);
		free(expect->resolved_impossible);
		free(expect->alike);
		free(expect->unsure);
		free(expect->resolved_unsure);
		free(expect->near.lacks);
		free(expect->near.text);
	}
	for (size_t i = 0; i < evidence->told_count; i++)
		hop_told_done(&evidence->told[i]);
	free(evidence->told);
	for (size_t i = 0; i < evidence->probe_count; i++)
		free(evidence->probes[i].text);
	free(evidence->probes);
	free(evidence->expect);
	free(evidence->fault_text);
	free(evidence->revert_text);
	free(evidence->ledger_problem);
	free(evidence->stop_text);
	*evidence = (struct evidence){0};
}

bool evidence_is_held_for(const struct evidence *evidence, const struct expectation *expect)
{
	for (size_t i = 0; expect->never && i < evidence->expect_count; i++) {
		if (!evidence->expect[i].expect->never)
			return false;
	}
	return true;
}

void hop_told_copy(struct hop_told *ret_copy, const struct hop_told *told)
{
	*ret_copy = *told;
	ret_copy->name = mem_dup(told->name);
	ret_copy->evidence = mem_dup(told->evidence);
	ret_copy->cause = mem_dup(told->cause);
	ret_copy->advice = mem_dup(told->advice);
}

void hop_told_done(struct hop_told *told)
{
	free(told->name);
	free(told->evidence);
	free(told->cause);
	free(told->advice);
	*told = (struct hop_told){0};
}

char *evidence_text(const char *text, size_t len)
{
	if (len > TEXT_LIMIT) {
		len = TEXT_LIMIT;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	return mem_dup_n(text, len);
}

char *evidence_masked(const struct secrets *secrets, const char *text)
{
	char *whole = mem_dup(text), *kept;

	if (whole == NULL)
		return NULL;
	secret_mask(secrets, whole); /* before the cut could split one */
	kept = evidence_text(whole, strlen(whole));
	free(whole);
	return kept;
}

char *evidence_quote(const char *text, size_t len, size_t most)
{
	size_t kept = len < most ? len : most;
	char *quoted;

	while (kept < len && kept > 0 && ((unsigned char)text[kept] & 0xc0) == 0x80)
		kept--;
	quoted = mem_printf("\"%.*s%s\"", (int)kept, text, kept < len ? "..." : "");
	for (char *c = quoted; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = ' ';
	}
	return quoted;
}
