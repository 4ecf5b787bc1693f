/* The inside of the history: shared by history*.c only. */
#ifndef STORE_HISTORY_PARTS_H
#define STORE_HISTORY_PARTS_H

#include "src/store/database.h"
#include "src/store/history.h"

struct history {
	struct database *database; /* owned */
	struct history_limits limits;
};

extern const struct database_kind history_kind;

/* One row. Texts come first among the values (NULL: none), numbers after them. */
MUST_CHECK bool history_put(struct database *database, const char *sql, const char *const *texts,
			    size_t text_count, const int64_t *numbers, size_t number_count,
			    struct error *error);

/* Only one process is between the two at a time; another that writes is waited for at most wait_ms. */
MUST_CHECK bool history_begin(struct history *history, int64_t wait_ms, struct error *error);
MUST_CHECK bool history_end(struct history *history, bool ok, struct error *error);

/* Forgets a few of what is too old, or too much. Between the two. */
MUST_CHECK bool history_forget(struct history *history, struct error *error);

/* A drill with all that belongs to it; one that is known already is left as it is. Between the two. */
MUST_CHECK bool history_put_drill(struct database *database, const struct history_drill *drill,
				  struct error *error);
/* It is over: nobody waits for what became of it any more, and what was written in its place goes.
 * Between the two. */
MUST_CHECK bool history_end_begun(struct database *database, const char *drill,
				  struct error *error);

/* The evidence of a drill, cut where it is too long. Between the two. */
MUST_CHECK bool history_put_evidence(struct database *database, int64_t seq,
				     const struct history_drill *drill, struct error *error);

/* Tells every row until `tell` says no. sql with texts from ?1 on and numbers behind them; a statement
 * that is NULL fails. The statement is finalized. */
typedef bool history_row_fn(void *arg, sqlite3_stmt *row);
MUST_CHECK bool history_rows(struct database *database, sqlite3_stmt *statement,
			     history_row_fn *tell, void *arg, struct error *error);

#endif
