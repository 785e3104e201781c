/* The part of <stdlib.h> that the plugins use; extism_guest.h has the definitions. */
#ifndef GUEST_STDLIB_H
#define GUEST_STDLIB_H

#include <stddef.h>

void *malloc(size_t size);
void free(void *block);
_Noreturn void abort(void);

#endif
