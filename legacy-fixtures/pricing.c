/*
 * Prices one line of an order.
 *
 *     in   {"sku": "fig", "unitPriceCents": 1999, "quantity": 3, "discountPercent": 10, "taxPercent": 19}
 *     out  {"sku":"fig","discountCents":600,"netCents":5397,"taxCents":1025,"totalCents":6422}
 *
 * Percentages are whole numbers and may be left out (0); any other member is an error. Half a cent is
 * rounded up. Built with -DPRICING_HALF_EVEN, half a cent goes to the even neighbour instead: what a
 * port does whose author trusted the rounding of a standard library.
 */
#include "plugin.h"

enum { SKU_MAX = 64 };

struct order {
    const char *sku;
    size_t sku_length;
    uint64_t numbers[4];
};

enum { UNIT_PRICE, QUANTITY, DISCOUNT, TAX };

/* The limits keep every product below 2^63 and every sum exact in a JSON reader's double. */
static const struct field {
    const char *name;
    uint64_t max;
    int required;
} fields[] = {
    [UNIT_PRICE] = {"unitPriceCents", 1000000000, 1},
    [QUANTITY] = {"quantity", 1000000, 1},
    [DISCOUNT] = {"discountPercent", 100, 0},
    [TAX] = {"taxPercent", 100, 0},
};

enum { FIELDS = sizeof fields / sizeof *fields };

/* What is left to read of the input. The first mistake empties it, so parsing ends by itself. */
struct reader {
    const char *at;
    const char *end;
    struct text mistake;
};

static void refuse(struct reader *reader, const char *name, const char *why)
{
    if (reader->mistake.length == 0) {
        text_put_string(&reader->mistake, name);
        text_put_string(&reader->mistake, why);
    }
    reader->at = reader->end;
}

static void skip_space(struct reader *reader)
{
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t' ||
                                        *reader->at == '\n' || *reader->at == '\r'))
        reader->at++;
}

static int take(struct reader *reader, char expected)
{
    skip_space(reader);
    if (reader->at == reader->end || *reader->at != expected)
        return 0;
    reader->at++;
    return 1;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_';
}

/*
 * Member names and the SKU are words, so that no escape has to be decoded and what is copied to the
 * output is valid JSON as it stands.
 */
static size_t read_word(struct reader *reader, const char **word)
{
    if (!take(reader, '"')) {
        refuse(reader, "", "a string is missing");
        return 0;
    }
    *word = reader->at;
    while (reader->at < reader->end && is_word(*reader->at))
        reader->at++;
    size_t length = (size_t)(reader->at - *word);
    if (length == 0 || length > SKU_MAX || reader->at == reader->end || *reader->at != '"') {
        refuse(reader, "", "strings are 1 to 64 of the characters A-Z a-z 0-9 . _ -");
        return 0;
    }
    reader->at++;
    return length;
}

static uint64_t read_number(struct reader *reader, const struct field *field)
{
    skip_space(reader);
    const char *start = reader->at;
    uint64_t number = 0;
    /* The limit is checked at each digit: number never comes near an overflow. */
    while (reader->at < reader->end && is_digit(*reader->at) && number <= field->max)
        number = 10 * number + (uint64_t)(*reader->at++ - '0');

    int leading_zero = reader->at - start > 1 && *start == '0';
    if (reader->at == start || leading_zero || number > field->max) {
        refuse(reader, field->name, " must be a whole number from 0 to ");
        text_put_number(&reader->mistake, field->max);
    }
    return number;
}

static int same_word(const char *word, size_t length, const char *name)
{
    for (size_t i = 0; i < length; i++)
        if (word[i] != name[i])
            return 0;
    return name[length] == '\0';
}

static void read_member(struct reader *reader, struct order *order, unsigned *seen)
{
    const char *name = NULL;
    size_t length = read_word(reader, &name);
    if (length > 0 && !take(reader, ':'))
        refuse(reader, "", "a colon is missing");
    if (reader->mistake.length > 0)
        return;

    if (same_word(name, length, "sku")) {
        order->sku_length = read_word(reader, &order->sku);
        return;
    }
    for (unsigned i = 0; i < FIELDS; i++) {
        if (same_word(name, length, fields[i].name)) {
            order->numbers[i] = read_number(reader, &fields[i]);
            *seen |= 1u << i;
            return;
        }
    }
    refuse(reader, "", "a member is unknown");
}

static void read_order(struct reader *reader, struct order *order)
{
    unsigned seen = 0;
    if (!take(reader, '{'))
        refuse(reader, "", "the order must be a JSON object");
    do
        read_member(reader, order, &seen);
    while (take(reader, ','));
    if (!take(reader, '}'))
        refuse(reader, "", "a comma or the closing brace is missing");
    skip_space(reader);
    if (reader->at != reader->end)
        refuse(reader, "", "something follows the order");

    if (order->sku_length == 0)
        refuse(reader, "sku", " is missing");
    for (unsigned i = 0; i < FIELDS; i++)
        if (fields[i].required && !(seen & 1u << i))
            refuse(reader, fields[i].name, " is missing");
}

/* `percent` of an amount, in whole cents. */
static uint64_t share(uint64_t cents, uint64_t percent)
{
    uint64_t hundredths = cents * percent;
    uint64_t whole = hundredths / 100;
    uint64_t rest = hundredths % 100;
#ifdef PRICING_HALF_EVEN
    int up = rest > 50 || (rest == 50 && whole % 2 == 1);
#else
    int up = rest >= 50;
#endif
    return whole + (uint64_t)up;
}

static void put_member(struct text *json, const char *name, uint64_t cents)
{
    text_put_string(json, ",\"");
    text_put_string(json, name);
    text_put_string(json, "\":");
    text_put_number(json, cents);
}

int32_t pricing_quote(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    struct reader reader = {.at = (const char *)in, .end = (const char *)in + in_len};
    struct order order = {.sku = NULL};
    read_order(&reader, &order);
    if (reader.mistake.length > 0)
        return plugin_answer(PLUGIN_BAD_INPUT, reader.mistake.bytes, reader.mistake.length, out,
                             out_len);

    uint64_t gross = order.numbers[UNIT_PRICE] * order.numbers[QUANTITY];
    uint64_t discount = share(gross, order.numbers[DISCOUNT]);
    uint64_t net = gross - discount;
    uint64_t tax = share(net, order.numbers[TAX]);

    struct text json = {.length = 0};
    text_put_string(&json, "{\"sku\":\"");
    text_put(&json, order.sku, order.sku_length);
    text_put_string(&json, "\"");
    put_member(&json, "discountCents", discount);
    put_member(&json, "netCents", net);
    put_member(&json, "taxCents", tax);
    put_member(&json, "totalCents", net + tax);
    text_put_string(&json, "}");
    return plugin_answer(PLUGIN_OK, json.bytes, json.length, out, out_len);
}
