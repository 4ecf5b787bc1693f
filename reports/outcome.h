/* What became of a drill, in words for people: the same words in chat and in the terminal. */
#ifndef REPORTS_OUTCOME_H
#define REPORTS_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"
#include "src/engine/record.h"

/* The judgement is final. */
bool outcome_is_over(const struct drill_record *record);
/* A fault is, or may be, still in place after the drill tried to take it out: this drill's, or an
 * earlier one that stands in its way. To be shown before anything else. */
bool outcome_is_fault_left(const struct drill_record *record);
/* The finding of an expectation, FINDING_UNKNOWN when there is none. */
enum finding outcome_finding(const struct drill_record *record, size_t i);
/* The expectation that says most: the first bad one, else the first undecided, else the first. */
size_t outcome_telling(const struct drill_record *record);

/* "OrdersQueueMissing in #ops within 90 s, resolved within 3 min". */
void outcome_expected(struct buf *buf, const struct expectation *expect);
/* What came instead: "nothing", "in #general instead, after 2.1 s", "14 s too late". */
void outcome_found(struct buf *buf, const struct drill_record *record, size_t i);
/* Both in a sentence without its dot: "OrdersQueueMissing never reached #ops". */
void outcome_sentence(struct buf *buf, const struct drill_record *record, size_t i);
/* Where it was lost: "emission and chat: PUT ... answered 200". Only when there is a gap. */
void outcome_gap(struct buf *buf, const struct drill_record *record);
/* What is between these two, as a title in chat ("Time lost between") and as a label in a terminal
 * ("time lost"). Static. */
const char *outcome_gap_title(const struct drill_record *record);
const char *outcome_gap_label(const struct drill_record *record);
/* The asked station at which the gap is; NULL when there is none, as where the chat is it. */
const struct hop_told *outcome_lacking_hop(const struct drill_record *record);
/* What one station says: "prometheus had it after 31 s: the rule fires"; "prometheus could not tell:
 * nobody listens on 127.0.0.1:9090". */
void outcome_hop(struct buf *buf, const struct drill_record *record, const struct hop_told *told);
/* " had it", " did not pass on the end of it"; " could not tell". */
void outcome_hop_state(struct buf *buf, const struct drill_record *record,
		       const struct hop_told *told);
/* ", by an edit of its message; it fired again 1.0 s after it was resolved". */
void outcome_resolved_how(struct buf *buf, const struct expectation_finding *finding);
/* The fault: "reverted and confirmed at 10:03:12 UTC". */
void outcome_fault(struct buf *buf, const struct drill_record *record);

#endif
