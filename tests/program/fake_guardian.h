/* The other end of guardian.c in its tests: writes down what it gets, behaves as it is told. */
#ifndef TESTS_PROGRAM_FAKE_GUARDIAN_H
#define TESTS_PROGRAM_FAKE_GUARDIAN_H

/* Environment variables: how it behaves, and the file it writes. */
#define FAKE_GUARDIAN     "FAKE_GUARDIAN"
#define FAKE_GUARDIAN_LOG "FAKE_GUARDIAN_LOG"

#define FAKE_GUARDIAN_GOOD    "good"
#define FAKE_GUARDIAN_DIES    "dies"    /* at once */
#define FAKE_GUARDIAN_REFUSES "refuses" /* ... and says: */
#define FAKE_GUARDIAN_WHY     "the ledger is on fire"

/* The whole process; returns its exit status. */
int fake_guardian(int argc, char **argv);

#endif
