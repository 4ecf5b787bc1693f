/* The small pieces of sentences for people. */
#include "reports/phrases.h"

#include <inttypes.h>
#include <string.h>

#include "reports/plain.h"
#include "reports/when.h"
#include "src/base/duration.h"

#define SHORT_SPAN_MS 120000 /* below this seconds alone are easier to compare */

void phrase_text(struct buf *buf, const char *text, enum phrase_limit limit)
{
	(void)plain_add(buf, text, &(struct plain){.limit = (size_t)limit, .chat = true});
}

/* "C024BE91L": upper case letters and digits only, as no channel is named. */
static bool is_channel_id(const char *channel)
{
	return channel[strspn(channel, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")] == '\0';
}

void phrase_channel(struct buf *buf, const char *channel)
{
	if (channel == NULL || channel[0] == '\0') {
		buf_adds(buf, "the chat");
		return;
	}
	if (channel[0] != '#' && !is_channel_id(channel))
		buf_adds(buf, "#");
	phrase_text(buf, channel, PHRASE_NAME);
}

void phrase_label(struct buf *body, const char *name)
{
	if (body->len > 0)
		buf_adds(body, "\n");
	buf_addf(body, "*%s*: ", name);
}

void phrase_span(struct buf *buf, int64_t ms)
{
	char text[32];

	if (ms >= 1000 && ms < SHORT_SPAN_MS && ms % 1000 / 100 == 0) {
		buf_addf(buf, "%" PRId64 " s", ms / 1000);
	} else if (ms >= 1000 && ms < SHORT_SPAN_MS) {
		buf_addf(buf, "%" PRId64 ".%" PRId64 " s", ms / 1000, ms % 1000 / 100);
	} else {
		duration_format(ms > 0 ? ms : 0, text, sizeof text);
		buf_adds(buf, text);
	}
}

void phrase_time(struct buf *buf, const struct drill_record *record, int64_t at_ms)
{
	when_second(buf, record_wall_ms(record, at_ms));
}

const char *phrase_phase(enum phase phase)
{
	switch (phase) {
	case PHASE_GUARD:
		return "checking whether it may run";
	case PHASE_BASELINE:
		return "reading the channel before anything breaks";
	case PHASE_ANNOUNCE:
		return "telling the channel, and reading that back";
	case PHASE_RECORD:
		return "writing down how to put it back";
	case PHASE_INJECT:
		return "breaking it";
	case PHASE_WITNESS:
		return "checking that it is really broken";
	case PHASE_WATCH:
		return "waiting for the alert";
	case PHASE_REVERT:
		return "putting it back";
	case PHASE_CONFIRM:
		return "checking that it is back";
	case PHASE_RECOVERY:
		return "put back; reading on for late and resolved messages";
	case PHASE_EXPLAIN:
		return "finding out where the alert was lost";
	case PHASE_REPORT:
		return "writing the report";
	case PHASE_DONE:
		return "done";
	case PHASE_COUNT:
		break;
	}
	return "";
}
