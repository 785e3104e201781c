/* Links to a library of its own (clashing.c) that has a symbol of the same name as one that Node exports. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const char *uv_version_string(void);

int32_t whose(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    (void)in, (void)in_len;
    const char *said = uv_version_string();
    *out_len = strlen(said);
    *out = malloc(*out_len + 1);
    memcpy(*out, said, *out_len);
    return 0;
}
