/*
 * What a C plugin needs in order to be an Extism module: the host's functions, a heap where there is no C
 * library (with WASI there is one), and macros that turn a function of a native convention into an Extism export.
 *
 *     #include "extism_guest.h"
 *     EXTISM_BUFFER(count, vowels_count)
 *     EXTISM_CSTRING(list, vowels_list)
 *
 * It has definitions in it: include it in exactly one file of a module.
 *
 * The host's memory is not the module's. A block of it is known by a 64-bit handle and reached through
 * the calls below alone, eight bytes at a time at best.
 */
#ifndef EXTISM_GUEST_H
#define EXTISM_GUEST_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXTISM_HOST(name) __attribute__((import_module("extism:host/env"), import_name(#name)))
#define EXTISM_EXPORT(name) __attribute__((export_name(#name)))

/* ---- the host ---------------------------------------------------------------------------------- */

typedef uint64_t extism_handle; /* 0: no block */

EXTISM_HOST(alloc) extism_handle extism_alloc(uint64_t length);
EXTISM_HOST(free) void extism_free(extism_handle block);
EXTISM_HOST(length) uint64_t extism_length(extism_handle block); /* 0 for what is no block */
EXTISM_HOST(length_unsafe) uint64_t extism_length_unsafe(extism_handle block); /* unchecked */

/* A position in the host's memory is a handle plus an offset within its block. */
EXTISM_HOST(load_u8) uint8_t extism_load_u8(uint64_t position);
EXTISM_HOST(load_u64) uint64_t extism_load_u64(uint64_t position);
EXTISM_HOST(store_u8) void extism_store_u8(uint64_t position, uint8_t byte);
EXTISM_HOST(store_u64) void extism_store_u64(uint64_t position, uint64_t bytes);

EXTISM_HOST(input_offset) extism_handle extism_input_offset(void);
EXTISM_HOST(input_length) uint64_t extism_input_length(void);
EXTISM_HOST(input_load_u8) uint8_t extism_input_load_u8(uint64_t offset);
EXTISM_HOST(input_load_u64) uint64_t extism_input_load_u64(uint64_t offset);

EXTISM_HOST(output_set) void extism_output_set(uint64_t position, uint64_t length);
EXTISM_HOST(error_set) void extism_error_set(extism_handle text);

EXTISM_HOST(config_get) extism_handle extism_config_get(extism_handle key);
EXTISM_HOST(var_get) extism_handle extism_var_get(extism_handle key);
EXTISM_HOST(var_set) void extism_var_set(extism_handle key, extism_handle value); /* 0 removes */

/* The body of the answer to a request in JSON with a body (0: none); both are the host's from then on. */
EXTISM_HOST(http_request) extism_handle extism_http_request(extism_handle request, extism_handle body);
EXTISM_HOST(http_status_code) int32_t extism_http_status_code(void); /* of the latest answer */
EXTISM_HOST(http_headers) extism_handle extism_http_headers(void);   /* of the latest answer, in JSON */

EXTISM_HOST(log_trace) void extism_log_trace(extism_handle text);
EXTISM_HOST(log_debug) void extism_log_debug(extism_handle text);
EXTISM_HOST(log_info) void extism_log_info(extism_handle text);
EXTISM_HOST(log_warn) void extism_log_warn(extism_handle text);
EXTISM_HOST(log_error) void extism_log_error(extism_handle text);

/* ---- the heap ---------------------------------------------------------------------------------- */

#ifdef __wasi__

/* From the C library, and kept until the next call: the input, and every block that is read. */
union extism_kept {
    union extism_kept *before;
    max_align_t aligned;
};
static union extism_kept *extism_heap_kept;

static void extism_heap_reset(void)
{
    while (extism_heap_kept != NULL) {
        union extism_kept *before = extism_heap_kept->before;
        free(extism_heap_kept);
        extism_heap_kept = before;
    }
}

static void *extism_heap_take(uint64_t size)
{
    union extism_kept *taken = size > UINT32_MAX - sizeof *taken ? NULL : malloc(sizeof *taken + (size_t)size);
    if (taken == NULL)
        return NULL;
    taken->before = extism_heap_kept;
    extism_heap_kept = taken;
    return taken + 1;
}

#else

/*
 * Memory is handed out upwards and never back: the next call starts from the bottom again. So a module
 * may serve any number of calls without growing, and nothing allocated outlives its call. The memory
 * stays as large as the largest call has made it.
 */
enum { EXTISM_PAGE = 65536, EXTISM_ALIGNMENT = 16 };

extern uint8_t __heap_base; /* from the linker: where its own data and stack end */
static uint64_t extism_heap_top;

static void extism_heap_reset(void)
{
    extism_heap_top = (uintptr_t)&__heap_base;
}

static void *extism_heap_take(uint64_t size)
{
    uint64_t start = (extism_heap_top + EXTISM_ALIGNMENT - 1) & ~(uint64_t)(EXTISM_ALIGNMENT - 1);
    uint64_t end = start + size;
    uint64_t have = (uint64_t)__builtin_wasm_memory_size(0) * EXTISM_PAGE;
    if (end > have) {
        uint64_t pages = (end - have + EXTISM_PAGE - 1) / EXTISM_PAGE;
        if (end > UINT32_MAX || __builtin_wasm_memory_grow(0, (size_t)pages) == (size_t)-1)
            return NULL;
    }
    extism_heap_top = end;
    return (void *)(uintptr_t)start;
}

void *malloc(size_t size)
{
    return extism_heap_take(size);
}

void free(void *block)
{
    (void)block;
}

void abort(void)
{
    __builtin_trap();
}

/* Without the attribute the compiler sees a strlen here, and makes it call itself. */
__attribute__((no_builtin("strlen"))) size_t strlen(const char *string)
{
    const char *end = string;
    while (*end != '\0')
        end++;
    return (size_t)(end - string);
}

#endif

/* ---- bytes between the two memories ------------------------------------------------------------ */

/* The call's input, followed by a NUL that its length does not count. */
static uint8_t *extism_read_input(size_t *length)
{
    uint64_t count = extism_input_length();
    uint8_t *bytes = extism_heap_take(count + 1);
    if (bytes == NULL)
        __builtin_trap();

    uint64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        uint64_t word = extism_input_load_u64(i);
        memcpy(bytes + i, &word, 8);
    }
    for (; i < count; i++)
        bytes[i] = extism_input_load_u8(i);
    bytes[count] = '\0';
    *length = (size_t)count;
    return bytes;
}

/* A block of the host's with these bytes; 0 for none. */
static extism_handle extism_block(const void *bytes, size_t length)
{
    const uint8_t *from = bytes;
    if (length == 0)
        return 0;
    extism_handle block = extism_alloc(length);
    if (block == 0)
        __builtin_trap();

    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        uint64_t word;
        memcpy(&word, from + i, 8);
        extism_store_u64(block + i, word);
    }
    for (; i < length; i++)
        extism_store_u8(block + i, from[i]);
    return block;
}

/* A copy of a block of the host's, followed by a NUL that its length does not count. */
static inline uint8_t *extism_read_block(extism_handle block, size_t *length)
{
    uint64_t count = extism_length(block);
    uint8_t *bytes = extism_heap_take(count + 1);
    if (bytes == NULL)
        __builtin_trap();

    uint64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        uint64_t word = extism_load_u64(block + i);
        memcpy(bytes + i, &word, 8);
    }
    for (; i < count; i++)
        bytes[i] = extism_load_u8(block + i);
    bytes[count] = '\0';
    *length = (size_t)count;
    return bytes;
}

/* The host frees the blocks of the output and of the error, once it has read them. */
static inline void extism_answer(const void *bytes, size_t length)
{
    extism_output_set(extism_block(bytes, length), length);
}

static inline void extism_fail(const void *text, size_t length)
{
    extism_error_set(extism_block(text, length));
}

/* Logs through one of the extism_log_* functions. */
static inline void extism_log(void (*log)(extism_handle), const char *text)
{
    extism_handle block = extism_block(text, strlen(text));
    log(block);
    extism_free(block);
}

/* ---- native conventions as exports ------------------------------------------------------------- */

typedef int32_t extism_buffer_function(const uint8_t *in, size_t in_len, uint8_t **out,
                                       size_t *out_len);
typedef char *extism_cstring_function(const char *in);

static inline int32_t extism_call_buffer(extism_buffer_function *function)
{
    size_t in_len;
    uint8_t *out = NULL;
    size_t out_len = 0;

    extism_heap_reset();
    const uint8_t *in = extism_read_input(&in_len);
    int32_t status = function(in, in_len, &out, &out_len);
    if (status == 0)
        extism_answer(out, out_len);
    else if (out != NULL)
        extism_fail(out, out_len);
    free(out);
    return status;
}

static inline int32_t extism_call_cstring(extism_cstring_function *function)
{
    size_t in_len;

    extism_heap_reset();
    const char *in = (const char *)extism_read_input(&in_len);
    char *out = function(in);
    if (out == NULL)
        return 1;
    extism_answer(out, strlen(out));
    free(out);
    return 0;
}

/* The export `name`, for a function of the `buffer` convention: see plugin.h. */
#define EXTISM_BUFFER(name, function)                                                              \
    extism_buffer_function function;                                                               \
    EXTISM_EXPORT(name) int32_t extism_export_##name(void)                                         \
    {                                                                                              \
        return extism_call_buffer(function);                                                       \
    }

/* The export `name`, for a function `char *function(const char *)`; NULL is an error. */
#define EXTISM_CSTRING(name, function)                                                             \
    extism_cstring_function function;                                                              \
    EXTISM_EXPORT(name) int32_t extism_export_##name(void)                                         \
    {                                                                                              \
        return extism_call_cstring(function);                                                      \
    }

#endif
