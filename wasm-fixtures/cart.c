/*
 * Adds up a cart: an array of lines, each the input of pricing/quote.
 *
 *     in   [{"sku": "fig", "unitPriceCents": 1999, "quantity": 3}, {"sku": "kiwi", "unitPriceCents": 50, "quantity": 2}]
 *     out  {"lines":2,"totalCents":6097}
 *
 * What a line costs is for pricing to say, wherever its route leads: a native library, or its port.
 */
#include "plugin.h"

#include "banyan_guest.h"

/* The first `{…}` from `at` on, its end in `*end`; NULL when there is none. Braces in strings do not count. */
static const uint8_t *next_object(const uint8_t *at, const uint8_t *limit, const uint8_t **end)
{
    const uint8_t *start = NULL;
    uint32_t depth = 0;
    int in_string = 0;
    for (; at < limit; at++) {
        if (in_string) {
            if (*at == '\\')
                at++;
            else if (*at == '"')
                in_string = 0;
        } else if (*at == '"')
            in_string = 1;
        else if (*at == '{' && depth++ == 0)
            start = at;
        else if (*at == '}' && depth > 0 && --depth == 0) {
            *end = at + 1;
            return start;
        }
    }
    return NULL;
}

static int begins_with(const uint8_t *at, const char *text)
{
    while (*text != '\0' && *at == (uint8_t)*text)
        at++, text++;
    return *text == '\0';
}

/* The whole number after `"totalCents":`; 0 without one. The reply ends with a NUL, which nothing here reads past. */
static uint64_t total_of(struct banyan_reply reply)
{
    static const char key[] = "\"totalCents\":";
    const uint8_t *at = reply.bytes;
    while (*at != '\0' && !begins_with(at, key))
        at++;
    uint64_t total = 0;
    if (*at != '\0')
        for (at += sizeof key - 1; *at >= '0' && *at <= '9'; at++)
            total = total * 10 + (*at - '0');
    return total;
}

static int32_t cart_total(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    const uint8_t *at = in;
    const uint8_t *end;
    uint64_t lines = 0;
    uint64_t total = 0;
    for (const uint8_t *line; (line = next_object(at, in + in_len, &end)) != NULL; at = end) {
        struct banyan_reply reply = banyan_call("pricing/quote", line, (size_t)(end - line));
        if (reply.status != 200)
            return plugin_answer(PLUGIN_BAD_INPUT, reply.bytes, reply.length, out, out_len);
        lines++;
        total += total_of(reply);
    }

    struct text answer = {.length = 0};
    text_put_string(&answer, "{\"lines\":");
    text_put_number(&answer, lines);
    text_put_string(&answer, ",\"totalCents\":");
    text_put_number(&answer, total);
    text_put_string(&answer, "}");
    return plugin_answer(PLUGIN_OK, answer.bytes, answer.length, out, out_len);
}

EXTISM_BUFFER(total, cart_total)
