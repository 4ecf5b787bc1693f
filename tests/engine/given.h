/* Evidence made by hand, for the tests of the judge.  Everything is as good as it can be, and
 * nothing has arrived: a test changes the one thing that it is about. */
#ifndef TESTS_ENGINE_GIVEN_H
#define TESTS_ENGINE_GIVEN_H

#include "src/engine/judge.h"

/* The story, in ms of clock_ms(). */
#define INJECT_STARTED 100000
#define INJECTED       100100
#define WITHIN         10000
#define GRACE          5000
#define SETTLE         2000
#define RESOLVED       20000
#define REVERTED       (INJECTED + WITHIN + 1000)
#define ALL_READ       (REVERTED + RESOLVED + 1000)

#define EXPECT_MAX   3
#define SIGHTING_MAX 8

struct given {
	struct evidence evidence;
	struct expectation wanted[EXPECT_MAX];
	struct expectation_evidence expect[EXPECT_MAX];
	struct sighting sightings[EXPECT_MAX][SIGHTING_MAX];
	struct judgement judgement; /* of the last given_judge */
};

/* `count` expectations with a nonce, of which none has come. */
struct given *given_new(size_t count);
void given_free(struct given *given);

/* A message that was posted at `at_ms` after the injection, and read half a second later. */
struct sighting *given_firing(struct given *given, size_t i, int64_t at_ms);
/* A resolved message that was posted at `at_ms` after the revert. */
struct sighting *given_resolved(struct given *given, size_t i, int64_t at_ms);
/* The alert without its nonce is expected: it can only be told by its being alone. */
void given_without_nonce(struct given *given, size_t i);

/* A station says something of the first alert; freed with the rest. */
struct hop_told *given_says(struct given *given, enum hop hop, enum hop_state state,
			    const char *evidence);

/* It must never come. */
void given_never(struct given *given, size_t i);
/* The first one came, and a resolved message is to follow. */
void given_want_resolved(struct given *given);

/* Judges, and frees what an earlier call found. */
const struct judgement *given_judge(struct given *given);
enum finding given_finding(struct given *given, size_t i);

/* For cmocka: *state is a struct given of one expectation, or of two. */
int given_one(void **state);
int given_two(void **state);
int given_unmake(void **state);

/* All of these judge.  The finding is that of the first expectation. */
void assert_verdict(struct given *given, enum verdict verdict, enum reason reason,
		    enum exit_code exit_code);
void assert_pass(struct given *given);
void assert_gap(struct given *given, enum finding finding);
void assert_inconclusive(struct given *given, enum reason reason, const char *because);
void assert_unknown(struct given *given, const char *because);

#endif
