/* A chronicle without a program around it: its history lies beside the shelf's ledger. */
#ifndef TESTS_PROGRAM_SHELF_CHRONICLE_H
#define TESTS_PROGRAM_SHELF_CHRONICLE_H

#include <stdint.h>

#include "src/program/chronicle.h"
#include "tests/store/shelf.h"

/* Owned by the caller: chronicle_close. */
struct chronicle *shelf_chronicle(const struct shelf *shelf, int64_t keep_days);

#endif
