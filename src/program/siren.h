/* The alarm of a guardian that has no ledger to work with: a loop of its own, and nothing else. */
#ifndef PROGRAM_SIREN_H
#define PROGRAM_SIREN_H

#include <stdint.h>

#include "scenarios/config.h"

struct siren;

struct siren *siren_new(const struct config *config); /* borrowed, must outlive it */
void siren_free(struct siren *siren); /* what is in flight is dropped; NULL is fine */

void siren_raise(struct siren *siren, const char *text); /* as alarm_raise */
void siren_run(struct siren *siren, int64_t ms);         /* for so long, whatever happens */
void siren_finish(struct siren *siren);                  /* until all is told, or was given up */

#endif
