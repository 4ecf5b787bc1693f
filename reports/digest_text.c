/* The digest, in words. */
#include "reports/digest_text.h"

#include <inttypes.h>
#include <stdlib.h>

#include "reports/digest_order.h"
#include "reports/phrases.h"
#include "reports/when.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

#define DOT          " \xc2\xb7 " /* middle dot */
#define MARK         "digest"     /* it belongs to no drill */
#define NAMED        3            /* of a kind in the message */
#define LISTED       12           /* of a kind in the thread */
#define DETAILS_MAX  5000         /* bytes */
#define OLD_MS       (7 * DAY_MS) /* a proof that old is worth a word */
#define DAY_MS       (INT64_C(24) * 3600 * 1000)
#define SLOWER_BY_MS 1000 /* and by half, or it is not said to slow down */

struct digest_writer {
	struct buf headline, body, footer, details_headline, details;
};

/* Pieces. */

static void add_where(struct buf *buf, const char *scenario, const char *environment)
{
	phrase_text(buf, scenario, PHRASE_NAME);
	buf_adds(buf, " in ");
	phrase_text(buf, environment, PHRASE_NAME);
}

/* "3 d", "5 h". */
static void add_age(struct buf *buf, int64_t ms)
{
	if (ms >= 2 * DAY_MS)
		buf_addf(buf, "%" PRId64 " d", ms / DAY_MS);
	else
		buf_addf(buf, "%" PRId64 " h", ms > 0 ? ms / (DAY_MS / 24) : 0);
}

static void add_more(struct buf *body, size_t count, size_t shown)
{
	if (count > shown)
		buf_addf(body, "\nand %zu more", count - shown);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The parts; most: how many are named. */

static void write_gaps(struct buf *body, const struct digest *digest, size_t most)
{
	size_t shown = least(digest->gap_count, most);

	for (size_t i = 0; i < shown; i++) {
		const struct digest_gap *gap = &digest->gaps[i];

		phrase_label(body, "Open gap");
		phrase_text(body, gap->text, PHRASE_SUMMARY);
		buf_adds(body, " (");
		add_where(body, gap->scenario, gap->environment);
		buf_adds(body, "), since ");
		when_day(body, gap->first_wall_ms);
		buf_addf(body, ", found by %" PRId64 " drill%s, owner ", gap->drills,
			 gap->drills == 1 ? "" : "s");
		phrase_text(body, gap->owner != NULL ? gap->owner : "nobody", PHRASE_NAME);
		if (gap->gone)
			buf_adds(body, "; its scenario is not in the configuration any more, so "
				       "no drill can close it");
	}
	add_more(body, digest->gap_count, shown);
}

static bool is_slower(const struct digest_speed *speed)
{
	return speed->count >= DIGEST_FEW && speed->count_before >= DIGEST_FEW &&
	       speed->p50_ms - speed->p50_before_ms >= SLOWER_BY_MS &&
	       speed->p50_ms >= speed->p50_before_ms * 3 / 2;
}

static void write_speed(struct buf *body, const struct digest_speed *speed)
{
	add_where(body, speed->scenario, speed->environment);
	buf_adds(body, ": ");
	phrase_span(body, speed->p50_ms);
	if (speed->count_before > 0) {
		buf_adds(body, ", was ");
		phrase_span(body, speed->p50_before_ms);
	}
	buf_addf(body, " (median of %zu)", speed->count);
}

static void write_speeds(struct buf *body, const struct digest *digest, size_t most, bool slower)
{
	size_t shown = 0;

	for (size_t i = 0; i < digest->speed_count && shown < most; i++) {
		const struct digest_speed *speed = &digest->speeds[i];

		if (speed->count == 0 || is_slower(speed) != slower)
			continue;
		phrase_label(body, slower ? "Slower than before" : "Slowest");
		write_speed(body, speed);
		shown++;
	}
}

static void write_skips(struct buf *body, const struct digest *digest, size_t most)
{
	size_t shown = least(digest->skip_count, most);

	for (size_t i = 0; i < shown; i++) {
		const struct digest_skip *skip = &digest->skips[i];

		phrase_label(body, skip->missed ? "Missed" : "Refused");
		add_where(body, skip->scenario, skip->environment);
		buf_addf(body, ", %zu time%s: ", skip->count, skip->count == 1 ? "" : "s");
		phrase_text(body, skip->why, PHRASE_SUMMARY);
	}
	add_more(body, digest->skip_count, shown);
}

static void write_flaky(struct buf *body, const struct digest *digest, size_t most)
{
	size_t shown = least(digest->flaky_count, most);

	for (size_t i = 0; i < shown; i++) {
		const struct digest_flaky *flaky = &digest->flaky[i];

		phrase_label(body, "Flaky");
		add_where(body, flaky->scenario, flaky->environment);
		buf_addf(body, " passed only when repeated, %zu time%s", flaky->count,
			 flaky->count == 1 ? "" : "s");
	}
	add_more(body, digest->flaky_count, shown);
}

static bool is_old(const struct digest *digest, const struct digest_proof *proof)
{
	return digest->now_wall_ms - proof->passed_wall_ms >= OLD_MS;
}

static void write_proofs(struct buf *body, const struct digest *digest, size_t most)
{
	for (size_t i = 0; i < digest->proof_count && i < most; i++) {
		const struct digest_proof *proof = &digest->proofs[i];

		if (!is_old(digest, proof))
			return;
		phrase_label(body, proof->passed_wall_ms == 0 ? "Never passed" : "Oldest proof");
		add_where(body, proof->scenario, proof->environment);
		if (proof->passed_wall_ms == 0)
			continue;
		buf_adds(body, ", ");
		add_age(body, digest->now_wall_ms - proof->passed_wall_ms);
		buf_adds(body, " ago");
	}
}

static void write_coverage(struct buf *body, const struct digest *digest)
{
	phrase_label(body, "Proven in the last 90 days");
	buf_addf(body, "%zu rule%s, %zu receiver%s; `firedrill coverage` asks what else there is",
		 digest->rules, digest->rules == 1 ? "" : "s", digest->receivers,
		 digest->receivers == 1 ? "" : "s");
}

/* The whole. */

/* "12 drills: 10 pass, 2 gap". */
static void write_counts(struct buf *buf, const struct digest *digest)
{
	bool first = true;

	buf_addf(buf, "%zu drill%s", digest->drills, digest->drills == 1 ? "" : "s");
	for (enum verdict verdict = 0; verdict < VERDICT_COUNT; verdict++) {
		if (digest->verdicts[verdict] == 0)
			continue;
		buf_addf(buf, "%s%zu %s", first ? ": " : ", ", digest->verdicts[verdict],
			 verdict_name(verdict));
		first = false;
	}
}

/* Nothing that anybody has to know more of. */
static bool is_quiet(const struct digest *digest)
{
	return digest->gap_count == 0 && digest->skip_count == 0 && digest->flaky_count == 0 &&
	       digest->problem == NULL && digest->drills == digest->verdicts[VERDICT_PASS];
}

static void write_headline(struct buf *headline, const struct digest *digest)
{
	int64_t days = (digest->now_wall_ms - digest->since_wall_ms + DAY_MS / 2) / DAY_MS;

	buf_adds(headline, "firedrill, the last ");
	if (days <= 1)
		buf_adds(headline, "day");
	else
		buf_addf(headline, "%" PRId64 " days", days);
	buf_adds(headline, ": ");
	write_counts(headline, digest);
	if (digest->drills > 0 && is_quiet(digest))
		buf_adds(headline, ", no open gaps");
	if (digest->gap_count > 0)
		buf_addf(headline, DOT "%zu gap%s open", digest->gap_count,
			 digest->gap_count == 1 ? "" : "s");
}

static void write_parts(struct buf *body, const struct digest *digest, size_t most)
{
	write_gaps(body, digest, most);
	write_flaky(body, digest, most);
	write_speeds(body, digest, most, true);
	write_speeds(body, digest, most > NAMED ? most : 1, false);
	write_skips(body, digest, most);
	write_proofs(body, digest, most);
}

static void write_body(struct buf *body, const struct digest *digest)
{
	if (digest->late != NULL) {
		phrase_label(body, "Late");
		buf_adds(body, "it was due at ");
		when_day(body, digest->due_wall_ms);
		buf_adds(body, " ");
		when_minute(body, digest->due_wall_ms);
		buf_addf(body, ", when %s", digest->late);
	}
	if (digest->drills == 0) {
		phrase_label(body, "No drill ran");
		buf_adds(body, "so nothing was proven; see `firedrill status`");
	}
	if (digest->problem != NULL) {
		phrase_label(body, "Not all of it is known");
		phrase_text(body, digest->problem, PHRASE_EVIDENCE);
	}
	if (is_quiet(digest) && digest->drills > 0)
		return;
	write_parts(body, digest, NAMED);
	write_coverage(body, digest);
}

static void write_details(struct buf *body, const struct digest *digest)
{
	body->limit = DETAILS_MAX;
	write_coverage(body, digest);
	write_parts(body, digest, LISTED);
}

static enum chat_tone tone_of(const struct digest *digest)
{
	if (digest->gap_count > 0)
		return CHAT_BAD;
	return is_quiet(digest) && digest->drills > 0 ? CHAT_GOOD : CHAT_UNSURE;
}

static void start(struct digest_writer *writer)
{
	buf_done(&writer->headline);
	buf_done(&writer->body);
	buf_done(&writer->footer);
	buf_done(&writer->details_headline);
	buf_done(&writer->details);
}

struct digest_writer *digest_writer_new(void)
{
	return mem_zalloc(sizeof(struct digest_writer));
}

void digest_writer_free(struct digest_writer *writer)
{
	if (writer == NULL)
		return;
	start(writer);
	free(writer);
}

void digest_write(struct digest_writer *writer, struct digest *digest, struct chat_post *ret_post,
		  struct chat_post *ret_details)
{
	start(writer);
	digest_order(digest);
	write_headline(&writer->headline, digest);
	write_body(&writer->body, digest);
	when_day(&writer->footer, digest->since_wall_ms);
	buf_adds(&writer->footer, " to ");
	when_day(&writer->footer, digest->now_wall_ms);
	if (digest->page != NULL) {
		buf_adds(&writer->footer, DOT);
		phrase_text(&writer->footer, digest->page, PHRASE_LINK);
	}
	*ret_post = (struct chat_post){
	    .mark = MARK,
	    .tone = tone_of(digest),
	    .headline = buf_text(&writer->headline),
	    .body = writer->body.len > 0 ? buf_text(&writer->body) : NULL,
	    .footer = buf_text(&writer->footer),
	};
	*ret_details = (struct chat_post){.mark = MARK};
	if (digest->drills == 0)
		return;
	write_details(&writer->details, digest);
	buf_adds(&writer->details_headline, "Details of the digest");
	*ret_details = (struct chat_post){.mark = MARK,
					  .tone = tone_of(digest),
					  .headline = buf_text(&writer->details_headline),
					  .body = buf_text(&writer->details)};
}

void digest_done(struct digest *digest)
{
	for (size_t i = 0; i < digest->gap_count; i++) {
		free(digest->gaps[i].scenario);
		free(digest->gaps[i].environment);
		free(digest->gaps[i].owner);
		free(digest->gaps[i].text);
	}
	for (size_t i = 0; i < digest->speed_count; i++) {
		free(digest->speeds[i].scenario);
		free(digest->speeds[i].environment);
	}
	for (size_t i = 0; i < digest->skip_count; i++) {
		free(digest->skips[i].scenario);
		free(digest->skips[i].environment);
		free(digest->skips[i].why);
	}
	for (size_t i = 0; i < digest->proof_count; i++) {
		free(digest->proofs[i].scenario);
		free(digest->proofs[i].environment);
	}
	for (size_t i = 0; i < digest->flaky_count; i++) {
		free(digest->flaky[i].scenario);
		free(digest->flaky[i].environment);
	}
	free(digest->gaps);
	free(digest->speeds);
	free(digest->skips);
	free(digest->proofs);
	free(digest->flaky);
	free(digest->late);
	free(digest->page);
	free(digest->problem);
	*digest = (struct digest){0};
}
