/* C functions in shapes that nobody made for a gateway. */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

uint32_t sum_bytes(const uint8_t *bytes, size_t length)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < length; i++)
        sum += bytes[i];
    return sum;
}

double power(double x, double y)
{
    return pow(x, y);
}

int64_t next_int64(int64_t n)
{
    return n + 1;
}

uint64_t next_uint64(uint64_t n)
{
    return n + 1;
}

int8_t negate(int8_t n)
{
    return (int8_t)-n;
}

bool both(bool a, bool b)
{
    return a && b;
}

static int touched;

void touch(int times)
{
    touched += times;
}

int touches(void)
{
    return touched;
}

const char *name_of(int number)
{
    static char long_name[4096];
    memset(long_name, 'x', sizeof long_name - 1);
    return number == 0 ? NULL : number == 1 ? "one" : long_name;
}

uintptr_t alignment(const void *bytes, size_t length)
{
    (void)length;
    return (uintptr_t)bytes % 16;
}

char *upper(const char *text)
{
    char *copy = strdup(text);
    for (char *c = copy; *c != '\0'; c++)
        if (*c >= 'a' && *c <= 'z')
            *c -= 32;
    return copy;
}

char *nothing(const char *text)
{
    (void)text;
    return NULL;
}
