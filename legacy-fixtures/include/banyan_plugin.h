/*
 * The stable ABI of Banyan's native plugins, version 1. C99 and C++11, gcc or clang, ELF systems.
 *
 *     static int32_t quote(void *handle, const banyan_slice *input, banyan_buffer *output) { ... }
 *
 *     #define FUNCTIONS(FUNCTION) FUNCTION("quote", quote)
 *     BANYAN_PLUGIN("pricing", "1.4.0", FUNCTIONS, BANYAN_NO_TYPES, create, destroy, free_output, last_error)
 *
 * in one source file of the library. It puts a descriptor into the file as plain data, in an ELF note, which the
 * gateway reads before it loads the library; and exports the vtable. A library whose descriptor does not fit is refused
 * before any of its code has run.
 */
#ifndef BANYAN_PLUGIN_H
#define BANYAN_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

/* Another major version is another ABI. A minor version adds fields at the end of the vtable. */
#define BANYAN_ABI_MAJOR 1
/* The newest that this header knows. A plugin may be built for an older one: -DBANYAN_ABI_MINOR=0. */
#ifndef BANYAN_ABI_MINOR
#define BANYAN_ABI_MINOR 1
#endif

/* Bytes that belong to the caller, good for the length of the call. No NUL follows them. */
typedef struct banyan_slice {
    const uint8_t *data;
    size_t length;
} banyan_slice;

/* Bytes that belong to the plugin, until it gets them back by `free_output`. Empty when the call begins. */
typedef struct banyan_buffer {
    uint8_t *data;
    size_t length;
} banyan_buffer;

/* 0 is success. Any other status is an error; `output` may then hold a text about it. */
typedef int32_t banyan_function(void *handle, const banyan_slice *input, banyan_buffer *output);

/* In a process one thread at a time calls these. */
typedef struct banyan_vtable {
    /* Calls a function by its place in the table of functions. BANYAN_PLUGIN makes this one. */
    int32_t (*call)(void *handle, uint32_t function, const banyan_slice *input, banyan_buffer *output);
    /* Once, before any call. `config` is a JSON object of strings. The handle is given to all others; NULL is a failure. */
    void *(*create)(const banyan_slice *config);
    /* Once, after the last call, unless the process dies before. */
    void (*destroy)(void *handle);
    /* Takes back what a call put in its output. */
    void (*free_output)(void *handle, uint8_t *data, size_t length);
#if BANYAN_ABI_MINOR >= 1
    /* Since 1.1, may be NULL. About the call that has just failed, or about `create`, with a handle of NULL. The text
     * belongs to the plugin and is good until its next call; NULL where there is none. */
    const char *(*last_error)(void *handle);
#endif
} banyan_vtable;

/* How many of the vtable's fields every plugin of this major version has, none of them NULL. */
#define BANYAN_VTABLE_PREFIX 4

/* What `call` answers to a number that is not in the table. */
#define BANYAN_UNKNOWN_FUNCTION INT32_MIN

/* What a field holds. Its size says how wide it is. */
enum banyan_kind {
    BANYAN_SIGNED = 1,
    BANYAN_UNSIGNED = 2,
    BANYAN_FLOATING = 3,
    BANYAN_BOOLEAN = 4,
    BANYAN_POINTER = 5,
    BANYAN_ARRAY = 6,
    BANYAN_STRUCT = 7
};

/*
 * Types that the plugin shares with its callers, each followed by its fields:
 *
 *     #define TYPES(TYPE, FIELD) \
 *         TYPE("line", struct line) \
 *         FIELD(struct line, quantity, BANYAN_UNSIGNED) \
 *         FIELD(struct line, cents, BANYAN_SIGNED)
 */
#define BANYAN_NO_TYPES(TYPE, FIELD)

/* --- The descriptor's form. Numbers of 32 bits and characters alone: nothing to pad, nothing to relocate. --- */

/* Bytes of a name in the descriptor, the NUL that ends it included. */
#define BANYAN_NAME 72

#define BANYAN_NOTE_TYPE 1
#define BANYAN_BYTE_ORDER 0x01020304u

typedef struct banyan_note_head {
    uint32_t name_size;
    uint32_t descriptor_size;
    uint32_t type;
    char name[8];
} banyan_note_head;

typedef struct banyan_descriptor_head {
    char magic[8];
    uint32_t byte_order;
    uint32_t word_size;
    uint32_t abi_major;
    uint32_t abi_minor;
    /* Of the whole descriptor, of this head, of one function, of one row: later minors may lengthen each at its end. */
    uint32_t size;
    uint32_t head_size;
    uint32_t function_size;
    uint32_t row_size;
    uint32_t function_count;
    uint32_t row_count;
    uint32_t vtable_prefix;
    uint32_t vtable_fields;
    char plugin[BANYAN_NAME];
    char version[BANYAN_NAME];
} banyan_descriptor_head;

typedef struct banyan_function_row {
    char name[BANYAN_NAME];
} banyan_function_row;

/* A type, or a field of the type before it: then `place` is its offset, otherwise the type's alignment. */
typedef struct banyan_type_row {
    uint32_t is_field;
    uint32_t size;
    uint32_t place;
    uint32_t kind;
    char name[BANYAN_NAME];
} banyan_type_row;

#ifdef __cplusplus
#define BANYAN_ALIGNMENT(type) alignof(type)
#define BANYAN_ASSERT(condition, text) static_assert(condition, text)
#define BANYAN_EXPORT(declaration) extern "C" __attribute__((visibility("default"))) declaration
#else
/* C11's words, which gcc and clang know in C99 too. */
#define BANYAN_ALIGNMENT(type) (__extension__ _Alignof(type))
#define BANYAN_ASSERT(condition, text) __extension__ _Static_assert(condition, text)
#define BANYAN_EXPORT(declaration) extern __attribute__((visibility("default"))) declaration
#endif

#define BANYAN_ONE_FUNCTION(name, function) +1u
#define BANYAN_ONE_TYPE(name, type) +1u
#define BANYAN_ONE_FIELD(type, field, kind) +1u

#define BANYAN_FUNCTION_NAME(name, function) {name},
#define BANYAN_FUNCTION_POINTER(name, function) &function,

#define BANYAN_TYPE_ROW(name, type) {0u, (uint32_t)sizeof(type), (uint32_t)BANYAN_ALIGNMENT(type), BANYAN_STRUCT, name},
#define BANYAN_FIELD_ROW(type, field, kind) \
    {1u, (uint32_t)sizeof(((type *)0)->field), (uint32_t)offsetof(type, field), kind, #field},

#if BANYAN_ABI_MINOR >= 1
#define BANYAN_MINOR_1(FIELD) FIELD(banyan_vtable, last_error, BANYAN_POINTER)
#else
#define BANYAN_MINOR_1(FIELD)
#endif

/* The ABI's own types describe themselves like a plugin's. */
#define BANYAN_OWN_TYPES(TYPE, FIELD) \
    TYPE("banyan_slice", banyan_slice) \
    FIELD(banyan_slice, data, BANYAN_POINTER) \
    FIELD(banyan_slice, length, BANYAN_UNSIGNED) \
    TYPE("banyan_buffer", banyan_buffer) \
    FIELD(banyan_buffer, data, BANYAN_POINTER) \
    FIELD(banyan_buffer, length, BANYAN_UNSIGNED) \
    TYPE("banyan_vtable", banyan_vtable) \
    FIELD(banyan_vtable, call, BANYAN_POINTER) \
    FIELD(banyan_vtable, create, BANYAN_POINTER) \
    FIELD(banyan_vtable, destroy, BANYAN_POINTER) \
    FIELD(banyan_vtable, free_output, BANYAN_POINTER) \
    BANYAN_MINOR_1(FIELD)

/* What follows the types is the rest of the vtable: create, destroy, free_output and, from 1.1 on, last_error or NULL. */
#define BANYAN_PLUGIN(plugin_name, plugin_version, FUNCTIONS, TYPES, ...) \
    static int32_t banyan_call_by_place(void *handle, uint32_t place, const banyan_slice *input, banyan_buffer *output) \
    { \
        static banyan_function *const functions[] = {FUNCTIONS(BANYAN_FUNCTION_POINTER)}; \
        if (place >= sizeof functions / sizeof functions[0]) \
            return BANYAN_UNKNOWN_FUNCTION; \
        return functions[place](handle, input, output); \
    } \
    BANYAN_EXPORT(const banyan_vtable banyan_plugin_vtable_1); \
    const banyan_vtable banyan_plugin_vtable_1 = {&banyan_call_by_place, __VA_ARGS__}; \
    struct banyan_descriptor_note { \
        banyan_note_head note; \
        banyan_descriptor_head head; \
        banyan_function_row functions[0u FUNCTIONS(BANYAN_ONE_FUNCTION)]; \
        banyan_type_row rows[0u BANYAN_OWN_TYPES(BANYAN_ONE_TYPE, BANYAN_ONE_FIELD) \
                                 TYPES(BANYAN_ONE_TYPE, BANYAN_ONE_FIELD)]; \
    }; \
    static const struct banyan_descriptor_note banyan_descriptor \
        __attribute__((section(".note.banyan"), aligned(4), used)) = { \
            {7u, (uint32_t)(sizeof(struct banyan_descriptor_note) - sizeof(banyan_note_head)), BANYAN_NOTE_TYPE, \
             "Banyan"}, \
            {{'B', 'A', 'N', 'Y', 'A', 'N', 'P', 'L'}, \
             BANYAN_BYTE_ORDER, \
             (uint32_t)sizeof(void *), \
             BANYAN_ABI_MAJOR, \
             BANYAN_ABI_MINOR, \
             (uint32_t)(sizeof(struct banyan_descriptor_note) - sizeof(banyan_note_head)), \
             (uint32_t)sizeof(banyan_descriptor_head), \
             (uint32_t)sizeof(banyan_function_row), \
             (uint32_t)sizeof(banyan_type_row), \
             0u FUNCTIONS(BANYAN_ONE_FUNCTION), \
             0u BANYAN_OWN_TYPES(BANYAN_ONE_TYPE, BANYAN_ONE_FIELD) TYPES(BANYAN_ONE_TYPE, BANYAN_ONE_FIELD), \
             BANYAN_VTABLE_PREFIX, \
             (uint32_t)(sizeof(banyan_vtable) / sizeof(void *)), \
             plugin_name, \
             plugin_version}, \
            {FUNCTIONS(BANYAN_FUNCTION_NAME)}, \
            {BANYAN_OWN_TYPES(BANYAN_TYPE_ROW, BANYAN_FIELD_ROW) TYPES(BANYAN_TYPE_ROW, BANYAN_FIELD_ROW)}}; \
    BANYAN_ASSERT(sizeof(plugin_name) <= BANYAN_NAME && sizeof(plugin_version) <= BANYAN_NAME, \
                  "the plugin's name and version have at most 71 bytes"); \
    BANYAN_ASSERT(sizeof(struct banyan_descriptor_note) == \
                      sizeof(banyan_note_head) + sizeof(banyan_descriptor_head) + \
                          (0u FUNCTIONS(BANYAN_ONE_FUNCTION)) * sizeof(banyan_function_row) + \
                          (0u BANYAN_OWN_TYPES(BANYAN_ONE_TYPE, BANYAN_ONE_FIELD) \
                               TYPES(BANYAN_ONE_TYPE, BANYAN_ONE_FIELD)) * sizeof(banyan_type_row), \
                  "the descriptor has no padding")

#endif
