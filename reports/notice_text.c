/* What is said aloud of a gap, and of a chat in trouble. */
#include "reports/notice_text.h"

#include <inttypes.h>
#include <stdlib.h>

#include "reports/advice.h"
#include "reports/bisect_text.h"
#include "reports/outcome.h"
#include "reports/phrases.h"
#include "reports/when.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"

#define DOT    " \xc2\xb7 "   /* middle dot */
#define CHECK  "\xe2\x9c\x94" /* heavy check mark */
#define DAY_MS (INT64_C(24) * 3600 * 1000)

struct notice_writer {
	struct buf headline, body, footer;
};

/* Pieces. */

/* "Tue 14:03 UTC"; with its date when that is not within the week before `now`. */
static void add_moment(struct buf *buf, int64_t wall_ms, int64_t now_wall_ms)
{
	static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};

	if (wall_ms > 0 && now_wall_ms - wall_ms < 6 * DAY_MS) {
		buf_addf(buf, "%s ", days[wall_ms / DAY_MS % 7]);
	} else {
		when_day(buf, wall_ms);
		buf_adds(buf, " ");
	}
	when_minute(buf, wall_ms);
}

static void add_place(struct buf *buf, const struct drill_record *record)
{
	phrase_text(buf, record->environment->name, PHRASE_NAME);
}

static int64_t ended_wall_ms(const struct drill_record *record)
{
	int64_t at_ms = record->phase_ms[PHASE_DONE];

	if (at_ms == TIME_NEVER)
		at_ms = record->phase_ms[PHASE_REPORT];
	return at_ms != TIME_NEVER ? record_wall_ms(record, at_ms) : clock_wall_ms();
}

static void add_links(struct buf *body, const struct notice_gap *gap)
{
	if (gap->link != NULL) {
		phrase_label(body, "Drill");
		phrase_text(body, gap->link, PHRASE_LINK);
	}
	if (gap->page != NULL) {
		phrase_label(body, "Page");
		phrase_text(body, gap->page, PHRASE_LINK);
	}
}

/* "orders-bad-queue · production · fd-k3q9x2m7, which repeated fd-a1b2c3d4". */
static void add_footer(struct buf *footer, const struct drill_record *record)
{
	phrase_text(footer, record->scenario->name, PHRASE_NAME);
	buf_adds(footer, DOT);
	add_place(footer, record);
	buf_addf(footer, DOT "%s", record->id);
	if (record->repeats[0] != '\0')
		buf_addf(footer, ", which repeated %s", record->repeats);
}

static void start(struct notice_writer *writer)
{
	buf_done(&writer->headline);
	buf_done(&writer->body);
	buf_done(&writer->footer);
}

static struct chat_post finished(const struct notice_writer *writer, enum chat_tone tone)
{
	return (struct chat_post){
	    .tone = tone,
	    .headline = buf_text(&writer->headline),
	    .body = writer->body.len > 0 ? buf_text(&writer->body) : NULL,
	    .footer = writer->footer.len > 0 ? buf_text(&writer->footer) : NULL,
	};
}

/* A gap. */

static void write_since(struct buf *body, const struct notice_gap *gap)
{
	phrase_label(body, "Since");
	add_moment(body, gap->first_wall_ms, gap->last_wall_ms);
	if (gap->drills > 1)
		buf_addf(body, ", found by %" PRId64 " drills", gap->drills);
}

static void write_found(struct buf *body, const struct drill_record *record)
{
	size_t telling = outcome_telling(record);

	phrase_label(body, "Broken on purpose");
	phrase_text(body, record->scenario->summary, PHRASE_SUMMARY);
	if (telling < record->evidence.expect_count) {
		phrase_label(body, "Expected");
		outcome_expected(body, record->evidence.expect[telling].expect);
		phrase_label(body, "Found");
		outcome_found(body, record, telling);
	}
}

static void write_where(struct buf *body, const struct drill_record *record)
{
	if (record->judgement.gap.found) {
		phrase_label(body, outcome_gap_title(record));
		outcome_gap(body, record);
		if (record->judgement.gap.probes != NULL) {
			phrase_label(body, "Probes");
			bisect_text(body, record);
		}
	}
	if (record->judgement.gap.found && record->judgement.gap.cause != NULL) {
		phrase_label(body, "Likely cause");
		phrase_text(body, record->judgement.gap.cause, PHRASE_EVIDENCE);
	}
}

static void write_advice(struct buf *body, const struct drill_record *record)
{
	struct buf advice = {0};

	advice_write(&advice, record);
	if (advice.len > 0) {
		phrase_label(body, advice_is_known(record) ? "What to do" : "Look at");
		buf_adds(body, buf_text(&advice));
	}
	buf_done(&advice);
	if (record->scenario->runbook != NULL) {
		phrase_label(body, "Runbook");
		phrase_text(body, record->scenario->runbook, PHRASE_LINK);
	}
	if (record->scenario->owner != NULL) {
		phrase_label(body, "Owner");
		phrase_text(body, record->scenario->owner, PHRASE_NAME);
	}
}

/* Who is woken must know at once whether something is broken now. */
static void write_fault(struct buf *body, const struct drill_record *record)
{
	phrase_label(body, outcome_is_fault_left(record) ? "Fault" : "It was a drill");
	outcome_fault(body, record);
	if (!outcome_is_fault_left(record) && record->evidence.inject_tried)
		buf_adds(body, ". A real alert would be lost in the same way");
}

void notice_write_gap(struct notice_writer *writer, const struct drill_record *record,
		      const struct notice_gap *gap, struct chat_post *ret_post)
{
	start(writer);
	buf_adds(&writer->headline, gap->is_new ? "ALERT GAP in " : "ALERT GAP, still open, in ");
	add_place(&writer->headline, record);
	buf_adds(&writer->headline, ", found by a drill: ");
	phrase_text(&writer->headline, gap->text, PHRASE_SUMMARY);
	write_fault(&writer->body, record);
	write_since(&writer->body, gap);
	write_where(&writer->body, record);
	write_advice(&writer->body, record);
	write_found(&writer->body, record);
	add_links(&writer->body, gap);
	add_footer(&writer->footer, record);
	*ret_post = finished(writer, CHAT_BAD);
	ret_post->loud = true;
	ret_post->mention = gap->mention;
}

void notice_write_again(struct notice_writer *writer, const struct drill_record *record,
			const struct notice_gap *gap, struct chat_post *ret_reply)
{
	start(writer);
	buf_adds(&writer->headline, "Found again: ");
	phrase_text(&writer->headline, gap->text, PHRASE_SUMMARY);
	buf_addf(&writer->body, "%s, ", record->id);
	add_moment(&writer->body, gap->last_wall_ms, gap->last_wall_ms);
	buf_addf(&writer->body, "; %" PRId64 " drills since ", gap->drills);
	add_moment(&writer->body, gap->first_wall_ms, gap->last_wall_ms);
	if (gap->link != NULL || gap->page != NULL) {
		buf_adds(&writer->body, "\n");
		phrase_text(&writer->body, gap->link != NULL ? gap->link : gap->page, PHRASE_LINK);
	}
	*ret_reply = finished(writer, CHAT_BAD);
}

/* Its end. */

static bool is_flaky(const struct drill_record *record)
{
	return record->judgement.verdict == VERDICT_FLAKY;
}

static void write_arrived(struct buf *buf, const struct drill_record *record)
{
	size_t telling = outcome_telling(record);

	if (telling < record->evidence.expect_count)
		outcome_sentence(buf, record, telling);
	else
		phrase_text(buf, record->judgement.text, PHRASE_SUMMARY);
	if (is_flaky(record))
		buf_adds(buf, ", but only when it was repeated");
}

static void write_was(struct buf *body, const struct drill_record *record,
		      const struct notice_gap *gap)
{
	phrase_label(body, "It was");
	phrase_text(body, gap->text, PHRASE_SUMMARY);
	phrase_label(body, "Open");
	add_moment(body, gap->first_wall_ms, ended_wall_ms(record));
	buf_adds(body, " to ");
	add_moment(body, ended_wall_ms(record), ended_wall_ms(record));
	buf_adds(body, " (");
	phrase_span(body, ended_wall_ms(record) - gap->first_wall_ms);
	buf_addf(body, "), found by %" PRId64 " drill%s", gap->drills, gap->drills == 1 ? "" : "s");
}

void notice_write_recovered(struct notice_writer *writer, const struct drill_record *record,
			    const struct notice_gap *gap, struct chat_post *ret_post)
{
	start(writer);
	buf_adds(&writer->headline, CHECK " RECOVERED in ");
	add_place(&writer->headline, record);
	buf_adds(&writer->headline, ": ");
	write_arrived(&writer->headline, record);
	write_was(&writer->body, record, gap);
	phrase_label(&writer->body, "Proven by");
	buf_adds(&writer->body, record->id);
	add_links(&writer->body, gap);
	add_footer(&writer->footer, record);
	*ret_post = finished(writer, is_flaky(record) ? CHAT_UNSURE : CHAT_GOOD);
	ret_post->loud = true;
	ret_post->mention = gap->mention;
}

void notice_write_recovery(struct notice_writer *writer, const struct drill_record *record,
			   const struct notice_gap *gap, struct chat_post *ret_reply)
{
	start(writer);
	buf_adds(&writer->headline, CHECK " Recovered: ");
	write_arrived(&writer->headline, record);
	buf_adds(&writer->headline, " (");
	add_place(&writer->headline, record);
	buf_adds(&writer->headline, ")");
	write_was(&writer->body, record, gap);
	*ret_reply = finished(writer, is_flaky(record) ? CHAT_UNSURE : CHAT_GOOD);
	ret_reply->broadcast = true;
}

/* A chat. */

void notice_write_chat(struct notice_writer *writer, const struct drill_record *record,
		       const char *what, const char *why, struct chat_post *ret_post)
{
	start(writer);
	buf_adds(&writer->headline, "firedrill cannot ");
	phrase_text(&writer->headline, what, PHRASE_SUMMARY);
	phrase_label(&writer->body, "Why");
	phrase_text(&writer->body, why, PHRASE_EVIDENCE);
	phrase_label(&writer->body, "First seen by");
	buf_addf(&writer->body, "%s of ", record->id);
	phrase_text(&writer->body, record->scenario->name, PHRASE_NAME);
	buf_adds(&writer->body, " in ");
	add_place(&writer->body, record);
	buf_addf(&writer->body, ": %s", verdict_name(record->judgement.verdict));
	phrase_label(&writer->body, "What to do");
	buf_adds(&writer->body,
		 "run `firedrill doctor`. You hear of this once, and when it is well "
		 "again; what drills find meanwhile is in `firedrill history`");
	add_footer(&writer->footer, record);
	*ret_post = finished(writer, CHAT_BAD);
}

void notice_write_chat_well(struct notice_writer *writer, const struct drill_record *record,
			    const char *chat, struct chat_post *ret_post)
{
	start(writer);
	buf_adds(&writer->headline, CHECK " firedrill is well again with ");
	phrase_text(&writer->headline, chat, PHRASE_NAME);
	phrase_label(&writer->body, "Seen by");
	buf_addf(&writer->body, "%s of ", record->id);
	phrase_text(&writer->body, record->scenario->name, PHRASE_NAME);
	buf_adds(&writer->body, " in ");
	add_place(&writer->body, record);
	*ret_post = finished(writer, CHAT_GOOD);
}

/* The rest. */

struct notice_writer *notice_writer_new(void)
{
	return mem_zalloc(sizeof(struct notice_writer));
}

void notice_writer_free(struct notice_writer *writer)
{
	if (writer == NULL)
		return;
	start(writer);
	free(writer);
}

char *notice_sentence(const struct drill_record *record)
{
	size_t telling = outcome_telling(record);
	struct buf text = {0};

	if (telling < record->evidence.expect_count)
		outcome_sentence(&text, record, telling);
	else
		phrase_text(&text, record->judgement.text, PHRASE_SUMMARY);
	return buf_take(&text);
}

char *notice_letter(const struct chat_post *post, const char *why)
{
	struct buf text = {0};

	if (post->body != NULL)
		buf_addf(&text, "%s\n\n", post->body);
	buf_addf(&text, "Why it comes this way: %s.\n", why);
	if (post->footer != NULL)
		buf_addf(&text, "\n%s\n", post->footer);
	return buf_take(&text);
}
