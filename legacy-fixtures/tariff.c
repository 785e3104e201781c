/*
 * A plugin of the stable ABI. `tariff` answers the postage of a weight in grams, in the currency of its configuration.
 *
 * -DBANYAN_ABI_MINOR=0 builds it as if by the header's first minor version.
 */
#include "banyan_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef VERSION
#define VERSION "1.2.0"
#endif

struct tariff {
    char currency[4];
    char error[96];
};

/* The prices, as they are shared with those who read them in place. */
struct step {
    uint32_t up_to_grams;
    int64_t cents;
};

static const struct step steps[] = {{20, 95}, {50, 110}, {500, 180}, {1000, 290}};

static char creation_error[96];

static int32_t answer(banyan_buffer *output, const void *bytes, size_t length)
{
    /* malloc(0) may be NULL, which would look like a lack of memory. */
    output->data = (uint8_t *)malloc(length > 0 ? length : 1);
    if (output->data == NULL)
        return 2;
    memcpy(output->data, bytes, length);
    output->length = length;
    return 0;
}

static int32_t postage(void *handle, const banyan_slice *input, banyan_buffer *output)
{
    struct tariff *self = (struct tariff *)handle;
    uint64_t grams = 0;
    for (size_t at = 0; at < input->length; at++) {
        if (input->data[at] < '0' || input->data[at] > '9' || grams > 1000000) {
            snprintf(self->error, sizeof self->error, "byte %zu is no digit of a weight in grams", at);
            return 1;
        }
        grams = grams * 10 + (uint64_t)(input->data[at] - '0');
    }
    for (size_t at = 0; at < sizeof steps / sizeof steps[0]; at++) {
        if (grams <= steps[at].up_to_grams) {
            char text[64];
            int length = snprintf(text, sizeof text, "{\"cents\":%lld,\"currency\":\"%s\"}",
                                  (long long)steps[at].cents, self->currency);
            return answer(output, text, (size_t)length);
        }
    }
    snprintf(self->error, sizeof self->error, "nothing is posted over %u grams", steps[3].up_to_grams);
    return 3;
}

static int32_t echo(void *handle, const banyan_slice *input, banyan_buffer *output)
{
    (void)handle;
    return answer(output, input->data, input->length);
}

static void *create(const banyan_slice *config)
{
    /* Enough of a reader for an object that the gateway wrote, with one member. */
    static const char key[] = "{\"currency\":\"";
    struct tariff *self = (struct tariff *)calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    memcpy(self->currency, "EUR", 4);
    if (config->length == 2)
        return self;
    if (config->length == sizeof key - 1 + 5 && memcmp(config->data, key, sizeof key - 1) == 0) {
        memcpy(self->currency, config->data + sizeof key - 1, 3);
        return self;
    }
    snprintf(creation_error, sizeof creation_error, "the configuration needs a currency of three letters, or nothing");
    free(self);
    return NULL;
}

static void destroy(void *handle)
{
    free(handle);
}

static void free_output(void *handle, uint8_t *data, size_t length)
{
    (void)handle;
    (void)length;
    free(data);
}

#if BANYAN_ABI_MINOR >= 1
static const char *last_error(void *handle)
{
    return handle == NULL ? creation_error : ((struct tariff *)handle)->error;
}
#define OPTIONAL , last_error
#else
#define OPTIONAL
#endif

#define FUNCTIONS(FUNCTION) \
    FUNCTION("postage", postage) \
    FUNCTION("echo", echo)

#define TYPES(TYPE, FIELD) \
    TYPE("step", struct step) \
    FIELD(struct step, up_to_grams, BANYAN_UNSIGNED) \
    FIELD(struct step, cents, BANYAN_SIGNED)

BANYAN_PLUGIN("tariff", VERSION, FUNCTIONS, TYPES, create, destroy, free_output OPTIONAL);
