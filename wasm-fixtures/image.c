#include "extism_guest.h"

EXTISM_BUFFER(grey, image_grey)
