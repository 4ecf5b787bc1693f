/* Evidence in, verdict out: a pure function without a clock, so that every rule can be tested. */
#ifndef ENGINE_JUDGE_H
#define ENGINE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/words.h"
#include "src/engine/evidence.h"

/* What became of one expectation. */
struct expectation_finding {
	enum finding finding;
	int64_t latency_ms;          /* injection to posting; -1 when it never came */
	int64_t late_by_ms;          /* over the deadline; 0 when in time */
	const struct sighting *seen; /* borrowed from the evidence; the one judged; NULL: none */
	bool resolved_wanted;
	enum finding resolved;       /* FINDING_DELIVERED, _LATE, _UNRESOLVED or _UNKNOWN */
	int64_t resolved_latency_ms; /* revert to resolved; -1 when it never came */
	const struct sighting *resolved_seen; /* borrowed; NULL: none */
	enum resolved_how resolved_how;
	char *resolved_text; /* owned; what was odd about it; NULL: nothing */
	char *text;          /* owned; one sentence of what was found */
};

/* Where the alert was lost: the last station that had it and the first that did not.  Of one that
 * arrived: where its time, its text or its end was lost, or where it became more than one. */
struct gap {
	bool found;
	size_t expect;        /* the expectation */
	enum finding finding; /* ... and what became of it */
	enum hop_about about; /* what was lost */
	const char *after;    /* static: "emission", "receiver", "chat", ... */
	const char *before;   /* static */
	char *evidence;       /* owned; one sentence */
	char *cause;          /* owned; the likely cause; NULL: not known */
	char *advice;         /* owned; what to do about it; NULL */
	bool confirmed;       /* by probes: see bisect.h */
	char *probes;         /* owned; what they say of it in one sentence; NULL: nothing */
};

struct judgement {
	enum verdict verdict;
	enum reason reason;
	char *text;                           /* owned; the verdict in one sentence for people */
	struct expectation_finding *findings; /* owned; one for each expectation */
	size_t finding_count;
	struct gap gap;
	struct hop_told *hops; /* owned; by expectation and in the order of the stations */
	size_t hop_count;
	enum exit_code exit_code;
};

/*
 * Delivered: read in the channel, with the nonce, or one match and none in an equal window before.
 * Missing: the fault bit, the channel was readable the whole time and a control message was seen
 * where one was wanted, the alert was not firing already, the deadline and the grace have passed.
 * Whatever is neither stays unknown, and the drill is inconclusive with its reason.
 */
void judge(const struct evidence *evidence, struct judgement *ret_judgement);
void judgement_done(struct judgement *judgement);

/* Does this finding make a gap? */
bool judge_is_gap(enum finding finding);

/* Did the alert arrive where it was expected, as far as it can come from this fault? */
bool judge_has_arrived(const struct evidence *evidence, const struct expectation_evidence *expect);

/* Until when (clock_ms()) the channel must have been read to judge this expectation, given what has
 * come so far; TIME_NEVER when nothing more needs to be read. Shrinks as messages arrive. */
int64_t judge_read_until(const struct evidence *evidence,
			 const struct expectation_evidence *expect);

/* The exit code of several drills together: 3, then 1, 6, 5, 4, 2, 7, 0. */
enum exit_code exit_code_worst(enum exit_code a, enum exit_code b);

#endif
