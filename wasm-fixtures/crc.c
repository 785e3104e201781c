/*
 * CRC-32 as zlib computes it, for the port of a library that came without its source.
 * The output is the checksum as a decimal JSON number.
 */
#include "extism_guest.h"
#include "plugin.h"

enum { SLICES = 8 };

/* table[s][b]: what byte b does to the checksum when s more bytes follow it. */
static uint32_t table[SLICES][256];

static void fill_table(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
        table[0][byte] = crc;
    }
    for (int slice = 1; slice < SLICES; slice++)
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t shorter = table[slice - 1][byte];
            table[slice][byte] = shorter >> 8 ^ table[0][shorter & 0xff];
        }
}

/* Eight bytes a turn: their look-ups do not wait for one another. */
static uint32_t crc32(const uint8_t *bytes, size_t length)
{
    uint32_t crc = 0xffffffff;
    for (; length >= 8; length -= 8, bytes += 8) {
        uint32_t low, high;
        memcpy(&low, bytes, 4);
        memcpy(&high, bytes + 4, 4);
        low ^= crc;
        crc = table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^ table[5][low >> 16 & 0xff] ^
              table[4][low >> 24] ^ table[3][high & 0xff] ^ table[2][high >> 8 & 0xff] ^
              table[1][high >> 16 & 0xff] ^ table[0][high >> 24];
    }
    for (; length > 0; length--, bytes++)
        crc = crc >> 8 ^ table[0][(crc ^ *bytes) & 0xff];
    return ~crc;
}

int32_t crc_checksum(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    if (table[0][1] == 0)
        fill_table();

    struct text json = {.length = 0};
    text_put_number(&json, crc32(in, in_len));
    return plugin_answer(PLUGIN_OK, json.bytes, json.length, out, out_len);
}

EXTISM_BUFFER(checksum, crc_checksum)
