/* What a drill saw: plain facts, written by callbacks, read by the judge and the reports.
 * Times are ms on the clock of clock_ms(), -1 for "never". */
#ifndef ENGINE_EVIDENCE_H
#define ENGINE_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/chats/chat.h"
#include "scenarios/scenario.h"
#include "src/base/words.h"

#define TIME_NEVER (-1)

struct probe_told; /* src/engine/bisect.h */
struct secrets;

/* One message that matched an expectation; an edit that changes its meaning is a sighting more. */
struct sighting {
	char ts[CHAT_TS_SIZE];
	int64_t at_ms; /* posted, or for an edit or a first sight of an edit: read */
	int64_t read_ms;
	int64_t before_ms; /* of an edit: it did not say so yet; 0: not known */
	bool resolved;     /* says that the alert is over */
	bool edit;         /* an earlier message, changed */
	bool reply;        /* in the thread of an earlier sighting */
	bool guessed;      /* it was changed before it was ever read: its first text is not known */
	char *channel;     /* owned; NULL: the expected channel. Else where it was found instead */
	char *permalink;   /* owned; NULL when not known */
	char *lacks; /* owned; the first text of `contains` that is not in it; NULL: has all */
	char *text;  /* owned; the message as read, at most 4 KiB */
};

/* A message that is almost the one expected: all of its texts but one. */
struct near_miss {
	int64_t at_ms;  /* when it was posted */
	bool has_nonce; /* it carries the drill's id, so it can be no other's */
	char *lacks;    /* owned; the first text of `match` that is not in it; NULL: no near miss */
	char *text;     /* owned; the message as read, at most 4 KiB */
};

/* What a station of the pipeline says of one expected alert. */
struct hop_told {
	size_t expect; /* the expectation */
	enum hop hop;
	enum hop_state state;
	enum hop_about about;
	int count;     /* alerts that fit, or chats that it is posted to; 0: not known */
	int64_t at_ms; /* since when it had it; TIME_NEVER: not known */
	char *name; /* owned; of the station in the configuration; NULL: firedrill itself says it */
	char *evidence; /* owned; one sentence with the facts */
	char *cause;    /* owned; the likely cause when it is lost there or right behind; NULL */
	char *advice;   /* owned; what to do about that; NULL */
};

struct expectation_evidence {
	const struct expectation *expect; /* borrowed from the scenario */
	struct sighting *sightings; /* owned; in the order they were read, from the baseline on */
	size_t sighting_count;
	size_t unread_count; /* sightings left out because there were too many */
	bool has_nonce;      /* the drill id is among the texts of `match` */
	bool readable;       /* the channel was found and read in the baseline */
	bool control_wanted; /* an announcement was to be posted there */
	bool control_seen;   /* ... and was read back */
	bool firing_before;  /* the alert (without its nonce) stood unresolved in the baseline */
	bool searched_elsewhere; /* the other channels were searched for it, to their ends */
	size_t before_count;     /* matching messages, nonce aside, in an equal window before */
	int64_t covered_ms;      /* everything posted before this was read */
	int64_t blind_ms;        /* length of the time in the window when nothing could be read */
	size_t searched_count;   /* other channels that were read for it */
	char *trouble;           /* owned; what was wrong with reading; NULL: nothing */
	char *alike; /* owned; another channel that had one like it since the fault, and before
		      * it, so that nobody can tell whose it is; NULL: none */
	/* Owned; why the stations as they are set up cannot keep the deadline; NULL: they can, or
	 * nobody knows. */
	char *impossible, *resolved_impossible;
	/* Owned; why nobody knows how long it may take: its deadline, which is "auto", is a guess;
	 * NULL: it is none. */
	char *unsure, *resolved_unsure;
	struct near_miss near; /* in the channel: the first with the id, else the newest */
};

enum witnessed { WITNESS_NOT_ASKED, WITNESS_BITES, WITNESS_NO_EFFECT, WITNESS_UNKNOWN };

/* Why a drill ended before its story did; the first one counts. */
enum stop {
	STOP_NONE,
	STOP_REFUSED,      /* a guard said no; nothing was touched */
	STOP_OPERATOR,     /* SIGINT, SIGTERM, halt */
	STOP_CONDITION,    /* a condition of `stop_when` was met */
	STOP_REAL_ALERT,   /* an alert of the same service that may be a real one */
	STOP_UNOBSERVABLE, /* the chat cannot be read or posted to */
	STOP_NO_RECORD,    /* the intent could not be made durable; nothing was touched */
	STOP_CLOCK         /* the machine slept or its clock jumped during the watch */
};

struct evidence {
	int64_t inject_started_ms; /* nothing posted or read before can come from the fault */
	int64_t injected_ms;       /* when inject was done; deadlines count from here */
	int64_t reverted_ms; /* when revert was done; the resolved deadline counts from here */
	bool inject_tried;
	bool is_repeat;   /* of a drill that found a gap */
	bool left_before; /* an earlier fault in this environment is not confirmed reverted */
	bool injected;    /* the driver said yes (or unknown: may be in place) */
	bool unseen_end;  /* ... unknown: it may have come into place at any time since */
	enum witnessed witnessed;
	char *fault_text; /* owned; the driver's evidence on inject and witness */
	enum fault_state fault_state;
	char *revert_text; /* owned; the driver's evidence on revert and confirm */
	bool
	    lost_sight; /* the target could not be asked any more whether the fault was still there */
	bool gone_before_revert; /* something else had taken the fault out, or changed the target */
	char *ledger_problem;    /* owned; why the ledger does not know that it is reverted; NULL */
	enum stop stop;
	char *stop_text;                     /* owned; one sentence that says what to do */
	struct expectation_evidence *expect; /* owned; one for each of the scenario */
	size_t expect_count;
	struct hop_told *told; /* owned; of the expectations that were not met, by the pipeline */
	size_t told_count;
	struct probe_told *probes; /* owned; what was sent after a gap, in that order */
	size_t probe_count;
};

void evidence_init(struct evidence *evidence, const struct scenario *scenario, const char *drill);
void evidence_done(struct evidence *evidence);

/* Is the fault held for this one?  For those that must never come only when nothing else is to come:
 * then it is they that the drill is about. */
bool evidence_is_held_for(const struct evidence *evidence, const struct expectation *expect);

/* A copy of what a station says; hop_told_done frees what it owns. */
void hop_told_copy(struct hop_told *ret_copy, const struct hop_told *told);
void hop_told_done(struct hop_told *told);

/* The start of a foreign text in quotes and on one line, in whole characters, at most so many bytes
 * of it. Owned by the caller. */
char *evidence_quote(const char *text, size_t len, size_t most);

/* Copies a text of at most 4 KiB, cut at a UTF-8 boundary; for sightings. Owned by the caller. */
char *evidence_text(const char *text, size_t len);

/* The same without secrets, for what stations say. Owned by the caller; NULL of NULL. */
char *evidence_masked(const struct secrets *secrets, const char *text);

#endif
