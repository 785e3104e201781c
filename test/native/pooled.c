/*
 * A library with an allocator of its own. What is given back to it is poisoned, and what is given back twice ends the
 * process: the C library's own allocator may have handed a block out again by then, and finds out about most times only.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETERS const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len

enum { BLOCKS = 4, SIZE = 128 * 1024, POISON = 0xdb };

static uint8_t blocks[BLOCKS][SIZE];
static bool taken[BLOCKS];

static uint8_t *take(size_t size)
{
    for (size_t index = 0; index < BLOCKS && size <= SIZE; index++)
        if (!taken[index]) {
            taken[index] = true;
            return blocks[index];
        }
    abort();
}

void give_back(void *block)
{
    for (size_t index = 0; index < BLOCKS; index++)
        if (block == blocks[index] && taken[index]) {
            memset(block, POISON, SIZE);
            taken[index] = false;
            return;
        }
    abort();
}

int32_t pooled_echo(PARAMETERS)
{
    *out = take(in_len);
    memcpy(*out, in, in_len);
    *out_len = in_len;
    return 0;
}

/* Given back already, and once more by the caller, who has its bytes by then. */
int32_t dangle(PARAMETERS)
{
    int32_t status = pooled_echo(in, in_len, out, out_len);
    give_back(*out);
    return status;
}
