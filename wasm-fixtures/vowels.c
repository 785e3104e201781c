#include "extism_guest.h"

EXTISM_BUFFER(count, vowels_count)
EXTISM_CSTRING(list, vowels_list)
