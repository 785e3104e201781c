/*
 * What a module uses to call plugins through the gateway: by their routes, whatever implements them at
 * the moment. Its manifest grants each by name: `calls: [pricing/quote]`.
 *
 *     struct banyan_reply reply = banyan_call("pricing/quote", line, length);
 *     if (reply.status != 200) return plugin_answer(1, reply.bytes, reply.length, out, out_len);
 */
#ifndef BANYAN_GUEST_H
#define BANYAN_GUEST_H

#include "extism_guest.h"

#define BANYAN_HOST(name) __attribute__((import_module("extism:host/user"), import_name(#name)))

/* The output's handle, to be freed by the caller; 0 for an empty one, as for an empty input. */
BANYAN_HOST(banyan_call) extism_handle banyan_host_call(extism_handle target, extism_handle input);

/* Of the latest call: 200, or what HTTP would have answered, and then the output says why. */
BANYAN_HOST(banyan_call_status) uint32_t banyan_host_call_status(void);

/* Bytes of the module's own heap, followed by a NUL that the length does not count. */
struct banyan_reply {
    uint32_t status;
    const uint8_t *bytes;
    size_t length;
};

static inline struct banyan_reply banyan_call_bytes(const char *target, size_t target_length, const void *input,
                                                    size_t input_length)
{
    extism_handle name = extism_block(target, target_length);
    extism_handle in = extism_block(input, input_length);
    extism_handle out = banyan_host_call(name, in);
    struct banyan_reply reply = {banyan_host_call_status(), NULL, 0};

    reply.bytes = extism_read_block(out, &reply.length);
    extism_free(name);
    extism_free(in);
    extism_free(out);
    return reply;
}

static inline struct banyan_reply banyan_call(const char *target, const void *input, size_t length)
{
    return banyan_call_bytes(target, strlen(target), input, length);
}

#endif
