/* The contract of every fault driver: how firedrill breaks something and puts it right. */
#ifndef PROBES_FAULT_H
#define PROBES_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "scenarios/scenario.h"
#include "src/base/error.h"
#include "src/base/words.h"

struct event_base;
struct http;
struct secrets;
struct canary_host;
struct fault_children;

/* What drivers work with; all borrowed, all outlive every operation. */
struct fault_context {
	struct event_base *base;
	struct http *http;
	struct secrets *secrets;
	struct canary_host *canaries; /* NULL when firedrill hosts none */
	/* The copies that the process driver has running (probes/faults/fault_process.h); NULL: none
	 * can be started. Reverting and confirming need it not. */
	struct fault_children *children;
};

enum fault_outcome {
	FAULT_YES,     /* captured / injected / bites / reverted / confirmed clean */
	FAULT_NO,      /* certainly not: refused, still in place, does not bite */
	FAULT_UNKNOWN, /* may have happened: time-out, connection lost, cannot be asked */
	FAULT_CONFLICT /* somebody else changed the target since: not touched */
};

/* Borrowed, valid inside the callback only. */
struct fault_result {
	enum fault_outcome outcome;
	const char *text;   /* one sentence of evidence, secrets masked; never NULL */
	const char *recipe; /* after capture: the recipe completed by what was there; else NULL */
	bool gone; /* revert: the fault was seen not to be there any more, so nothing was sent */
	bool seen; /* revert: the fault was seen to be still there before anything was sent */
};

struct fault_op; /* one step in flight */
typedef void fault_done_fn(void *arg, const struct fault_result *result);
typedef struct fault_op *fault_start_fn(const struct fault_context *context, const char *recipe,
					fault_done_fn *done, void *arg);

/* One call a drill would make, for `firedrill plan`. All borrowed during the callback. */
struct fault_call {
	const char *step; /* "capture", "inject", "witness", "revert", "confirm" */
	const char *text; /* "PUT https://orders.example/admin/queue with body \"orders-fd-...\"" */
};
typedef void fault_call_fn(void *arg, const struct fault_call *call);

/*
 * The recipe is one JSON text that holds everything the steps need.  It is written to the ledger
 * before anything is touched, and the steps know nothing else: so reverting after a crash, with the
 * scenario deleted and the configuration changed, is the same call as reverting in a healthy drill.
 * Secrets in it are references.
 *
 * Every step follows the contract of probes/http.h: done exactly once, from the loop, never from
 * inside start; after cancel, never.  Every step ends within its own limits on time and bytes.
 *  - capture may be NULL (nothing to know beforehand); it touches nothing.
 *  - witness may be NULL; then the fault's own success is all there is, and the report says so.
 *  - revert is idempotent, safe when inject failed, timed out or never ran, and safe to repeat.
 *    "Already gone" is FAULT_YES.
 *  - confirm reads the target back; it never trusts what revert was told.
 *  - revert and confirm are NULL only together, for drivers that leave nothing behind (emission).
 */
struct fault_driver {
	const char *name; /* via_name(via) */
	enum fault_via via;
	enum effect effect;
	const char
	    *ends_by_itself; /* what ends it if firedrill and its machine vanish; NULL: nothing */

	/* The recipe for a resolved scenario's fault. Owned by the caller; NULL with an error. Pure. */
	char *(*plan)(const struct fault *fault, const char *drill, struct error *error);
	/* Tells every call that the steps would make, in order. Touches nothing. */
	void (*describe)(const char *recipe, fault_call_fn *tell, void *arg);

	/* What is changed, in one line, the same for every drill that changes the same thing: two
	 * drills never change it at once, and `targets` of an environment is matched against it. "" when
	 * nothing is changed. Owned by the caller. Pure. */
	char *(*target)(const char *recipe);
	/* An inject that nobody waits for any more (its process died) must not go on: ends what is left
	 * of it on this machine. Quick, does not wait; may be NULL. */
	void (*end_inject)(const char *recipe);

	fault_start_fn *capture, *inject, *witness, *revert, *confirm;
	/* Ends a step and frees it. What the step already did stays done. NULL op is fine. */
	void (*cancel)(struct fault_op *op);
};

extern const struct fault_driver fault_none, fault_http, fault_process, fault_canary,
    fault_rabbitmq, fault_exec;

const struct fault_driver *fault_driver_find(enum fault_via via); /* never NULL for a valid via */

#endif
