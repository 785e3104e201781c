/*
 * The `buffer` convention, and what the plugins here share to speak it:
 *
 *     int32_t f(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
 *
 * 0 is success. *out is allocated by the plugin and freed by the caller with the C library's free().
 * Any other status is an error; *out may then hold a text about it, owned in the same way.
 */
#ifndef PLUGIN_H
#define PLUGIN_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PLUGIN_OK = 0, PLUGIN_BAD_INPUT = 1, PLUGIN_NO_MEMORY = 2 };

/* Hands a copy of `bytes` to the caller. Returns `status`, or PLUGIN_NO_MEMORY and no bytes. */
static inline int32_t plugin_answer(int32_t status, const void *bytes, size_t length, uint8_t **out,
                                    size_t *out_len)
{
    /* malloc(0) may be NULL, which would look like a lack of memory. */
    uint8_t *copy = malloc(length > 0 ? length : 1);
    if (copy == NULL) {
        *out = NULL;
        *out_len = 0;
        return PLUGIN_NO_MEMORY;
    }
    memcpy(copy, bytes, length);
    *out = copy;
    *out_len = length;
    return status;
}

static inline int32_t plugin_fail(int32_t status, const char *message, uint8_t **out,
                                  size_t *out_len)
{
    return plugin_answer(status, message, strlen(message), out, out_len);
}

/* A short text, put together piece by piece. What does not fit is left out. */
struct text {
    char bytes[512];
    size_t length;
};

static inline void text_put(struct text *text, const char *piece, size_t length)
{
    size_t room = sizeof text->bytes - text->length;
    if (length > room)
        length = room;
    memcpy(text->bytes + text->length, piece, length);
    text->length += length;
}

static inline void text_put_string(struct text *text, const char *piece)
{
    text_put(text, piece, strlen(piece));
}

static inline void text_put_number(struct text *text, uint64_t number)
{
    char digits[20];
    size_t start = sizeof digits;
    do {
        digits[--start] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    text_put(text, digits + start, sizeof digits - start);
}

#endif
