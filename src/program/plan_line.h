/* The lines of `firedrill plan`, on stdout; broken between words where a terminal ends. */
#ifndef PROGRAM_PLAN_LINE_H
#define PROGRAM_PLAN_LINE_H

/* Begins a drill. */
void plan_title(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The phase, and what happens then. */
void plan_line(const char *phase, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A guard: what it says now ("passes"), and why. */
void plan_guard(const char *answer, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
