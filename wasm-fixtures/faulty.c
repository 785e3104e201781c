/* The faults that a module can have in common with a process, and twins of those that it cannot. */
#include "extism_guest.h"
#include "plugin.h"

EXTISM_BUFFER(echo, faulty_echo)
EXTISM_BUFFER(segfault, faulty_segfault)
EXTISM_BUFFER(abort, faulty_abort)
EXTISM_BUFFER(loop, faulty_loop)
EXTISM_BUFFER(overflow, faulty_overflow)
EXTISM_BUFFER(error, faulty_error)
EXTISM_BUFFER(status, faulty_status)
EXTISM_BUFFER(sleep, faulty_sleep)

/* A module has no clock of its own. The count is about a millisecond on a machine of today. */
void faulty_pause(uint32_t ms)
{
    const uint64_t turns_per_ms = 400000;
    for (volatile uint64_t turn = ms * turns_per_ms; turn > 0; turn--)
        continue;
}

/* A module has no process to end: the attempt is a trap. */
EXTISM_EXPORT(exit0) int32_t faulty_exit0(void)
{
    __builtin_trap();
}

/* 64 MiB a call, touched and past the heap's reset; traps once there are no more. */
EXTISM_EXPORT(leak) int32_t faulty_leak(void)
{
    const size_t pages = 1024;
    static const char done[] = "leaked 64 MiB";

    size_t start = __builtin_wasm_memory_grow(0, pages);
    if (start == (size_t)-1)
        __builtin_trap();
    memset((void *)(start * EXTISM_PAGE), 1, pages * EXTISM_PAGE);
    extism_answer(done, sizeof done - 1);
    return 0;
}

/* A module has no stdout: it logs. */
EXTISM_EXPORT(print) int32_t faulty_print(void)
{
    static const char done[] = "printed";

    extism_log(extism_log_info, "faulty: a line by log_info");
    extism_answer(done, sizeof done - 1);
    return 0;
}

/* A sound block with a length that nobody may believe. */
EXTISM_EXPORT(wild) int32_t faulty_wild(void)
{
    extism_output_set(extism_block("wild", 4), (uint64_t)1 << 40);
    return 0;
}

/* A small length at a position where there is nothing. */
EXTISM_EXPORT(dangling) int32_t faulty_dangling(void)
{
    extism_output_set((uint64_t)1 << 40, 16);
    return 0;
}
