/* The fixture of all ledger tests: a folder of its own, a path in it, faults to record. */
#ifndef TESTS_STORE_SHELF_H
#define TESTS_STORE_SHELF_H

#include <stdbool.h>
#include <stddef.h>

#include "src/store/ledger.h"

struct shelf {
	char folder[64];
	char path[96]; /* folder/ledger; nothing is there yet */
};

int shelf_setup(void **state); /* *state becomes a struct shelf */
int shelf_teardown(void **state);
#define shelf_test(f) cmocka_unit_test_setup_teardown(f, shelf_setup, shelf_teardown)

struct ledger *shelf_open(const struct shelf *shelf); /* fails the test when it does not open */
void shelf_assert_refused(const char *path, const char *expected); /* with such a sentence */

struct ledger_fault shelf_fault(const char *drill); /* of "bad-queue" in "staging" */
void shelf_intend(struct ledger *ledger, const char *drill);
size_t shelf_count(struct ledger *ledger); /* faults that are not clean */

/* Runs SQL on the file, as another program would. */
void shelf_sql(const struct shelf *shelf, const char *sql);

/* Makes the ledger as version 1 of it was, with a fault in every state: "fd-intent" and so on, their
 * intents recorded at 1000. */
void shelf_make_version_1(const struct shelf *shelf);

/* Runs part in a forked process, and fails the test unless it returned true. */
void shelf_apart(bool (*part)(struct shelf *shelf), struct shelf *shelf);

#endif
