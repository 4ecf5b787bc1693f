/* What is printed while faults are in place: never waits for whoever reads it. */
#ifndef REPORTS_OUTLET_H
#define REPORTS_OUTLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct outlet;

/* out is borrowed; nobody else writes to it meanwhile. limit: bytes that may wait, what is more is
 * left out; 0: none. */
struct outlet *outlet_new(FILE *out, size_t limit);
void outlet_free(struct outlet *outlet); /* what still waits is lost; NULL is fine */

/* Writes what can be written at once; the rest waits for the next of these. */
void outlet_add(struct outlet *outlet, const char *data, size_t len);
/* The same without anything new. True when nothing waits, and more would be taken. */
bool outlet_flush(struct outlet *outlet);
/* Writes what can be written at once; true when nothing waits any more. */
bool outlet_drain(struct outlet *outlet);
/* What still waits is given up: outlet_finish has nothing to wait for. */
void outlet_drop(struct outlet *outlet);
/* Waits until all is written, for ever if need be: for the end, when nothing is in place. */
void outlet_finish(struct outlet *outlet);
/* Something was not written: the reader is gone, or its disk is full. */
bool outlet_failed(const struct outlet *outlet);

#endif
