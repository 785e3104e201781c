/*
 * One function for each way in which a plugin goes wrong, and `echo`, which does not.
 * The functions above the line below are the same in both worlds; those under it need a process, and
 * have a twin of their own in the wasm build.
 */
#include "plugin.h"

#define UNUSED_INPUT (void)in, (void)in_len
#define UNUSED_OUTPUT (void)out, (void)out_len

int32_t faulty_echo(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    return plugin_answer(PLUGIN_OK, in, in_len, out, out_len);
}

/* The last address there is: mapped in no process, and beyond any module's memory. NULL is not. */
int32_t faulty_segfault(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    UNUSED_INPUT, UNUSED_OUTPUT;
    volatile uint8_t *nowhere = (volatile uint8_t *)UINTPTR_MAX;
    return *nowhere;
}

int32_t faulty_abort(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    UNUSED_INPUT, UNUSED_OUTPUT;
    abort();
}

int32_t faulty_loop(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    UNUSED_INPUT, UNUSED_OUTPUT;
    /* volatile: a compiler may assume that a loop without effects ends. */
    for (volatile uint32_t turn = 0;; turn++)
        continue;
}

static uint32_t descend(uint32_t depth);

/* Called through a volatile pointer: a call that the compiler knows could become a loop. */
static uint32_t (*volatile deeper)(uint32_t) = descend;

static uint32_t descend(uint32_t depth)
{
    return deeper(depth + 1) ^ depth;
}

int32_t faulty_overflow(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    UNUSED_INPUT, UNUSED_OUTPUT;
    return (int32_t)descend(0);
}

int32_t faulty_error(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    UNUSED_INPUT;
    return plugin_fail(7, "failed on purpose", out, out_len);
}

/* An error without a word about it. */
int32_t faulty_status(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    UNUSED_INPUT, UNUSED_OUTPUT;
    return 3;
}

/* A process waits, a module can only count: each world has its own. */
void faulty_pause(uint32_t ms);

/* The input is a number of milliseconds, at most an hour. */
int32_t faulty_sleep(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    const uint32_t hour = 3600000;
    uint32_t ms = 0;
    for (size_t i = 0; i < in_len && ms <= hour; i++)
        ms = in[i] >= '0' && in[i] <= '9' ? 10 * ms + (in[i] - '0') : UINT32_MAX;
    if (in_len == 0 || ms > hour)
        return plugin_fail(PLUGIN_BAD_INPUT, "not a number of milliseconds", out, out_len);

    faulty_pause(ms);
    return plugin_fail(PLUGIN_OK, "slept", out, out_len);
}

/* ---- what only a process can do ---------------------------------------------------------------- */
#ifndef __wasm__

#include <stdio.h>
#include <time.h>
#include <unistd.h>

int32_t faulty_exit0(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    UNUSED_INPUT, UNUSED_OUTPUT;
    exit(0);
}

/* 64 MiB a call, touched and never freed; aborts once there are no more. */
int32_t faulty_leak(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    static void *volatile latest;
    const size_t size = (size_t)64 << 20;
    UNUSED_INPUT;

    latest = malloc(size);
    if (latest == NULL)
        abort();
    memset(latest, 1, size);
    return plugin_fail(PLUGIN_OK, "leaked 64 MiB", out, out_len);
}

/* Through stdio, whose buffer outlives the call, and past it. */
int32_t faulty_print(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    static const char line[] = "faulty: a line by write\n";
    UNUSED_INPUT;

    printf("faulty: a line by printf\n");
    if (write(STDOUT_FILENO, line, sizeof line - 1) < 0)
        return plugin_fail(PLUGIN_BAD_INPUT, "stdout cannot be written", out, out_len);
    return plugin_fail(PLUGIN_OK, "printed", out, out_len);
}

void faulty_pause(uint32_t ms)
{
    struct timespec rest = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    while (nanosleep(&rest, &rest) != 0)
        continue; /* a signal came: sleep on for what is left */
}

/* A sound block with a length that nobody may believe. */
int32_t faulty_wild(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    UNUSED_INPUT;
    int32_t status = plugin_fail(PLUGIN_OK, "wild", out, out_len);
    *out_len = (size_t)1 << 40;
    return status;
}

/* A small length with a pointer to nothing. */
int32_t faulty_dangling(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
{
    UNUSED_INPUT;
    *out = (uint8_t *)(UINTPTR_MAX - 4095);
    *out_len = 16;
    return PLUGIN_OK;
}

#endif
