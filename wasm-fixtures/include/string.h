/*
 * The part of <string.h> that the plugins use. The compiler turns memcpy and memset into wasm's bulk
 * memory instructions; extism_guest.h has strlen.
 */
#ifndef GUEST_STRING_H
#define GUEST_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memset(void *to, int byte, size_t length);
size_t strlen(const char *string);

#endif
