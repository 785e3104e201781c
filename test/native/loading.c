/* What its constructor does is chosen when it is compiled. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#if defined CRASHES
static void at_load(void) { *(volatile int *)8 = 0; }
#elif defined HANGS
static void at_load(void) { for (;;) pause(); }
#elif defined EXITS
static void at_load(void) { exit(3); }
#elif defined CRASHES_IF
/* Only once the file is there: the first child loads, those after it do not. */
static void at_load(void) { if (access(CRASHES_IF, F_OK) == 0) abort(); }
#elif defined UNRESOLVED
void nobody_defines_this(void);
static void at_load(void) { nobody_defines_this(); }
#elif defined STAYS
static void at_load(void) {}
__attribute__((destructor)) static void at_exit(void) { for (;;) pause(); }
#else
static void at_load(void) { puts("loaded"); }
#endif

__attribute__((constructor)) static void constructor(void) { at_load(); }

int32_t die(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    (void)in, (void)in_len, (void)out, (void)out_len;
    abort();
}

int32_t fine(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    (void)in, (void)in_len;
    *out = malloc(4);
    *out_len = (size_t)snprintf((char *)*out, 4, "ok");
    return 0;
}
