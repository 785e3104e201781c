#include "extism_guest.h"

EXTISM_BUFFER(digest, sha256_digest)
