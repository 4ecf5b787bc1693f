/* A world that fails, in memory that all lives of firedrill share: targets, a chat, an alerting, a
 * clock, a disk; what really happened in it; and what was promised and broken.  One `struct sim` lives
 * in MAP_SHARED memory: the simulation and its forked children see the same. */
#ifndef TESTS_SIMULATION_SIM_H
#define TESTS_SIMULATION_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/chats/chat.h"
#include "src/base/id.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/disk.h"

struct plan;

enum {
	SIM_TARGETS = 3,
	SIM_CHANNELS = 4,
	SIM_DRILLS = 96,
	SIM_MESSAGES = 1024,
	SIM_EVENTS = 256,
	SIM_WINDOWS = 64,
	SIM_CALLS = 256,
	SIM_EXPECTS = 2
};

#define SIM_SECRET     "hunter2-Zx9-do-not-tell" /* the value that no text may ever show */
#define SIM_SECRET_REF "env:SIM_SECRET"
#define SIM_LANDING_US INT64_C(14000000) /* a step may take effect so long after it was given up */
#define SIM_STEP_US    INT64_C(10000000) /* a step that gets no answer is given up after this */

enum sim_count {
#define COUNT(name, words) COUNT_##name,
#include "tests/simulation/counts.def"
#undef COUNT
	COUNT_COUNT
};

/* What goes wrong for a while. */
enum sim_trouble {
	TROUBLE_DEAD, /* a target answers nothing */
	TROUBLE_CHAT, /* every call fails */
	TROUBLE_CHAT_HANGS,
	TROUBLE_CHAT_SLOW,
	TROUBLE_FULL, /* the ledger's disk */
	TROUBLE_READ_ONLY,
	TROUBLE_BROKEN,    /* a sync fails */
	TROUBLE_CONDITION, /* a condition of stop_when is met */
	TROUBLE_UNASKED,   /* ... cannot be asked */
	TROUBLE_COUNT
};

struct sim_window {
	enum sim_trouble trouble;
	int which; /* target; for TROUBLE_DEAD */
	int64_t from_us, to_us;
};

struct sim_target {
	char value[48]; /* "good", "bad-DRILL" or "other-N" */
};

enum sim_event_kind {
	EVENT_INJECT,
	EVENT_REVERT,
	EVENT_MEDDLE,
	EVENT_ALERT,
	EVENT_RESOLVED,
	EVENT_REAL_ALERT,
	EVENT_EXPIRE
};

enum sim_alert { ALERT_GOOD, ALERT_LACKING, ALERT_NO_ID };

/* Something that will happen by itself. */
struct sim_event {
	int64_t at_us;
	enum sim_event_kind kind;
	int drill, target, expect, channel, message;
	enum sim_alert alert;
	uint64_t call; /* that waits for it; 0: none */
};

/* A step that takes effect in the world while its caller waits, or does not any more. */
struct sim_call {
	uint64_t serial;
	int outcome; /* enum fault_outcome, once it took effect */
	bool happened, gone;
};

enum sim_message_kind { MESSAGE_OURS, MESSAGE_ALERT, MESSAGE_RESOLVED, MESSAGE_REAL };

struct sim_message {
	enum sim_message_kind kind;
	int channel;
	int drill, expect; /* -1 */
	enum sim_alert alert;
	char ts[CHAT_TS_SIZE], thread_ts[CHAT_TS_SIZE], edited_ts[CHAT_TS_SIZE],
	    latest_reply[CHAT_TS_SIZE];
	char text[480];
	char mark[ID_LEN + 1]; /* "": not ours */
	int64_t at_us, ts_us;
	int64_t resolved_us; /* edited into resolved; -1: not */
	bool shown;          /* was read back */
};

/* What really became of a drill. Times are the world's, -1 for never. */
struct sim_drill {
	char id[ID_LEN + 1];
	int scenario, environment, target;
	char original[48];    /* of its target, as captured; "": nothing was */
	bool tried;           /* inject was called */
	int64_t inject_us;    /* ... then */
	int64_t first_in_us;  /* the fault took effect */
	int64_t first_out_us; /* ... and ended, for whatever reason */
	bool in_place;
	bool taken_by_others;   /* it was not the revert that ended it first */
	int64_t lands_until_us; /* an inject may still take effect until then */
	int64_t revert_us;      /* the first revert was called */
	int64_t touched_us;     /* the last step at its target */
	int64_t wall_ms;        /* the machine's wall clock at inject */
	bool meddled;           /* somebody else changed its target while it was in place */
	bool acked;
	int64_t settled_us; /* it was last worked on, or left; -1 */
	bool held;          /* somebody would put it right should firedrill die */
};

/* One life: of firedrill, of its guardian, of `firedrill revert`. */
struct sim_life {
	int number;
	int64_t started_us;
	int64_t crash_at; /* the call at which it ends; 0: none */
	int64_t calls;
	char crash_what[32];
	bool crashed;
	bool over; /* it came to its own end */
	bool no_ledger;
	int worst;     /* its exit code */
	bool had_busy; /* a fault was somebody else's to settle */
	bool had_disk_trouble;
	bool stays;                            /* as a daemon does */
	int64_t stopped_us;                    /* by a signal; -1 */
	int64_t closed_us;                     /* ... or no more drills were wanted; -1 */
	int64_t keep_until_us;                 /* a guardian goes on as a keeper until then */
	int64_t turns;                         /* of the loop without time passing */
	bool permitted, scheduled;             /* its options */
	int locked_environment, locked_target; /* another process holds it; -1 */
	int locked_drill;                      /* another process works on its fault; -1 */
};

struct sim {
	/* The case. */
	uint64_t seed;
	const struct plan *plan; /* borrowed; the same address in every fork */
	char folder[64];
	struct dice dice;  /* of the world */
	struct dice names; /* of ids: getrandom */

	/* The clocks, in us. */
	int64_t now_us;    /* the world's */
	int64_t boot_us;   /* the machine was started */
	int64_t wall_us;   /* the machine's wall clock minus the world's */
	int64_t chat_us;   /* the chat's minus the world's */
	int64_t jumped_us; /* the last jump of the wall clock; -1 */
	bool healed;       /* nothing goes wrong any more */

	struct sim_window windows[SIM_WINDOWS];
	int window_count;
	struct sim_target targets[SIM_TARGETS];
	struct sim_event events[SIM_EVENTS];
	int event_count;
	struct sim_call calls[SIM_CALLS];
	uint64_t serial;
	struct sim_message messages[SIM_MESSAGES];
	int message_count;
	char last_ts[CHAT_TS_SIZE];
	int64_t last_ts_us;
	struct sim_drill drills[SIM_DRILLS];
	int drill_count;
	int64_t halted_us;    /* -1: not */
	int64_t lifted_us;    /* since when it is certainly not; -1: it may be */
	int64_t frozen_us[4]; /* everything, and each environment; -1: not */
	int meddle_serial;

	struct sim_life life;

	/* The result. */
	int broken; /* number of the promise; 0: none */
	char broken_text[400];
	uint64_t hash; /* of the trace */
	bool trace_loud;
	size_t trace_len;
	char trace[1 << 20];

	uint64_t counts[COUNT_COUNT];

	struct disk disk;
};

/* Shared memory for one worker; NULL when there is none. */
struct sim *sim_new(const char *folder);
void sim_free(struct sim *sim);

void sim_count(struct sim *sim, enum sim_count what);
/* One line of the story, with the time. */
void sim_trace(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A promise was broken; the first one counts. */
void sim_break(struct sim *sim, int promise, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
