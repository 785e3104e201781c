/* A program with a `main`, which a host runs first, and functions that it calls afterwards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extism_guest.h"

static char started[256];
static int starts;

/* The value of a key of the configuration as a number, or -1. */
static int configured(const char *key)
{
    extism_handle name = extism_block(key, strlen(key));
    extism_handle value = extism_config_get(name);
    if (value == 0)
        return -1;
    int number = 0;
    for (uint64_t i = 0; i < extism_length(value); i++)
        number = number * 10 + extism_load_u8(value + i) - '0';
    return number;
}

int main(int argc, char **argv)
{
    size_t length;
    const char *input = (const char *)extism_read_input(&length);
    snprintf(started, sizeof started, "%d: %s with %d arguments", ++starts, argv[0], argc - 1);
    printf("%s\n", started);
    if (length > 0) {
        char text[512];
        snprintf(text, sizeof text, "%s, and %s", started, input);
        extism_answer(text, strlen(text));
    }
    int code = configured("exit");
    if (code >= 0)
        exit(code);
    return 0;
}

EXTISM_EXPORT(how) int32_t how(void)
{
    extism_answer(started, strlen(started));
    return 0;
}
