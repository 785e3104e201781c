/* What C libraries ask of their callers: handles, structs, buffers of every kind, error texts, errno. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char last_error[128];

const char *declared_last_error(void)
{
    return last_error;
}

/* A handle, made by init. */
struct counter {
    int64_t value;
    char unit[16];
};

struct counter *counter_new(const char *config)
{
    if (strstr(config, "\"refuse\"") != NULL) {
        strcpy(last_error, "the configuration says no");
        return NULL;
    }
    struct counter *counter = calloc(1, sizeof *counter);
    strcpy(counter->unit, strstr(config, "\"eur\"") != NULL ? "EUR" : "none");
    return counter;
}

int counter_open(const char *config, struct counter **made)
{
    *made = counter_new(config);
    return *made == NULL ? 7 : 0;
}

int64_t counter_add(struct counter *counter, int64_t by)
{
    return counter->value += by;
}

const char *counter_unit(const struct counter *counter)
{
    return counter->unit;
}

void counter_free(struct counter *counter)
{
    fprintf(stderr, "counter freed at %lld\n", (long long)counter->value);
    free(counter);
}

int open_number(void)
{
    return 42;
}

int number_of(int handle)
{
    return handle;
}

/* Text in, text out. */
char *to_html(const char *text, size_t len, int flags)
{
    char *html = malloc(len + 16);
    sprintf(html, "<p>%.*s</p>%d", (int)len, text, flags);
    return html;
}

int greet(const char *name, char *to, size_t capacity)
{
    int needed = snprintf(to, capacity, "hello %s", name);
    return needed < (int)capacity ? 0 : -1;
}

size_t text_length(const char *text)
{
    return strlen(text);
}

bool is_fast(const char *mode)
{
    return strcmp(mode, "fast") == 0;
}

bool is_null(const void *pointer)
{
    return pointer == NULL;
}

/* Bytes out. */
int reverse(uint8_t *to, size_t *to_len, const uint8_t *from, size_t from_len)
{
    if (*to_len < from_len)
        return 3;
    for (size_t i = 0; i < from_len; i++)
        to[i] = from[from_len - 1 - i];
    *to_len = from_len;
    return 0;
}

/* Says a length of its own, whatever was asked. */
int boast(uint8_t *to, int64_t *to_len, int64_t said)
{
    (void)to;
    *to_len = said;
    return 0;
}

int64_t boast_result(uint8_t *to, int64_t said)
{
    (void)to;
    return said;
}

void digest(const uint8_t *from, size_t length, uint8_t out[4])
{
    for (size_t i = 0; i < length; i++)
        out[i % 4] ^= from[i];
}

void increment(uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        bytes[i]++;
}

uint8_t *twice(const uint8_t *from, size_t length, size_t *out_len)
{
    if (length == 0)
        return NULL;
    uint8_t *out = malloc(2 * length);
    memcpy(out, from, length);
    memcpy(out + length, from, length);
    *out_len = 2 * length;
    return out;
}

static int given_back;

void give(void *memory)
{
    given_back += memory != NULL;
    free(memory);
}

int times_given_back(void)
{
    return given_back;
}

int duplicate(const uint8_t *from, size_t length, uint8_t **out, size_t *out_len)
{
    *out = twice(from, length, out_len);
    return 0;
}

int describe(int number, char **out)
{
    *out = malloc(32);
    sprintf(*out, "number %d", number);
    return number < 0 ? -1 : 0;
}

uint8_t *wild(size_t *out_len)
{
    *out_len = 100;
    return (uint8_t *)16;
}

/* Says a length, and points to what nobody allocated. */
int lend(int64_t said, uint8_t **out, int64_t *out_len)
{
    static uint8_t own[8];
    *out = own;
    *out_len = said;
    return 0;
}

uint8_t *lent(int64_t said, int64_t *out_len)
{
    uint8_t *out;
    lend(said, &out, out_len);
    return out;
}

void unending(char *to, size_t capacity)
{
    memset(to, 'x', capacity);
}

void leftovers(const uint8_t *from, size_t length, uint8_t *to, size_t *to_len)
{
    (void)from;
    (void)to;
    *to_len = length;
}

/* Structs. */
struct point {
    double x;
    double y;
};

enum color { RED, GREEN, BLUE };

struct shape {
    char name[16];
    uint8_t tag;
    struct point corners[3];
    enum color color;
    int64_t id;
    bool closed;
    float weight;
    const char *note;
};

double distance(const struct point *a, const struct point *b)
{
    return (b->x - a->x) + (b->y - a->y);
}

void middle(const struct point *a, const struct point *b, struct point *out)
{
    out->x = (a->x + b->x) / 2;
    out->y = (a->y + b->y) / 2;
}

int move(struct shape *shape, double by)
{
    for (int i = 0; i < 3; i++)
        shape->corners[i].x += by;
    shape->id++;
    return shape->note == NULL ? 0 : (int)strlen(shape->note);
}

const struct point *origin(int exists)
{
    static const struct point at = { 0.5, -1 };
    return exists ? &at : NULL;
}

int divide(int a, int b, int *quotient, int *remainder)
{
    if (b == 0) {
        strcpy(last_error, "division by zero");
        return -1;
    }
    *quotient = a / b;
    *remainder = a % b;
    return 0;
}

double mean(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

double sum_x(const struct point *points, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += points[i].x;
    return sum;
}

void double_it(uint64_t *value)
{
    *value *= 2;
}

void not_a_number(double *out)
{
    *out = 0.0 / 0.0 * -1;
}

void latin(char *to, size_t capacity)
{
    snprintf(to, capacity, "caf\xe9");
}

/* errno. */
int open_file(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return -1;
    fclose(file);
    return 0;
}

int quiet_failure(int error)
{
    errno = error;
    return 5;
}

/* Arrays of a declared length. */
void bounds(const double of[3], double out[2])
{
    out[0] = out[1] = of[0];
    for (int i = 1; i < 3; i++) {
        out[0] = of[i] < out[0] ? of[i] : out[0];
        out[1] = of[i] > out[1] ? of[i] : out[1];
    }
}

int key_sum(const uint8_t key[4], size_t length)
{
    (void)length;
    return key[0] + key[1] + key[2] + key[3];
}

void monogram(const char name[8], char out[4])
{
    out[0] = name[0];
    out[1] = name[7] == 0 ? '.' : '!';
}
