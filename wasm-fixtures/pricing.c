#include "extism_guest.h"

EXTISM_BUFFER(quote, pricing_quote)
