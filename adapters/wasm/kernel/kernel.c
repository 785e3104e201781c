/*
 * The memory half of `extism:host/env`: the blocks through which a plugin and its host exchange bytes.
 *
 * A plugin imports the functions under "the guest's" from here, wasm to wasm; the lane calls those under "the lane's"
 * and reads and writes the memory itself. Offsets are 64 bits wide and never believed: whatever is not inside one live
 * block of the present call is a trap. Blocks of one call are neither found nor readable in the next.
 *
 * Bookkeeping stands beside the blocks, not between their bytes, where a store may go. Freed blocks are reused by later
 * ones of about their size; nothing is merged, and `end` takes everything back.
 */
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))

enum { PAGE = 65536, ALIGNMENT = 16 };

/* `length` is what the guest asked for, 0 in a freed block; its capacity is never less. */
struct block {
    uint32_t start;
    uint32_t length;
    uint32_t capacity;
    uint32_t next_free; /* index + 1; 0 ends the list */
};

/* Why the kernel trapped; the lane turns it into words (fault.ts knows these numbers). */
enum fault { FAULT_NONE, FAULT_LOAD, FAULT_STORE, FAULT_INPUT, FAULT_OUTPUT, FAULT_ERROR, FAULT_MEMORY };

/* What the lane reads after a call, at the address that `state` tells. The order is part of kernel.ts. */
static struct {
    uint32_t output_offset;
    uint32_t output_length;
    uint32_t error_offset;
    uint32_t error_length;
    uint32_t top; /* the first byte that was never handed out in this call */
    uint32_t fault;
    uint64_t fault_offset;
    uint64_t fault_length;
} state;

static uint32_t limit; /* bytes of this memory that the present call may use */

/* The input and the block of the latest access, as a start and two bounds: offsets below `bytes` are good for
   one byte, those below `words` for eight. */
static struct reach {
    uint32_t start;
    uint32_t bytes;
    uint32_t words;
} input, latest;

/* Blocks in the order of their addresses, in chunks that are made as needed. */
enum { CHUNK = 256, CHUNKS = 4096 };
static struct block first_chunk[CHUNK];
static struct block *chunks[CHUNKS];
static uint32_t count;

/* Freed blocks by size: eight classes for every power of two. */
enum { STEP_BITS = 3, CLASSES = 32 << STEP_BITS };
static uint32_t free_lists[CLASSES];
static uint32_t frees;

extern uint8_t __heap_base;

static _Noreturn void fault(enum fault kind, uint64_t offset, uint64_t length)
{
    state.fault = kind;
    state.fault_offset = offset;
    state.fault_length = length;
    __builtin_trap();
}

static struct reach reach_of(uint32_t start, uint32_t length)
{
    return (struct reach){start, length, length >= 8 ? length - 7 : 0};
}

static struct block *block_at(uint32_t index)
{
    return &chunks[index / CHUNK][index % CHUNK];
}

static uint32_t first_top(void)
{
    return ((uintptr_t)&__heap_base + ALIGNMENT - 1) & ~(uint32_t)(ALIGNMENT - 1);
}

/* ---- size classes ------------------------------------------------------------------------------ */

static uint32_t class_size(uint32_t class)
{
    uint32_t step = class & ((1u << STEP_BITS) - 1);
    uint32_t power = class >> STEP_BITS;
    return (uint32_t)(((uint64_t)(1u << STEP_BITS) + step) << power >> STEP_BITS);
}

/* The last class that a block of this many bytes can serve. */
static uint32_t class_within(uint32_t size)
{
    uint32_t power = 31 - (uint32_t)__builtin_clz(size);
    uint32_t step = (uint32_t)((uint64_t)size << STEP_BITS >> power) & ((1u << STEP_BITS) - 1);
    return power << STEP_BITS | step;
}

/* The first class whose blocks can hold this many bytes. */
static uint32_t class_around(uint32_t size)
{
    uint32_t class = class_within(size);
    return class_size(class) < size ? class + 1 : class;
}

/* A whole class where there is room for it, so that the block serves its likes again. */
static uint32_t capacity_for(uint32_t length, uint32_t class)
{
    uint64_t room = (uint64_t)limit - state.top;
    return class < CLASSES && class_size(class) + 2 * ALIGNMENT <= room ? class_size(class) : length;
}

/* ---- blocks ------------------------------------------------------------------------------------ */

/* Memory that this call has not seen yet, zero as `end` left it. */
static uint32_t take(uint64_t size)
{
    uint64_t start = ((uint64_t)state.top + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1);
    if (size > limit || start + size > limit)
        fault(FAULT_MEMORY, limit, size);
    uint64_t end = start + size;
    uint64_t have = (uint64_t)__builtin_wasm_memory_size(0) * PAGE;
    if (end > have && __builtin_wasm_memory_grow(0, (end - have + PAGE - 1) / PAGE) == (size_t)-1)
        fault(FAULT_MEMORY, limit, size);
    state.top = (uint32_t)end;
    return (uint32_t)start;
}

static struct block *new_block(uint32_t length, uint32_t capacity)
{
    if (count == CHUNK * CHUNKS)
        fault(FAULT_MEMORY, limit, length);
    uint32_t chunk = count / CHUNK;
    if (chunks[chunk] == NULL)
        chunks[chunk] = chunk == 0 ? first_chunk : (struct block *)(uintptr_t)take(sizeof first_chunk);
    uint32_t start = take(capacity);
    struct block *block = block_at(count++);
    *block = (struct block){start, length, capacity, 0};
    return block;
}

static struct block *freed_block(uint32_t length, uint32_t class)
{
    /* A class further up wastes a quarter at most. */
    for (uint32_t last = class + 2; class <= last && class < CLASSES; class++)
        if (free_lists[class] != 0) {
            struct block *block = block_at(free_lists[class] - 1);
            free_lists[class] = block->next_free;
            block->length = length;
            __builtin_memset((void *)(uintptr_t)block->start, 0, length);
            return block;
        }
    return NULL;
}

static uint32_t allocate(uint64_t length)
{
    if (length == 0)
        return 0;
    if (length > limit)
        fault(FAULT_MEMORY, limit, length);
    uint32_t class = class_around((uint32_t)length);
    struct block *block = frees > 0 ? freed_block((uint32_t)length, class) : NULL;
    if (block == NULL)
        block = new_block((uint32_t)length, capacity_for((uint32_t)length, class));
    latest = reach_of(block->start, block->length);
    return block->start;
}

/* The last block that starts at this offset or before it, as its index + 1; 0 for none. */
static uint32_t last_until(uint64_t offset)
{
    uint32_t low = 0;
    uint32_t high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (block_at(middle)->start <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The live block that has this offset among its bytes, or NULL. */
static struct block *find(uint64_t offset)
{
    uint32_t last = last_until(offset);
    if (last == 0)
        return NULL;
    struct block *block = block_at(last - 1);
    return offset - block->start < block->length ? block : NULL;
}

static struct block *find_start(uint64_t offset)
{
    struct block *block = find(offset);
    return block != NULL && block->start == offset ? block : NULL;
}

/* The address of `size` bytes at an offset that is not in the block of the latest access. */
static __attribute__((noinline)) uint8_t *reach(uint64_t offset, uint32_t size, enum fault kind)
{
    struct block *block = find(offset);
    if (block == NULL || offset - block->start + size > block->length)
        fault(kind, offset, size);
    latest = reach_of(block->start, block->length);
    return (uint8_t *)(uintptr_t)offset;
}

static inline uint8_t *byte_at(uint64_t offset, enum fault kind)
{
    if (offset - latest.start < latest.bytes)
        return (uint8_t *)(uintptr_t)offset;
    return reach(offset, 1, kind);
}

static inline uint8_t *word_at(uint64_t offset, enum fault kind)
{
    if (offset - latest.start < latest.words)
        return (uint8_t *)(uintptr_t)offset;
    return reach(offset, 8, kind);
}

static inline uint64_t load_word(const uint8_t *from)
{
    uint64_t word;
    __builtin_memcpy(&word, from, 8);
    return word;
}

/* ---- the guest's ------------------------------------------------------------------------------- */

EXPORT(alloc) uint64_t guest_alloc(uint64_t length)
{
    return allocate(length);
}

/* What is no block is left alone: guests free what the host has freed before them. */
EXPORT(free) void guest_free(uint64_t offset)
{
    struct block *block = find_start(offset);
    if (block == NULL)
        return;
    if (offset == input.start)
        input = (struct reach){0, 0, 0};
    latest = (struct reach){0, 0, 0};
    uint32_t class = class_within(block->capacity);
    block->length = 0;
    block->next_free = free_lists[class];
    free_lists[class] = last_until(offset);
    frees++;
}

EXPORT(length) uint64_t guest_length(uint64_t offset)
{
    struct block *block = find_start(offset);
    return block == NULL ? 0 : block->length;
}

/* The ABI lets this one skip the check; here it is no dearer to make it. */
EXPORT(length_unsafe) uint64_t guest_length_unsafe(uint64_t offset)
{
    return guest_length(offset);
}

EXPORT(load_u8) uint32_t guest_load_u8(uint64_t offset)
{
    return *byte_at(offset, FAULT_LOAD);
}

EXPORT(load_u64) uint64_t guest_load_u64(uint64_t offset)
{
    return load_word(word_at(offset, FAULT_LOAD));
}

EXPORT(store_u8) void guest_store_u8(uint64_t offset, uint32_t byte)
{
    *byte_at(offset, FAULT_STORE) = (uint8_t)byte;
}

EXPORT(store_u64) void guest_store_u64(uint64_t offset, uint64_t word)
{
    __builtin_memcpy(word_at(offset, FAULT_STORE), &word, 8);
}

EXPORT(input_offset) uint64_t guest_input_offset(void)
{
    return input.start;
}

EXPORT(input_length) uint64_t guest_input_length(void)
{
    return input.bytes;
}

EXPORT(input_load_u8) uint32_t guest_input_load_u8(uint64_t at)
{
    if (at >= input.bytes)
        fault(FAULT_INPUT, at, 1);
    return *(uint8_t *)(uintptr_t)(input.start + (uint32_t)at);
}

EXPORT(input_load_u64) uint64_t guest_input_load_u64(uint64_t at)
{
    if (at >= input.words)
        fault(FAULT_INPUT, at, 8);
    return load_word((uint8_t *)(uintptr_t)(input.start + (uint32_t)at));
}

/* Any part of a block may be the output. Freeing the block later does not take it back. */
EXPORT(output_set) void guest_output_set(uint64_t offset, uint64_t length)
{
    struct block *block = find(offset);
    if (block == NULL ? offset != 0 || length != 0 : length > block->length - (offset - block->start))
        fault(FAULT_OUTPUT, offset, length);
    state.output_offset = (uint32_t)offset;
    state.output_length = (uint32_t)length;
}

/* 0 takes an earlier error back. */
EXPORT(error_set) void guest_error_set(uint64_t offset)
{
    struct block *block = find_start(offset);
    if (block == NULL && offset != 0)
        fault(FAULT_ERROR, offset, 0);
    state.error_offset = (uint32_t)offset;
    state.error_length = block == NULL ? 0 : block->length;
}

EXPORT(error_get) uint64_t guest_error_get(void)
{
    return state.error_offset;
}

/* ---- the lane's -------------------------------------------------------------------------------- */

EXPORT(state) void *lane_state(void)
{
    return &state;
}

/* Begins a call that may use `bytes` of this memory; answers where its input goes, 0 for an empty one. */
EXPORT(begin) uint32_t lane_begin(uint32_t input_length, uint32_t bytes)
{
    state.top = first_top();
    limit = bytes;
    if (input_length == 0)
        return 0;
    struct block *block = new_block(input_length, input_length);
    input = reach_of(block->start, input_length);
    return block->start;
}

/* Forgets the call and wipes what it used. */
EXPORT(end) void lane_end(void)
{
    uint32_t base = first_top();
    if (state.top > base)
        __builtin_memset((void *)(uintptr_t)base, 0, state.top - base);
    if (frees > 0)
        __builtin_memset(free_lists, 0, sizeof free_lists);
    if (count > CHUNK)
        __builtin_memset(chunks, 0, sizeof chunks);
    count = 0;
    frees = 0;
    input = latest = (struct reach){0, 0, 0};
    __builtin_memset(&state, 0, sizeof state);
}

/* `allocate` and `length` in numbers that JavaScript has without BigInt. */
EXPORT(give) uint32_t lane_give(uint32_t length)
{
    return allocate(length);
}

EXPORT(length_of) uint32_t lane_length_of(uint64_t offset)
{
    return (uint32_t)guest_length(offset);
}

/* Frees what a guest handed over for good, which keys, values and lines are. Its input stays where it is. */
EXPORT(consume) void lane_consume(uint64_t offset)
{
    if (offset != input.start)
        guest_free(offset);
}

/* Ends the call for a reason of the lane's own: a trap, unlike a JavaScript exception, no guest can catch. */
EXPORT(abort) _Noreturn void lane_abort(void)
{
    __builtin_trap();
}
