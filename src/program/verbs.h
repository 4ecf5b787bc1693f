/* The verbs of `firedrill`, one file each. */
#ifndef PROGRAM_VERBS_H
#define PROGRAM_VERBS_H

#include "src/program/options.h"

extern const struct verb verb_check, verb_doctor, verb_plan, verb_run, verb_status, verb_revert,
    verb_ack, verb_halt, verb_resume, verb_demo, verb_init, verb_coverage, verb_history,
    verb_report, verb_reference, verb_completion, verb_serve;

/* What guardian.c starts; nothing that a person types. */
extern const struct verb verb_guardian;

/* What a shell may offer after the word `before` (NULL: none): verbs, or the options, scenarios,
 * environments and drills of one verb, or the values of an option, one a line. Mistakes in the
 * configuration are passed over in silence. */
void completion_print_words(const struct verb *const *verbs, size_t count, const char *verb,
			    const char *before);

#endif
