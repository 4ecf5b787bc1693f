/* The details of a drill for the thread of its message. */
#include "reports/details.h"

#include <string.h>

#include "reports/bisect_text.h"
#include "reports/outcome.h"
#include "reports/phrases.h"
#include "reports/plain.h"
#include "reports/timing_text.h"

#define BODY_LIMIT    2500 /* characters; Slack's section takes 3,000, escaped */
#define SURETY_MAX    5    /* expectations of which is told how sure they are */
#define TIMINGS_MAX   3    /* ... of which the deadline is explained */
#define MORE_LEN      40   /* kept free for "and 12 more" */
#define SIGHTING_SHOW 120  /* characters of a message's text */

/* Lines, as long as there is room. */

/* Characters as the chat counts them. */
static size_t cost_of(const char *text)
{
	size_t cost = 0;
	uint32_t c;

	for (; *text != '\0'; text += plain_next(text, &c))
		cost += *text == '&' ? 5 : *text == '<' || *text == '>' ? 4 : 1;
	return cost;
}

/* Moves a line into the body; false, and nothing added, when it does not fit any more. */
static bool add_line(struct buf *body, struct buf *line)
{
	bool fits = cost_of(buf_text(body)) + cost_of(buf_text(line)) + 1 + MORE_LEN <= BODY_LIMIT;

	if (fits && body->len > 0)
		buf_adds(body, "\n");
	if (fits)
		buf_adds(body, buf_text(line));
	buf_done(line);
	return fits;
}

/* The parts. */

/* When the phase after this one began. */
static int64_t end_of(const struct drill_record *record, size_t phase)
{
	for (size_t i = phase + 1; i < PHASE_COUNT; i++) {
		if (record->phase_ms[i] != TIME_NEVER)
			return record->phase_ms[i];
	}
	return TIME_NEVER;
}

static void write_phases(struct buf *body, const struct drill_record *record)
{
	struct buf line = {0};

	buf_adds(&line, "*Phases*:");
	for (size_t i = 0; i < PHASE_COUNT; i++) {
		int64_t from_ms = record->phase_ms[i], to_ms = end_of(record, i);

		if (from_ms == TIME_NEVER || to_ms == TIME_NEVER)
			continue;
		buf_addf(&line, " %s ", phase_name((enum phase)i));
		phrase_span(&line, to_ms - from_ms);
		buf_adds(&line, ",");
	}
	if (line.data[line.len - 1] == ',')
		line.data[--line.len] = '\0';
	(void)add_line(body, &line);
}

static const char *witness_words(enum witnessed witnessed)
{
	switch (witnessed) {
	case WITNESS_NOT_ASKED:
		return "no witness was asked; that it was in place is the driver's own word";
	case WITNESS_BITES:
		return "a witness saw that it really was broken";
	case WITNESS_NO_EFFECT:
		return "a witness saw that nothing was broken";
	case WITNESS_UNKNOWN:
		return "a witness was asked and could not tell";
	}
	return "";
}

static void write_fault(struct buf *body, const struct drill_record *record)
{
	const struct evidence *evidence = &record->evidence;
	struct buf line = {0};

	if (!evidence->inject_tried)
		return;
	buf_adds(&line, "*Fault*: ");
	if (record->scenario->fault.kind == KIND_NONE) {
		buf_adds(&line, "nothing was broken in this control drill");
		(void)add_line(body, &line);
		return;
	}
	phrase_text(&line, evidence->fault_text, PHRASE_EVIDENCE);
	buf_adds(&line, evidence->fault_text != NULL ? "; " : "");
	buf_adds(&line, witness_words(evidence->witnessed));
	(void)add_line(body, &line);
	if (evidence->revert_text == NULL)
		return;
	buf_adds(&line, "*Put back*: ");
	phrase_text(&line, evidence->revert_text, PHRASE_EVIDENCE);
	(void)add_line(body, &line);
}

/* What proves that the channel could be read, so that silence there means something. */
static void add_control(struct buf *line, const struct expectation_evidence *expect)
{
	if (!expect->readable)
		buf_adds(line, "could not be read before the drill");
	else if (expect->control_seen)
		buf_adds(line, "the drill's own message was read back, so it could be read");
	else if (expect->control_wanted)
		buf_adds(line, "the drill's own message was never read back, so silence there "
			       "proves nothing");
	else
		buf_adds(line, "no announcement was posted there: only successful reads prove "
			       "that it was readable");
}

static void write_surety(struct buf *body, const struct expectation_evidence *expect)
{
	struct buf line = {0};

	buf_adds(&line, "*How sure* about ");
	phrase_channel(&line, expect->expect->channel);
	buf_adds(&line, ": ");
	add_control(&line, expect);
	if (expect->blind_ms > 0) {
		buf_adds(&line, "; nothing could be read for ");
		phrase_span(&line, expect->blind_ms);
	}
	if (!expect->has_nonce)
		buf_adds(&line, "; alerts there do not carry the drill's id");
	if (expect->before_count > 0)
		buf_addf(&line, "; %zu of the same in the time before the drill",
			 expect->before_count);
	if (expect->firing_before)
		buf_adds(&line, "; the alert was firing already");
	if (expect->trouble != NULL) {
		buf_adds(&line, "; ");
		phrase_text(&line, expect->trouble, PHRASE_SUMMARY);
	}
	(void)add_line(body, &line);
}

/* "10:01:05 UTC, 2.1 s after the fault", or before it. */
static void add_when(struct buf *line, const struct drill_record *record, int64_t at_ms)
{
	int64_t since_ms = at_ms - record->evidence.injected_ms;

	phrase_time(line, record, at_ms);
	if (record->evidence.injected_ms == TIME_NEVER)
		return;
	buf_adds(line, ", ");
	phrase_span(line, since_ms >= 0 ? since_ms : -since_ms);
	buf_adds(line, since_ms >= 0 ? " after the fault" : " before the fault");
}

static void add_link(struct buf *line, const char *link)
{
	struct buf clean = {0};

	phrase_text(&clean, link, PHRASE_LINK);
	if (link != NULL && strcmp(buf_text(&clean), link) == 0) /* a changed link leads nowhere */
		buf_addf(line, " %s", link);
	buf_done(&clean);
}

static bool write_sighting(struct buf *body, const struct drill_record *record,
			   const struct expectation *expect, const struct sighting *sighting)
{
	struct buf line = {0};

	buf_adds(&line, "*Seen* ");
	add_when(&line, record, sighting->at_ms);
	buf_adds(&line, ", in ");
	phrase_channel(&line, sighting->channel != NULL ? sighting->channel : expect->channel);
	buf_adds(&line, sighting->resolved ? ", resolved" : "");
	buf_adds(&line, sighting->edit ? ", by an edit" : "");
	buf_adds(&line, sighting->reply ? ", in a thread" : "");
	buf_adds(&line, ": ");
	(void)plain_add(&line, sighting->text,
			&(struct plain){.limit = SIGHTING_SHOW, .chat = true});
	add_link(&line, sighting->permalink);
	return add_line(body, &line);
}

static void write_sightings(struct buf *body, const struct drill_record *record)
{
	size_t left = 0, count = 0;

	for (size_t i = 0; i < record->evidence.expect_count; i++) {
		const struct expectation_evidence *expect = &record->evidence.expect[i];

		for (size_t j = 0; j < expect->sighting_count; j++) {
			count++;
			if (left > 0 ||
			    !write_sighting(body, record, expect->expect, &expect->sightings[j]))
				left++;
		}
		left += expect->unread_count;
		count += expect->unread_count;
	}
	if (count == 0)
		buf_adds(body, "\n*Seen*: no message that matches");
	else if (left > 0)
		buf_addf(body, "\nand %zu more messages", left);
}

/* One line for each station that was asked, or could not be. */
static void write_hops(struct buf *body, const struct drill_record *record)
{
	for (size_t i = 0; i < record->judgement.hop_count; i++) {
		const struct hop_told *told = &record->judgement.hops[i];
		struct buf line = {0};

		if (told->name == NULL)
			continue;
		buf_addf(&line, "*%s*: ", hop_name(told->hop));
		outcome_hop(&line, record, told);
		if (!add_line(body, &line))
			return;
	}
}

/* What the deadlines are made of. */
static void write_timings(struct buf *body, const struct drill_record *record)
{
	for (size_t i = 0; i < record->evidence.expect_count && i < TIMINGS_MAX; i++) {
		struct buf line = {0};

		buf_adds(&line, "*Timing*: ");
		if (timing_text_line(&line, record, i))
			(void)add_line(body, &line);
		buf_done(&line);
	}
}

/* What was sent after a gap, and what came of it. */
static void write_probes(struct buf *body, const struct drill_record *record)
{
	for (size_t i = 0; i < record->evidence.probe_count; i++) {
		struct buf line = {0};

		buf_adds(&line, "*Probe*: ");
		(void)bisect_text_probe(&line, record, i);
		if (!add_line(body, &line))
			return;
	}
}

void details_write(struct buf *body, const struct drill_record *record)
{
	write_phases(body, record);
	write_fault(body, record);
	write_hops(body, record);
	write_probes(body, record);
	write_timings(body, record);
	for (size_t i = 0; i < record->evidence.expect_count && i < SURETY_MAX; i++)
		write_surety(body, &record->evidence.expect[i]);
	write_sightings(body, record);
}
