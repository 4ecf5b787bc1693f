/* The inside of the gap: shared by what the stations say (gap.c), what firedrill itself says
 * (gap_own.c) and the kinds of gap (gap_missing.c, gap_late.c, gap_double.c). */
#ifndef ENGINE_GAP_PARTS_H
#define ENGINE_GAP_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/engine/gap.h"

/* What the stations say of one expectation, in order: the fault first, the chat last. */
struct gap_trail {
	const struct hop_told *list; /* borrowed */
	size_t count;
	enum hop_about about;                  /* only those that speak of this count */
	const struct hop_told *after, *before; /* of the list; NULL: not found */
};

/* gap_own.c: what firedrill itself says. What they own is the caller's. */
struct hop_told gap_emission(const struct evidence *evidence, size_t expect);
struct hop_told gap_chat(const struct evidence *evidence, const struct judgement *judgement,
			 size_t expect);
/* Of the end of an alert: that the fault is reverted, that the channel was not told. */
struct hop_told gap_reverted(const struct evidence *evidence, size_t expect);
struct hop_told gap_chat_end(const struct evidence *evidence, const struct judgement *judgement,
			     size_t expect);
struct hop_told gap_chat_text(const struct evidence *evidence, const struct judgement *judgement,
			      size_t expect);
/* What the channel's silence is worth: added to what is said of it. */
void gap_add_facts(const struct evidence *evidence, struct hop_told *chat);
/* For an expectation that could not be decided: was it the chat? */
bool gap_is_of_chat(const struct evidence *evidence, const struct judgement *judgement,
		    size_t expect);

/* gap_missing.c */
/* The last station that had it, and the first behind it that lacked it. */
void gap_find_ends(struct gap_trail *trail);
/* Between these two: evidence, cause and advice. False when there are none. */
bool gap_between(struct gap_trail *trail, struct gap *gap);
/* It is behind the receiver, whatever the stations say. */
bool gap_elsewhere(struct gap_trail *trail, struct gap *gap);
/* The same for the text, or the end, of an alert that arrived. */
bool gap_of_text(struct gap_trail *trail, const char *lacks, struct gap *gap);
bool gap_of_end(struct gap_trail *trail, struct gap *gap);

/* gap_late.c: the longest way between two stations, from that time (clock_ms()) on. */
bool gap_late(int64_t from_ms, struct gap_trail *trail, struct gap *gap);

/* gap_double.c: the first station that had it more than once. */
bool gap_double(const struct evidence *evidence, struct gap_trail *trail, struct gap *gap);

/* Adds a part to a sentence, behind "; ". Takes the part, which may be "". */
void gap_add(char **sentence, char *part);
/* Names the stations between the two that were not asked or could not tell, and why. */
void gap_add_unasked(const struct gap_trail *trail, char **sentence);

#endif
