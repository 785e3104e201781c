/*
 * Passes its input on: `b/relay c/echo hello` calls b/relay with `c/echo hello`. Answers what it was answered, after
 * the status: `200 hello`. For tests of calls in calls.
 */
#include "plugin.h"

#include "banyan_guest.h"

static int32_t relay(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    size_t target = 0;
    while (target < in_len && in[target] != ' ')
        target++;
    size_t rest = target < in_len ? target + 1 : in_len;
    struct banyan_reply reply = banyan_call_bytes((const char *)in, target, in + rest, in_len - rest);

    struct text head = {.length = 0};
    text_put_number(&head, reply.status);
    text_put_string(&head, " ");
    uint8_t *answer = malloc(head.length + reply.length);
    if (answer == NULL)
        return PLUGIN_NO_MEMORY;
    memcpy(answer, head.bytes, head.length);
    memcpy(answer + head.length, reply.bytes, reply.length);
    *out = answer;
    *out_len = head.length + reply.length;
    return PLUGIN_OK;
}

EXTISM_BUFFER(relay, relay)
