/* Evidence made by hand, for the tests of the judge. */
#include "tests/engine/given.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

struct given *given_new(size_t count)
{
	static char ops[] = "#ops", general[] = "#general", tech[] = "#tech";
	static char queue[] = "QueueMissing", health[] = "HealthDown", worker[] = "WorkerStopped";
	char *const channels[] = {ops, general, tech}, *const alerts[] = {queue, health, worker};
	struct given *given = mem_zalloc(sizeof *given);

	assert(count <= EXPECT_MAX);
	for (size_t i = 0; i < count; i++) {
		given->wanted[i] = (struct expectation){
		    .alert = alerts[i],
		    .channel = channels[i],
		    .within_ms = WITHIN,
		    .grace_ms = GRACE,
		    .settle_ms = SETTLE,
		    .at_most = 1,
		};
		given->expect[i] = (struct expectation_evidence){
		    .expect = &given->wanted[i],
		    .has_nonce = true,
		    .sightings = given->sightings[i],
		    .readable = true,
		    .control_wanted = true,
		    .control_seen = true,
		    .covered_ms = ALL_READ,
		};
	}
	given->evidence = (struct evidence){
	    .inject_started_ms = INJECT_STARTED,
	    .injected_ms = INJECTED,
	    .reverted_ms = REVERTED,
	    .inject_tried = true,
	    .injected = true,
	    .witnessed = WITNESS_BITES,
	    .fault_state = FAULT_CLEAN,
	    .expect = given->expect,
	    .expect_count = count,
	};
	return given;
}

void given_free(struct given *given)
{
	for (size_t i = 0; i < given->evidence.told_count; i++)
		hop_told_done(&given->evidence.told[i]);
	free(given->evidence.told);
	judgement_done(&given->judgement);
	free(given);
}

static struct sighting *add(struct given *given, size_t i, struct sighting sighting)
{
	struct expectation_evidence *expect = &given->expect[i];

	assert(expect->sighting_count < SIGHTING_MAX);
	expect->sightings[expect->sighting_count] = sighting;
	return &expect->sightings[expect->sighting_count++];
}

struct sighting *given_firing(struct given *given, size_t i, int64_t at_ms)
{
	return add(given, i,
		   (struct sighting){.at_ms = INJECTED + at_ms, .read_ms = INJECTED + at_ms + 500});
}

struct sighting *given_resolved(struct given *given, size_t i, int64_t at_ms)
{
	return add(given, i,
		   (struct sighting){.at_ms = REVERTED + at_ms,
				     .read_ms = REVERTED + at_ms + 500,
				     .resolved = true});
}

struct hop_told *given_says(struct given *given, enum hop hop, enum hop_state state,
			    const char *evidence)
{
	struct evidence *all = &given->evidence;

	all->told = mem_grow(all->told, all->told_count + 1, sizeof *all->told);
	all->told[all->told_count] = (struct hop_told){
	    .hop = hop, .state = state, .at_ms = TIME_NEVER, .evidence = mem_dup(evidence)};
	return &all->told[all->told_count++];
}

void given_without_nonce(struct given *given, size_t i)
{
	given->expect[i].has_nonce = false;
}

const struct judgement *given_judge(struct given *given)
{
	judgement_done(&given->judgement);
	judge(&given->evidence, &given->judgement);
	return &given->judgement;
}

enum finding given_finding(struct given *given, size_t i)
{
	return given_judge(given)->findings[i].finding;
}

void given_never(struct given *given, size_t i)
{
	given->wanted[i].never = true;
	given->expect[i].control_wanted = given->expect[i].control_seen = false;
}

void given_want_resolved(struct given *given)
{
	given->wanted[0].resolved_ms = RESOLVED;
	given_firing(given, 0, 2000);
}

/* For cmocka. */

int given_one(void **state)
{
	*state = given_new(1);
	return 0;
}

int given_two(void **state)
{
	*state = given_new(2);
	return 0;
}

int given_unmake(void **state)
{
	given_free(*state);
	return 0;
}

void assert_verdict(struct given *given, enum verdict verdict, enum reason reason,
		    enum exit_code exit_code)
{
	const struct judgement *judgement = given_judge(given);

	assert_string_equal(verdict_name(judgement->verdict), verdict_name(verdict));
	assert_string_equal(reason_name(judgement->reason), reason_name(reason));
	assert_int_equal(judgement->exit_code, exit_code);
	assert_non_null(judgement->text);
	assert_true(judgement->text[0] != '\0');
}

void assert_pass(struct given *given)
{
	assert_verdict(given, VERDICT_PASS, REASON_NONE, EXIT_PASS);
}

void assert_gap(struct given *given, enum finding finding)
{
	assert_verdict(given, VERDICT_GAP, REASON_NONE, EXIT_GAP);
	assert_string_equal(finding_name(given->judgement.findings[0].finding),
			    finding_name(finding));
}

void assert_inconclusive(struct given *given, enum reason reason, const char *because)
{
	assert_verdict(given, VERDICT_INCONCLUSIVE, reason, EXIT_INCONCLUSIVE);
	assert_non_null(strstr(given->judgement.text, because));
}

void assert_unknown(struct given *given, const char *because)
{
	assert_int_equal(given_finding(given, 0), FINDING_UNKNOWN);
	assert_non_null(strstr(given->judgement.findings[0].text, because));
	assert_inconclusive(given, given->judgement.reason, because);
}
