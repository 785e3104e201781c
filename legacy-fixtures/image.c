/*
 * An RGBA frame to greyscale.
 *
 *     in   width u32le, height u32le, width * height times R G B A
 *     out  width u32le, height u32le, width * height times one byte of luminance
 */
#include "plugin.h"

enum { HEADER = 8, RGBA = 4 };

static uint32_t read_u32le(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/* ITU-R BT.601 in integers: the weights sum to 256. Alpha plays no part. */
static void to_luminance(const uint8_t *restrict rgba, uint8_t *restrict grey, size_t pixels)
{
    for (size_t i = 0; i < pixels; i++) {
        uint32_t red = rgba[RGBA * i];
        uint32_t green = rgba[RGBA * i + 1];
        uint32_t blue = rgba[RGBA * i + 2];
        grey[i] = (uint8_t)((77 * red + 150 * green + 29 * blue + 128) >> 8);
    }
}

int32_t image_grey(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    if (in_len < HEADER)
        return plugin_fail(PLUGIN_BAD_INPUT, "the frame is shorter than its header", out, out_len);

    /* Compared by division: width * height * 4 can exceed even 64 bits. */
    uint64_t width = read_u32le(in);
    uint64_t height = read_u32le(in + 4);
    uint64_t pixels = width * height;
    size_t body = in_len - HEADER;
    if (body % RGBA != 0 || pixels != body / RGBA)
        return plugin_fail(PLUGIN_BAD_INPUT, "the frame is not width * height * 4 bytes long", out,
                           out_len);

    uint8_t *frame = malloc(HEADER + (size_t)pixels);
    if (frame == NULL)
        return PLUGIN_NO_MEMORY;
    memcpy(frame, in, HEADER);
    to_luminance(in + HEADER, frame + HEADER, (size_t)pixels);
    *out = frame;
    *out_len = HEADER + (size_t)pixels;
    return PLUGIN_OK;
}
