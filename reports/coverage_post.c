/* Coverage as a message for a chat: short enough for a phone. */
#include "reports/coverage.h"

#include "probes/chats/chat.h"
#include "reports/phrases.h"

#define MARK        "coverage"                      /* it belongs to no drill */
#define NAMED       5                               /* of a kind in one environment */
#define PARTS_NAMED 4                               /* environments that are told in full */
#define NEW_MS      (INT64_C(7) * 24 * 3600 * 1000) /* proven first since then is new */

/* "*Never proven* (28): A, B, C, D, E, ...". */
struct naming {
	struct buf *body; /* borrowed */
	const char *label;
	size_t count;
};

static void name(struct naming *naming, const struct coverage_item *item)
{
	if (naming->count++ >= NAMED)
		return;
	if (naming->count == 1)
		buf_addf(naming->body, "\n%s: ", naming->label);
	buf_adds(naming->body, naming->count > 1 ? ", " : "");
	phrase_text(naming->body, item->name, PHRASE_NAME);
}

static void end(const struct naming *naming)
{
	if (naming->count > NAMED)
		buf_addf(naming->body, " and %zu more", naming->count - NAMED);
}

static void add_names(struct buf *body, const struct coverage_part *part, enum coverage_state state,
		      enum coverage_kind kind, const char *label)
{
	struct naming naming = {body, label, 0};

	for (size_t i = 0; i < part->item_count; i++) {
		if (part->items[i].state == state && part->items[i].kind == kind)
			name(&naming, &part->items[i]);
	}
	end(&naming);
}

static void add_new(struct buf *body, const struct coverage *coverage,
		    const struct coverage_part *part)
{
	struct naming naming = {body, "New in the last 7 days", 0};

	for (size_t i = 0; i < part->item_count; i++) {
		const struct coverage_item *item = &part->items[i];

		if (item->state == COVERAGE_PROVEN &&
		    item->first_wall_ms >= coverage->now_wall_ms - NEW_MS)
			name(&naming, item);
	}
	end(&naming);
}

static void add_part(struct buf *body, const struct coverage *coverage,
		     const struct coverage_part *part)
{
	if (body->len > 0)
		buf_adds(body, "\n");
	buf_adds(body, "*");
	phrase_text(body, part->environment, PHRASE_NAME);
	buf_adds(body, "*");
	for (int kind = 0; kind < COVERAGE_KIND_COUNT; kind++) {
		if (coverage_count(part, (enum coverage_kind)kind).total == 0)
			continue;
		buf_adds(body, "\n");
		coverage_add_summary(body, coverage, part, (enum coverage_kind)kind);
	}
	for (size_t i = 0; i < part->trouble_count && i < NAMED; i++) {
		buf_adds(body, "\nNot asked: ");
		phrase_text(body, part->troubles[i].hop, PHRASE_NAME);
		buf_adds(body, ": ");
		phrase_text(body, part->troubles[i].text, PHRASE_SUMMARY);
	}
	add_new(body, coverage, part);
	add_names(body, part, COVERAGE_NEVER, COVERAGE_RULE, "Never proven");
	add_names(body, part, COVERAGE_NEVER, COVERAGE_RECEIVER, "Receivers never proven");
	add_names(body, part, COVERAGE_OUTDATED, COVERAGE_RULE, "Proven too long ago");
	add_names(body, part, COVERAGE_CANNOT, COVERAGE_RULE, "Cannot fire");
}

/* The one number: of all environments that know it. */
static void add_headline(struct buf *headline, const struct coverage *coverage)
{
	size_t proven = 0, total = 0;

	for (size_t i = 0; i < coverage->part_count; i++) {
		struct coverage_count count = coverage_count(&coverage->parts[i], COVERAGE_RULE);

		if (!count.known)
			continue;
		proven += count.states[COVERAGE_PROVEN];
		total += count.total;
	}
	buf_adds(headline, "Alert coverage: ");
	if (total == 0)
		buf_adds(headline, "no rules could be counted");
	else
		buf_addf(headline, "%zu of %zu rules proven (%zu %%)", proven, total,
			 proven * 100 / total);
}

void coverage_write_post(struct coverage_post *texts, const struct coverage *coverage,
			 struct chat_post *ret_post)
{
	size_t told = 0, left = 0;

	coverage_post_done(texts);
	add_headline(&texts->headline, coverage);
	for (size_t i = 0; i < coverage->part_count; i++) {
		const struct coverage_part *part = &coverage->parts[i];

		if (part->pipeline == NULL)
			continue;
		if (told++ < PARTS_NAMED)
			add_part(&texts->body, coverage, part);
		else
			left++;
	}
	buf_adds(&texts->footer, "proven: a drill's alert went all the way; all of it: firedrill "
				 "coverage");
	if (left > 0)
		buf_addf(&texts->footer, "; %zu more environment%s", left, left == 1 ? "" : "s");
	*ret_post = (struct chat_post){
	    .mark = MARK,
	    .tone = coverage_exit_code(coverage, 0) == EXIT_PASS ? CHAT_GOOD : CHAT_UNSURE,
	    .headline = buf_text(&texts->headline),
	    .body = texts->body.len > 0 ? buf_text(&texts->body) : NULL,
	    .footer = buf_text(&texts->footer),
	};
}

void coverage_post_done(struct coverage_post *texts)
{
	buf_done(&texts->headline);
	buf_done(&texts->body);
	buf_done(&texts->footer);
}
