/* Running the loop in a test until something has happened: no sleeps, and never for ever. */
#ifndef TESTS_SUPPORT_LOOP_H
#define TESTS_SUPPORT_LOOP_H

#include <stdbool.h>

struct event_base;

/* Runs the loop until *flag is true; fails the test when nothing comes of it for long. Assert after it, not inside
 * callbacks: a failing assert leaves by longjmp and would leave the base running. */
void loop_until(struct event_base *base, const bool *flag);

/* The same for a condition that is looked at after every turn of the loop, and many times a second anyway. */
void loop_until_true(struct event_base *base, bool (*condition)(void *arg), void *arg);

#endif
