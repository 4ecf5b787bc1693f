/* What became of every drill: its evidence, as much of it as is kept. */
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/utf8.h"
#include "src/store/history_parts.h"

static bool put_one(struct database *database, int64_t seq, const struct history_evidence *evidence,
		    const char *text, struct error *error)
{
	static const char sql[] =
	    "INSERT INTO evidence (kind, source, text, drill, expect, wall_ms)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
	const char *const texts[] = {evidence->kind, evidence->source, text};
	const int64_t numbers[] = {seq, evidence->expect, evidence->wall_ms};

	return history_put(database, sql, texts, 3, numbers, 3, error);
}

/* A text that is too long ends with how much of it is not here. Owned by the caller; NULL: it is not
 * too long. */
static char *shorten(const char *text, size_t len)
{
	struct buf buf = {0};
	size_t kept;

	if (len <= HISTORY_EVIDENCE_BYTES)
		return NULL;
	kept = utf8_cut(text, len, HISTORY_EVIDENCE_BYTES);
	buf_add(&buf, text, kept);
	buf_addf(&buf, "\n[%zu bytes more are not kept]", len - kept);
	return buf_take(&buf);
}

bool history_put_evidence(struct database *database, int64_t seq, const struct history_drill *drill,
			  struct error *error)
{
	size_t total = 0, left_out = 0;
	struct history_evidence note = {.kind = "note", .source = "", .expect = -1};
	bool good = true;

	for (size_t i = 0; good && i < drill->evidence_count; i++) {
		const struct history_evidence *evidence = &drill->evidence[i];
		size_t len = strlen(evidence->text);
		size_t kept = len < HISTORY_EVIDENCE_BYTES ? len : HISTORY_EVIDENCE_BYTES;
		char *shortened = NULL;

		if (total + kept > HISTORY_EVIDENCE_TOTAL) {
			left_out++;
			continue;
		}
		total += kept;
		shortened = shorten(evidence->text, len);
		good = put_one(database, seq, evidence,
			       shortened != NULL ? shortened : evidence->text, error);
		free(shortened);
	}
	if (good && left_out > 0) {
		char *text =
		    mem_printf("%zu more of what it saw is not kept: it is too much", left_out);

		good = put_one(database, seq, &note, text, error);
		free(text);
	}
	return good;
}
