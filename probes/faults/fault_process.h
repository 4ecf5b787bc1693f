/* The copies of services that the process driver has running. */
#ifndef PROBES_FAULT_PROCESS_H
#define PROBES_FAULT_PROCESS_H

struct fault_children;

/* One for each struct fault_context. Frees after every step, before the event base. */
struct fault_children *fault_children_new(void);
/* Ends every copy that still runs, with all that carries its drill's mark. NULL is fine. */
void fault_children_free(struct fault_children *children);

#endif
