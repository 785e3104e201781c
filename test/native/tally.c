/* Appends its input to the file that TALLY names, with one write: what has begun can be counted afterwards. */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int32_t tally(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    static int file = -1;
    if (file < 0)
        file = open(getenv("TALLY"), O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (write(file, in, in_len) != (ssize_t)in_len)
        return 1;
    /* Long enough for a kill to find a call in the middle, more often than between two. */
    for (volatile uint32_t turn = 0; turn < 20000; turn++)
        continue;
    *out = malloc(in_len);
    memcpy(*out, in, in_len);
    *out_len = in_len;
    return 0;
}
