/* Between which two stations an alert was lost: a pure function of what they say. */
#ifndef ENGINE_GAP_H
#define ENGINE_GAP_H

#include "src/engine/judge.h"

/*
 * For a judgement with its findings and verdict: fills in `hops` and `gap`.
 *
 * The gap is after the last station that had the alert and before the first behind it that lacked it;
 * the chat is the last of all.  A station that was not asked is neither: it is named, not guessed.
 * firedrill itself speaks for the fault (emission) and for the channel (chat).
 */
void gap_find(const struct evidence *evidence, struct judgement *judgement);

#endif
