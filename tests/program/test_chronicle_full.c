/* A history that cannot be written while very much waits for it. */
#include "src/program/chronicle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/base/secret.h"
#include "tests/program/shelf_chronicle.h"
#include "tests/reports/make_record.h"
#include "tests/store/shelf.h"

static struct made *make_large(size_t bytes)
{
	struct made *made = make_running();
	char *text = mem_printf("%*s", (int)bytes, "PUT answered 200");

	make_text(&made->record.evidence.fault_text, text); /* in its report, and in its evidence */
	make_over(made, VERDICT_GAP, "it never came");
	free(text);
	return made;
}

/* The first one loses nothing, the second its evidence; for the third there is no more room. */
static void what_waits_has_an_end_in_bytes_and_what_is_lost_is_told(void **state)
{
	const struct shelf *shelf = *state;
	struct chronicle *chronicle;
	struct secrets *secrets = secrets_new();
	struct made *made = make_large(10 << 20);
	char *path = mem_printf("%s-history", shelf->path);
	sqlite3 *db = NULL;

	chronicle = shelf_chronicle(shelf, 366);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	for (char last = '1'; last <= '3'; last++) {
		made->record.id[strlen(made->record.id) - 1] = last;
		chronicle_add(chronicle, &made->record, secrets, NULL);
	}
	assert_non_null(strstr(chronicle_trouble(chronicle), "3 drills are not in the history: "));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	chronicle_write(chronicle);
	assert_non_null(chronicle_trouble(chronicle));
	assert_non_null(strstr(chronicle_trouble(chronicle), "1 drill is not in the history: "));
	chronicle_close(chronicle);
	made_free(made);
	secrets_free(secrets);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    shelf_test(what_waits_has_an_end_in_bytes_and_what_is_lost_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
