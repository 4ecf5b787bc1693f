/* What became of a drill that died, or of its fault, in words. */
#include "reports/settled.h"

#include <stdlib.h>
#include <string.h>

#include "reports/phrases.h"
#include "reports/plain.h"
#include "reports/when.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

#define DRILL_HEADING "[DRILL] "
#define RUNNING       ": running" /* as reports/message.c ends such a headline */
#define NOT_REVERTED  "FAULT NOT REVERTED in "
#define DOT           " \xc2\xb7 " /* middle dot */
#define HOST_LIMIT    60           /* characters */

struct settled_writer {
	struct buf headline, body, footer;
};

/* Pieces. */

/* "orders-bad-queue in production" */
static void add_drill(struct buf *buf, const struct settled *settled)
{
	phrase_text(buf, settled->scenario, PHRASE_NAME);
	buf_adds(buf, " in ");
	phrase_text(buf, settled->environment, PHRASE_NAME);
}

/* "via http, PUT https://orders.example/admin/queue" */
static void add_fault(struct buf *buf, const struct settled *settled)
{
	buf_addf(buf, "via %s",
		 settled->via == VIA_COUNT ? "an unknown driver" : via_name(settled->via));
	if (settled->target != NULL && settled->target[0] != '\0') {
		buf_adds(buf, ", ");
		phrase_text(buf, settled->target, PHRASE_SUMMARY);
	}
}

/* How it came that a fault outlived its drill. */
static const char *story(const struct settled *settled)
{
	switch (settled->found) {
	case FAULT_INTENT:
		return "firedrill died during this drill, before anything was touched";
	case FAULT_STUCK:
		return "the fault of this drill could not be put right at first";
	case FAULT_ABSENT:
	case FAULT_INJECTING:
	case FAULT_INJECTED:
	case FAULT_REVERTING:
	case FAULT_UNCONFIRMED:
	case FAULT_CLEAN:
	case FAULT_STATE_COUNT:
		break;
	}
	return "firedrill died during this drill";
}

/* When the drill began, and how long ago that is; the clock may have been set back since. */
static void add_since(struct buf *buf, const struct settled_view *view)
{
	int64_t age_ms = view->now_wall_ms - view->settled->intended_wall_ms;

	when_text(buf, view->settled->intended_wall_ms);
	if (age_ms < 0)
		return;
	buf_adds(buf, ", ");
	phrase_span(buf, age_ms);
	buf_adds(buf, " ago");
}

/* "the guardian put it right in 0.8 s" */
static void add_clean(struct buf *buf, const struct settled_view *view)
{
	const struct settled *settled = view->settled;

	if (settled->found == FAULT_INTENT) {
		buf_adds(buf, "nothing was in place");
		return;
	}
	phrase_text(buf, view->by, PHRASE_NAME);
	buf_adds(buf, " put it right in ");
	phrase_span(buf, settled->took_ms);
	if (settled->tries > 1)
		buf_addf(buf, ", at try %d", settled->tries);
}

/* `firedrill revert fd-k3q9x2m7` on ops-1 */
static void add_command(struct buf *buf, const struct settled_view *view, const char *verb,
			const char *rest, const char *quote)
{
	buf_addf(buf, "%sfiredrill %s ", quote, verb);
	phrase_text(buf, view->settled->drill, PHRASE_NAME);
	buf_addf(buf, "%s%s", rest, quote);
	if (view->host != NULL && view->host[0] != '\0') {
		buf_adds(buf, " on ");
		(void)plain_add(buf, view->host, &(struct plain){HOST_LIMIT, .chat = true});
	}
}

/* The chat message. */

static void write_clean(struct settled_writer *writer, const struct settled_view *view)
{
	const struct settled *settled = view->settled;
	const bool late = settled->found == FAULT_STUCK;
	struct buf *body = &writer->body;

	/* A drill whose fault was stuck may have had its verdict before. */
	buf_adds(&writer->headline,
		 late ? DRILL_HEADING "put right late: " : DRILL_HEADING "ABORTED, put right: ");
	add_drill(&writer->headline, settled);
	phrase_label(body, "What happened");
	buf_adds(body, story(settled));
	buf_adds(body, "; ");
	add_clean(body, view);
	phrase_label(body, "Fault");
	add_fault(body, settled);
	buf_adds(body, ", planned ");
	when_text(body, settled->intended_wall_ms); /* read later: no age */
	phrase_label(body, "Seen");
	phrase_text(body, settled->text, PHRASE_EVIDENCE);
	buf_adds(body, "\nNothing is left to put right. ");
	buf_adds(body, late ? "What the drill found, if it got that far, is in the thread."
			    : "Run the drill again for a verdict.");
}

static void write_stuck(struct settled_writer *writer, const struct settled_view *view)
{
	const struct settled *settled = view->settled;
	struct buf *body = &writer->body;

	buf_adds(&writer->headline, DRILL_HEADING NOT_REVERTED);
	phrase_text(&writer->headline, settled->environment, PHRASE_NAME);
	buf_adds(&writer->headline, ": ");
	phrase_text(&writer->headline, settled->scenario, PHRASE_NAME);
	phrase_label(body, "Act now");
	buf_adds(body, "look at the target yourself, then run ");
	add_command(body, view, "revert", "", "`");
	phrase_label(body, "What happened");
	buf_adds(body, story(settled));
	buf_adds(body, "; ");
	phrase_text(body, view->by, PHRASE_NAME);
	buf_adds(body, " tried to put it right and could not");
	phrase_label(body, "Fault");
	add_fault(body, settled);
	buf_adds(body, ", planned ");
	when_text(body, settled->intended_wall_ms); /* read later: no age */
	phrase_label(body, "Seen");
	phrase_text(body, settled->text, PHRASE_EVIDENCE);
	phrase_label(body, "Until then");
	if (view->goes_on)
		buf_adds(body, "it is tried again and again, and ");
	buf_adds(body, "no other drill runs in ");
	phrase_text(body, settled->environment, PHRASE_NAME);
	buf_adds(body, "; ");
	add_command(body, view, "ack", " --reason \"...\"", "`");
	buf_adds(body, " sets it aside");
}

/* Why the drill has no end to tell: it may be known elsewhere. */
static void write_untold(struct settled_writer *writer, const struct settled_view *view)
{
	struct buf *body = &writer->body;

	buf_adds(&writer->headline, DRILL_HEADING "ABORTED: ");
	add_drill(&writer->headline, view->settled);
	phrase_label(body, "What happened");
	buf_adds(body, "firedrill ended during this drill (killed or crashed), or could not tell "
		       "its end here; ");
	phrase_text(body, view->by, PHRASE_NAME);
	buf_adds(body, " looked after it");
	phrase_label(body, "Fault");
	buf_adds(body, "none is in place; ");
	phrase_text(body, view->settled->text, PHRASE_EVIDENCE);
	buf_adds(body, "\nNothing is left to put right. Run the drill again for a verdict.");
}

/* The lines that only a view of what goes on has: a terminal's, usually. */
static void write_short(struct settled_writer *writer, const struct settled_view *view)
{
	buf_adds(&writer->headline, DRILL_HEADING);
	add_drill(&writer->headline, view->settled);
	buf_adds(&writer->headline, view->settled->how == SETTLED_BUSY
					? ": another firedrill is putting it right"
					: ": putting it right");
}

static void start(struct settled_writer *writer)
{
	buf_done(&writer->headline);
	buf_done(&writer->body);
	buf_done(&writer->footer);
}

struct settled_writer *settled_writer_new(void)
{
	return mem_zalloc(sizeof(struct settled_writer));
}

void settled_writer_free(struct settled_writer *writer)
{
	if (writer == NULL)
		return;
	start(writer);
	free(writer);
}

void settled_write(struct settled_writer *writer, const struct settled_view *view,
		   struct chat_post *ret_post)
{
	const struct settled *settled = view->settled;
	enum chat_tone tone = CHAT_UNSURE;

	start(writer);
	switch (settled->how) {
	case SETTLED_CLEAN:
		write_clean(writer, view);
		break;
	case SETTLED_STUCK:
		write_stuck(writer, view);
		tone = CHAT_BAD;
		break;
	case SETTLED_UNTOLD:
		write_untold(writer, view);
		break;
	case SETTLED_BEGUN:
	case SETTLED_BUSY:
		write_short(writer, view);
		tone = CHAT_RUNNING;
		break;
	}
	phrase_text(&writer->footer, settled->scenario, PHRASE_NAME);
	buf_adds(&writer->footer, DOT);
	phrase_text(&writer->footer, settled->drill, PHRASE_NAME);
	buf_adds(&writer->footer, DOT);
	when_text(&writer->footer, settled->intended_wall_ms);
	*ret_post = (struct chat_post){
	    .mark = settled->drill,
	    .tone = tone,
	    .headline = buf_text(&writer->headline),
	    .body = writer->body.len > 0 ? buf_text(&writer->body) : NULL,
	    .footer = buf_text(&writer->footer),
	};
}

/* The paragraph. */

static void tell_clean(struct buf *buf, const struct settled_view *view)
{
	buf_adds(buf, ": ");
	add_clean(buf, view);
	buf_adds(buf, ". ");
	phrase_text(buf, view->settled->text, PHRASE_EVIDENCE);
}

static void tell_stuck(struct buf *buf, const struct settled_view *view)
{
	const struct settled *settled = view->settled;

	buf_adds(buf, ": FAULT NOT REVERTED. ");
	phrase_text(buf, view->by, PHRASE_NAME);
	buf_adds(buf, " tried to put it right and could not: ");
	phrase_text(buf, settled->text, PHRASE_EVIDENCE);
	buf_adds(buf, ". Look at the target yourself, then run: ");
	add_command(buf, view, "revert", "", "");
	buf_adds(buf, view->goes_on ? ". It is tried again and again; no" : ". No");
	buf_adds(buf, " other drill runs in ");
	phrase_text(buf, settled->environment, PHRASE_NAME);
	buf_adds(buf, " until it is clean, or set aside with: ");
	add_command(buf, view, "ack", " --reason \"...\"", "");
}

/* Which drill, and with a fault which one. */
static void name(struct buf *buf, const struct settled_view *view)
{
	const struct settled *settled = view->settled;
	bool untold = settled->how == SETTLED_UNTOLD;

	buf_adds(buf, untold ? "firedrill: the drill " : "firedrill: the fault of ");
	phrase_text(buf, settled->drill, PHRASE_NAME);
	buf_adds(buf, " (");
	add_drill(buf, settled);
	if (!untold) {
		buf_adds(buf, ", ");
		add_fault(buf, settled);
	}
	buf_adds(buf, untold ? ", announced " : ", planned ");
	add_since(buf, view);
	buf_adds(buf, ")");
}

char *settled_paragraph(const struct settled_view *view)
{
	const struct settled *settled = view->settled;
	struct buf text = {0}, clean = {0};

	name(&text, view);
	switch (settled->how) {
	case SETTLED_BEGUN:
		buf_adds(&text,
			 ": putting it right; a target that fails is tried for 15 s, or longer "
			 "when it is slow to answer");
		break;
	case SETTLED_CLEAN:
		tell_clean(&text, view);
		break;
	case SETTLED_STUCK:
		tell_stuck(&text, view);
		break;
	case SETTLED_BUSY:
		buf_adds(&text, ": another firedrill is putting it right");
		break;
	case SETTLED_UNTOLD:
		buf_adds(&text, ": firedrill ended before it could tell its end in the chat. No "
				"fault of it is in place; its messages are corrected");
		break;
	}
	(void)plain_add(&clean, buf_text(&text), &(struct plain){.ascii = view->ascii});
	buf_done(&text);
	return buf_take(&clean);
}

/* The messages of a drill. */

bool settled_is_outdated(const char *text)
{
	const char *headline = strstr(text, DRILL_HEADING);
	size_t len;

	if (headline == NULL)
		return false;
	headline += strlen(DRILL_HEADING);
	if (strncmp(headline, NOT_REVERTED, strlen(NOT_REVERTED)) == 0)
		return true;
	len = strcspn(headline, "\n");
	while (len > 0 && headline[len - 1] == '*') /* it is bold */
		len--;
	return len >= strlen(RUNNING) &&
	       memcmp(headline + len - strlen(RUNNING), RUNNING, strlen(RUNNING)) == 0;
}
