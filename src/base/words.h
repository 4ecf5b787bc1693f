/* The vocabulary: every enumerated word, once, with the one spelling used in files, reports, keys
 * and columns. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* What is wrong. */
enum fault_kind {
	KIND_NONE, /* the control drill: nothing is broken, an alert is a failure */
	KIND_BAD_QUEUE_NAME,
	KIND_MISSING_ENV,
	KIND_DEAD_HEALTH,
	KIND_ERROR_LOG,
	KIND_SILENCE,
	KIND_METRIC_SPIKE,
	KIND_COUNT
};

/* Which driver puts it in. */
enum fault_via { VIA_NONE, VIA_HTTP, VIA_PROCESS, VIA_CANARY, VIA_RABBITMQ, VIA_EXEC, VIA_COUNT };

/* How far a driver reaches, in ascending order. */
enum effect {
	EFFECT_EMISSION,      /* leaves nothing to revert: a log line, a message */
	EFFECT_SELF_EXPIRING, /* the target ends it by itself */
	EFFECT_COPY,          /* something new beside the real thing */
	EFFECT_MUTATION,      /* a live thing is changed and changed back */
	EFFECT_IRREVERSIBLE,  /* always refused */
	EFFECT_COUNT
};

/* The phases of a drill, in the order of the story. */
enum phase {
	PHASE_GUARD,    /* policy, leftover faults: may this drill run at all? */
	PHASE_BASELINE, /* is the chat readable, is the alert already there? */
	PHASE_ANNOUNCE, /* post the drill's message and read it back: the positive control */
	PHASE_RECORD,   /* the intent is made durable, original values captured */
	PHASE_INJECT,
	PHASE_WITNESS, /* does the fault really bite? */
	PHASE_WATCH,   /* read the chat until all is seen or the last deadline has passed */
	PHASE_REVERT,
	PHASE_CONFIRM,  /* read the target back */
	PHASE_RECOVERY, /* late alerts and resolved messages */
	PHASE_EXPLAIN,  /* where was it lost? */
	PHASE_REPORT,
	PHASE_DONE,
	PHASE_COUNT
};

/* Where a fault stands; FAULT_ABSENT means that no intent was ever recorded. */
enum fault_state {
	FAULT_ABSENT,
	FAULT_INTENT,      /* durable; nothing touched yet */
	FAULT_INJECTING,   /* may be in place */
	FAULT_INJECTED,    /* in place */
	FAULT_REVERTING,   /* may still be in place */
	FAULT_UNCONFIRMED, /* reverted, not yet read back: may still be in place */
	FAULT_CLEAN,       /* read back: gone */
	FAULT_STUCK,       /* could not be reverted or confirmed: people are needed */
	FAULT_STATE_COUNT
};

/* The stations an alert passes, in order. */
enum hop {
	HOP_EMISSION,
	HOP_LOG,
	HOP_METRIC,
	HOP_RULE,
	HOP_ALERTMANAGER,
	HOP_RECEIVER,
	HOP_CHAT,
	HOP_COUNT
};

/* What a station says of an alert. */
enum hop_state { HOP_NOT_ASKED, HOP_HAD_IT, HOP_LACKED_IT, HOP_STATE_COUNT };

/* What a station speaks of: the alert itself; or, where that arrived, the text that the message
 * lacks, or its end. */
enum hop_about { ABOUT_ALERT, ABOUT_TEXT, ABOUT_END, ABOUT_COUNT };

/* How the end of an alert was told. */
enum resolved_how {
	RESOLVED_NOT,
	RESOLVED_MESSAGE, /* a new one */
	RESOLVED_EDIT,    /* the alert's own message was changed */
	RESOLVED_REPLY,   /* in its thread */
	RESOLVED_HOW_COUNT
};

/* What became of one expectation. */
enum finding {
	FINDING_UNKNOWN,   /* could not be decided; the drill is inconclusive */
	FINDING_DELIVERED, /* in the channel, in time, once, readable, resolved if asked for */
	FINDING_SILENT,    /* a `never` that never came */
	FINDING_LATE,
	FINDING_MISSING,
	FINDING_DUPLICATE,
	FINDING_WRONG_CHANNEL,
	FINDING_UNREADABLE, /* a text of `contains` is not in it */
	FINDING_UNRESOLVED, /* came, but no resolved message in time */
	FINDING_UNEXPECTED, /* a `never` that came */
	FINDING_COUNT
};

/* What became of the drill. */
enum verdict {
	VERDICT_PASS,
	VERDICT_GAP,
	VERDICT_FLAKY, /* passed on retry */
	VERDICT_INCONCLUSIVE,
	VERDICT_REFUSED,
	VERDICT_ABORTED,
	VERDICT_COUNT
};

/* Who wanted a drill. */
enum origin {
	ORIGIN_HAND,     /* a person or a script: `firedrill run` */
	ORIGIN_SCHEDULE, /* its `schedule`, under `firedrill serve` */
	ORIGIN_REPEAT,   /* the same, once more: a gap is confirmed before it is told aloud */
	ORIGIN_COUNT
};

/* Why a drill is inconclusive. */
enum reason {
	REASON_NONE,
	REASON_UNOBSERVABLE,
	REASON_FAULT_HAD_NO_EFFECT,
	REASON_CONFOUNDED,
	REASON_COUNT
};

/* Exit codes: a public contract. */
enum exit_code {
	EXIT_PASS = 0,
	EXIT_GAP = 1,
	EXIT_USAGE = 2,
	EXIT_FAULT_LEFT = 3, /* a fault is not confirmed reverted: wins over all others */
	EXIT_REFUSED = 4,
	EXIT_INCONCLUSIVE = 5,
	EXIT_ABORTED = 6,
	EXIT_UNTOLD = 7 /* a pass, but its report did not reach its channel */
};

const char *kind_name(enum fault_kind kind);
const char *via_name(enum fault_via via);
const char *effect_name(enum effect effect);
const char *phase_name(enum phase phase);
const char *fault_state_name(enum fault_state state);
const char *hop_name(enum hop hop);
const char *hop_state_name(enum hop_state state);     /* "not-asked", "had-it", "lacked-it" */
const char *hop_about_name(enum hop_about about);     /* "alert", "text", "resolved" */
const char *resolved_how_name(enum resolved_how how); /* "" for RESOLVED_NOT */
const char *finding_name(enum finding finding);
const char *verdict_name(enum verdict verdict);
const char *origin_name(enum origin origin); /* "hand", "schedule", "repeat" */
const char *reason_name(enum reason reason); /* "" for REASON_NONE */

/* False when the word is not one of the list; the word is compared exactly. */
bool via_parse(const char *word, enum fault_via *ret_via);
bool hop_parse(const char *word, enum hop *ret_hop);
bool fault_state_parse(const char *word, enum fault_state *ret_state);

#endif
