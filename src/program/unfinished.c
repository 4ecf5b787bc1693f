/* Drills whose firedrill ended before it wrote what became of them. */
#include "src/program/unfinished.h"

#include <stdlib.h>

#include "reports/past.h"
#include "src/base/mem.h"
#include "src/base/words.h"
#include "src/program/chronicle.h"
#include "src/store/history.h"
#include "src/store/ledger.h"
#include "src/store/locks.h"

#define DRILLS_MAX 100 /* at once: the loop has other things to do */

#define BEFORE "its firedrill ended before it could write what came of it: "

struct writing {
	struct chronicle *chronicle; /* borrowed, as are the others */
	struct ledger *ledger;
	struct locks *locks;
	unfinished_fn *told;
	void *arg;
	struct history_begun list[DRILLS_MAX]; /* owned texts, but those of words.h */
	size_t count;
	bool more;
};

/* What the ledger has of its fault. */
struct left {
	enum fault_state state;
	char *note; /* owned */
	int64_t changed_wall_ms, injecting_wall_ms;
};

static bool on_fault(void *arg, const struct ledger_fault *fault)
{
	struct left *left = arg;

	*left = (struct left){fault->state, mem_dup(fault->note), fault->changed_wall_ms,
			      fault->injecting_wall_ms};
	return false;
}

static const char *what(const struct left *left)
{
	if (left->state == FAULT_ABSENT)
		return BEFORE "the ledger has no fault of it";
	if (left->state != FAULT_CLEAN)
		return BEFORE "its fault is not confirmed as put right";
	return left->injecting_wall_ms == 0 ? BEFORE "nothing had been broken"
					    : BEFORE "its fault was put right";
}

/* What the ledger tells the time of; of its messages nothing is known. */
static size_t add_evidence(const struct left *left, struct history_evidence list[2])
{
	size_t count = 0;

	if (left->state == FAULT_ABSENT || left->injecting_wall_ms == 0)
		return 0;
	list[count++] = (struct history_evidence){.kind = "fault",
						  .source = "inject",
						  .expect = -1,
						  .wall_ms = left->injecting_wall_ms,
						  .text = "was begun"};
	list[count++] = (struct history_evidence){.kind = "fault",
						  .source = "revert",
						  .expect = -1,
						  .wall_ms = left->changed_wall_ms,
						  .text = left->note};
	return count;
}

static bool put(struct writing *writing, const struct history_begun *begun, const struct left *left)
{
	bool clean = left->state == FAULT_ABSENT || left->state == FAULT_CLEAN;
	struct history_evidence evidence[2];
	struct history_drill drill = {
	    .drill = begun->drill,
	    .scenario = begun->scenario,
	    .environment = begun->environment,
	    .kind = begun->kind,
	    .via = begun->via,
	    .origin = begun->origin,
	    .repeats = begun->repeats,
	    .verdict = verdict_name(VERDICT_ABORTED),
	    .reason = "",
	    .exit_code = clean ? EXIT_ABORTED : EXIT_FAULT_LEFT,
	    .started_wall_ms = begun->started_wall_ms,
	    /* Nobody saw its end: the last that is known of it. */
	    .ended_wall_ms = left->changed_wall_ms > begun->started_wall_ms
				 ? left->changed_wall_ms
				 : begun->started_wall_ms,
	    .evidence = evidence,
	    .evidence_count = add_evidence(left, evidence),
	};
	char *report = past_unfinished(
	    &drill, left->state != FAULT_ABSENT ? fault_state_name(left->state) : NULL, left->note,
	    what(left));
	bool written = false, good;

	drill.report = report;
	good = history_add_unfinished(chronicle_history(writing->chronicle), &drill, 0, &written,
				      NULL);
	if (written && writing->told != NULL)
		writing->told(writing->arg, &drill);
	free(report);
	return good;
}

/* False: it is too early, or cannot be written now. */
static bool write_one(struct writing *writing, const struct history_begun *begun)
{
	char *lock = lock_name_fault(begun->drill);
	bool busy = locks_is_busy(writing->locks, lock);
	struct left left = {.state = FAULT_ABSENT};
	bool good;

	free(lock);
	if (busy)
		return false;
	good = ledger_visit_drill(writing->ledger, begun->drill, on_fault, &left, NULL);
	/* Whatever is between the two is settled first. */
	good = good && (left.state == FAULT_ABSENT || left.state == FAULT_CLEAN ||
			left.state == FAULT_STUCK);
	good = good && put(writing, begun, &left);
	free(left.note);
	return good;
}

static bool on_begun(void *arg, const struct history_begun *begun)
{
	struct writing *writing = arg;

	if (chronicle_knows(writing->chronicle, begun->drill))
		return true;
	writing->list[writing->count++] = (struct history_begun){
	    .drill = mem_dup(begun->drill),
	    .scenario = mem_dup(begun->scenario),
	    .environment = mem_dup(begun->environment),
	    .kind = mem_dup(begun->kind),
	    .via = mem_dup(begun->via),
	    .origin = mem_dup(begun->origin),
	    .repeats = mem_dup(begun->repeats),
	    .started_wall_ms = begun->started_wall_ms,
	};
	writing->more = writing->count == DRILLS_MAX;
	return !writing->more;
}

static void drop(const struct history_begun *begun)
{
	const char *const texts[] = {begun->drill, begun->scenario, begun->environment, begun->kind,
				     begun->via,   begun->origin,   begun->repeats};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		free((char *)(uintptr_t)texts[i]);
}

bool unfinished_write(struct chronicle *chronicle, struct ledger *ledger, struct locks *locks,
		      unfinished_fn *told, void *arg)
{
	struct writing writing = {
	    .chronicle = chronicle, .ledger = ledger, .locks = locks, .told = told, .arg = arg};
	struct history *history = chronicle_history(chronicle);
	bool all;

	if (history == NULL)
		return false;
	all = history_visit_begun(history, on_begun, &writing, NULL) && !writing.more;
	for (size_t i = 0; i < writing.count; i++) {
		all = write_one(&writing, &writing.list[i]) && all;
		drop(&writing.list[i]);
	}
	return all;
}
