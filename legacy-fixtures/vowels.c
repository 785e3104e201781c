/* Counts and lists the vowels of a text: the smallest plugin that does something. */
#include "plugin.h"

static int is_vowel(uint8_t c)
{
    /* Non-short-circuit, so that the loop over a text can be vectorised. */
    c |= 0x20;
    return (c == 'a') | (c == 'e') | (c == 'i') | (c == 'o') | (c == 'u');
}

/* "hello world" -> {"count":3} */
int32_t vowels_count(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    size_t count = 0;
    for (size_t i = 0; i < in_len; i++)
        count += (size_t)is_vowel(in[i]);

    struct text json = {.length = 0};
    text_put_string(&json, "{\"count\":");
    text_put_number(&json, count);
    text_put_string(&json, "}");
    return plugin_answer(PLUGIN_OK, json.bytes, json.length, out, out_len);
}

/* "hello world" -> {"vowels":"eoo"}; NULL when memory is short. The caller frees the result. */
char *vowels_list(const char *in)
{
    static const char before[] = "{\"vowels\":\"";
    static const char after[] = "\"}";

    size_t count = 0;
    for (const char *c = in; *c != '\0'; c++)
        count += (size_t)is_vowel((uint8_t)*c);

    char *json = malloc(sizeof before - 1 + count + sizeof after);
    if (json == NULL)
        return NULL;

    memcpy(json, before, sizeof before - 1);
    char *end = json + sizeof before - 1;
    for (const char *c = in; *c != '\0'; c++)
        if (is_vowel((uint8_t)*c))
            *end++ = *c;
    memcpy(end, after, sizeof after);
    return json;
}
