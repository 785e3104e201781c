#include "extism_guest.h"

#ifdef PRICING_TRAPS
/* A build that went wrong as a whole, for whoever wants to see calls taken back. */
EXTISM_EXPORT(quote) int32_t quote(void)
{
    __builtin_trap();
}
#else
EXTISM_BUFFER(quote, pricing_quote)
#endif
