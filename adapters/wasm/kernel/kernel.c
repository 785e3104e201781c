/*
 * The memory half of `extism:host/env`: the blocks through which a plugin and its host exchange bytes.
 *
 * A plugin imports the functions under "the guest's" from here, wasm to wasm; the lane calls those under "the lane's"
 * and reads and writes the memory itself. Offsets are 64 bits wide and never believed: whatever is not inside one live
 * block of the present call is a trap. Blocks of one call are neither found nor readable in the next.
 *
 * Blocks stand one behind the other, each behind a head that no store can reach, since every access has to be inside a
 * live block. A freed block joins its free neighbours, and what is left at the end is given back; the others serve later
 * blocks, which take what they need of them. Where live blocks start is marked in maps of bits, so that any offset finds
 * its block in a few steps. `end` takes everything back.
 */
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))

enum { PAGE = 65536, GRANULE = 16 };

/* Before the bytes of every block. A block is known by its start: the address of its bytes, behind its head. */
struct head {
    uint32_t size;   /* bytes from here to the next head, or to `edge` */
    uint32_t before; /* the block right before it, 0 for the first */
    uint32_t length; /* what was asked for, 0 in a free block */
    uint32_t unused; /* keeps starts aligned */
};

/* In the bytes of a free block: its neighbours in the list of its class, 0 at the ends. */
struct links {
    uint32_t next;
    uint32_t previous;
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
static uint32_t edge;  /* the end of the last block */
static uint32_t last;  /* the last block, 0 for none */

/* The input and the blocks of the latest accesses, as a start and two bounds: offsets below `bytes` are good for
   one byte, those below `words` for eight. Loads and stores have one each, for guests that copy from block to block. */
static struct reach {
    uint32_t start;
    uint32_t bytes;
    uint32_t words;
} input, loaded, stored;

/* Free blocks by size: eight classes for every power of two, and which of them have any. */
enum { STEP_BITS = 3, CLASSES = 32 << STEP_BITS };
static uint32_t free_lists[CLASSES];
static uint64_t filled[CLASSES / 64];
static int has_freed;

/*
 * Which granules of a segment of this memory are the start of a live block: a bit in `words` for each, one in `above` for
 * each word that is not 0, and one in `root` for each of those. The maps of segments in which blocks start lie in blocks
 * themselves, which no guest is told of; but not the first, which is all that most calls need.
 */
enum { SEGMENT_BITS = 22, SEGMENT_GRANULES = (1 << SEGMENT_BITS) / GRANULE, SEGMENTS = 1 << (32 - SEGMENT_BITS) };
struct map {
    uint64_t root;
    uint64_t above[64];
    uint64_t words[64 * 64];
};
static struct map first_map;
static struct map *maps[SEGMENTS];

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

static struct head *head_of(uint32_t start)
{
    return (struct head *)(uintptr_t)(start - sizeof(struct head));
}

static struct links *links_of(uint32_t start)
{
    return (struct links *)(uintptr_t)start;
}

/* Where the first head goes. */
static uint32_t base(void)
{
    return ((uintptr_t)&__heap_base + GRANULE - 1) & ~(uint32_t)(GRANULE - 1);
}

/* The last class that a block of this many bytes can serve. */
static uint32_t class_within(uint32_t size)
{
    uint32_t power = 31 - (uint32_t)__builtin_clz(size);
    uint32_t step = (uint32_t)((uint64_t)size << STEP_BITS >> power) & ((1u << STEP_BITS) - 1);
    return power << STEP_BITS | step;
}

/* ---- free blocks ------------------------------------------------------------------------------- */

static void list(uint32_t start)
{
    uint32_t class = class_within(head_of(start)->size);
    uint32_t next = free_lists[class];
    *links_of(start) = (struct links){next, 0};
    if (next != 0)
        links_of(next)->previous = start;
    free_lists[class] = start;
    filled[class / 64] |= (uint64_t)1 << class % 64;
}

static void unlist(uint32_t start)
{
    struct links links = *links_of(start);
    if (links.next != 0)
        links_of(links.next)->previous = links.previous;
    if (links.previous != 0) {
        links_of(links.previous)->next = links.next;
        return;
    }
    uint32_t class = class_within(head_of(start)->size);
    free_lists[class] = links.next;
    if (links.next == 0)
        filled[class / 64] &= ~((uint64_t)1 << class % 64);
}

/* A free block of this size at least; of those of its own class, which may be too small, the first few are looked at. */
static uint32_t free_block(uint32_t size, uint32_t few)
{
    uint32_t class = class_within(size);
    for (uint32_t start = free_lists[class]; start != 0 && few > 0; start = links_of(start)->next, few--)
        if (head_of(start)->size >= size)
            return start;
    class++;
    for (uint32_t word = class / 64; word < CLASSES / 64; word++) {
        uint64_t bits = filled[word];
        if (word == class / 64)
            bits &= ~(uint64_t)0 << class % 64;
        if (bits != 0)
            return free_lists[word * 64 + (uint32_t)__builtin_ctzll(bits)];
    }
    return 0;
}

/* ---- taking and giving back -------------------------------------------------------------------- */

/* Tells the block behind this one, if there is one, that this one is before it. */
static void join(uint32_t start)
{
    uint32_t end = start + head_of(start)->size;
    if (end == edge)
        last = start;
    else
        head_of(end + sizeof(struct head))->before = start;
}

/* Takes what it needs of a free block, and leaves the rest free. */
static void use(uint32_t start, uint32_t size)
{
    unlist(start);
    struct head *head = head_of(start);
    uint32_t rest = head->size - size;
    if (rest < sizeof(struct head) + GRANULE)
        return;
    head->size = size;
    uint32_t left = start + size + sizeof(struct head);
    *head_of(left) = (struct head){rest - sizeof(struct head), start, 0, 0};
    join(left);
    list(left);
}

static int has_room(uint64_t size)
{
    return (uint64_t)edge + sizeof(struct head) + size <= limit;
}

/* A block behind all others. What lies from `state.top` on was not used in this call. */
static uint32_t extend(uint32_t size)
{
    uint32_t start = edge + sizeof(struct head);
    uint32_t end = start + size;
    uint64_t have = (uint64_t)__builtin_wasm_memory_size(0) * PAGE;
    if (end > have && __builtin_wasm_memory_grow(0, (end - have + PAGE - 1) / PAGE) == (size_t)-1)
        fault(FAULT_MEMORY, limit, size);
    *head_of(start) = (struct head){size, last, 0, 0};
    last = start;
    edge = end;
    return start;
}

/* A block of zeroes that nothing is told of yet. */
static uint32_t take(uint64_t length)
{
    enum { FEW = 8 };
    uint64_t size = (length + GRANULE - 1) & ~(uint64_t)(GRANULE - 1);
    if (length > limit || size > limit)
        fault(FAULT_MEMORY, limit, length);
    uint32_t start = has_freed ? free_block((uint32_t)size, FEW) : 0;
    if (start == 0 && !has_room(size)) {
        start = has_freed ? free_block((uint32_t)size, UINT32_MAX) : 0;
        if (start == 0)
            fault(FAULT_MEMORY, limit, length);
    }
    if (start != 0)
        use(start, (uint32_t)size);
    else
        start = extend((uint32_t)size);

    /* Beyond `top` it is zero, as `end` left it. */
    uint32_t end = start + (uint32_t)size;
    if (start < state.top)
        __builtin_memset((void *)(uintptr_t)start, 0, (end < state.top ? end : state.top) - start);
    if (end > state.top)
        state.top = end;
    head_of(start)->length = (uint32_t)length;
    return start;
}

static void give_back(uint32_t start)
{
    struct head *head = head_of(start);
    head->length = 0;
    uint32_t behind = start + head->size + sizeof(struct head);
    if (behind < edge && head_of(behind)->length == 0) {
        unlist(behind);
        head->size += sizeof(struct head) + head_of(behind)->size;
    }
    uint32_t before = head->before;
    if (before != 0 && head_of(before)->length == 0) {
        unlist(before);
        head_of(before)->size += sizeof(struct head) + head->size;
        start = before;
        head = head_of(start);
    }
    if (start + head->size == edge) {
        last = head->before;
        edge = start - sizeof(struct head);
        return;
    }
    join(start);
    list(start);
    has_freed = 1;
}

/* ---- where live blocks start ------------------------------------------------------------------- */

static uint64_t bit(uint32_t index)
{
    return (uint64_t)1 << index % 64;
}

static uint32_t highest(uint64_t word)
{
    return 63 - (uint32_t)__builtin_clzll(word);
}

static uint64_t until(uint64_t word, uint32_t index)
{
    return word & ~(uint64_t)0 >> (63 - index % 64);
}

static uint32_t granule_of(uint32_t start)
{
    return start / GRANULE % SEGMENT_GRANULES;
}

static void mark(uint32_t start)
{
    struct map **map = &maps[start >> SEGMENT_BITS];
    if (*map == NULL)
        *map = start >> SEGMENT_BITS == 0 ? &first_map : (struct map *)(uintptr_t)take(sizeof(struct map));
    uint32_t granule = granule_of(start);
    (*map)->words[granule / 64] |= bit(granule);
    (*map)->above[granule / 4096] |= bit(granule / 64);
    (*map)->root |= bit(granule / 4096);
}

static void unmark(uint32_t start)
{
    struct map *map = maps[start >> SEGMENT_BITS];
    uint32_t granule = granule_of(start);
    if ((map->words[granule / 64] &= ~bit(granule)) != 0)
        return;
    if ((map->above[granule / 4096] &= ~bit(granule / 64)) != 0)
        return;
    if ((map->root &= ~bit(granule / 4096)) != 0 || map == &first_map)
        return;
    maps[start >> SEGMENT_BITS] = NULL;
    give_back((uint32_t)(uintptr_t)map);
}

/* The last granule of a map that is marked, up to this one; -1 for none. */
static int32_t last_in(const struct map *map, uint32_t granule)
{
    uint32_t word = granule / 64;
    uint64_t bits = until(map->words[word], granule);
    if (bits == 0) {
        if (word-- == 0)
            return -1;
        uint32_t up = word / 64;
        uint64_t above = until(map->above[up], word);
        if (above == 0) {
            uint64_t root = up == 0 ? 0 : until(map->root, up - 1);
            if (root == 0)
                return -1;
            up = highest(root);
            above = map->above[up];
        }
        word = up * 64 + highest(above);
        bits = map->words[word];
    }
    return (int32_t)(word * 64 + highest(bits));
}

/* The live block that has this offset among its bytes; 0 for none. */
static uint32_t find(uint64_t offset)
{
    if (offset >= edge)
        return 0;
    uint32_t granule = granule_of((uint32_t)offset);
    for (uint32_t segment = (uint32_t)offset >> SEGMENT_BITS;; segment--, granule = SEGMENT_GRANULES - 1) {
        int32_t found = maps[segment] == NULL ? -1 : last_in(maps[segment], granule);
        if (found >= 0) {
            uint32_t start = segment << SEGMENT_BITS | (uint32_t)found * GRANULE;
            return offset - start < head_of(start)->length ? start : 0;
        }
        if (segment == 0)
            return 0;
    }
}

static int is_start(uint64_t offset)
{
    if (offset >= edge || offset % GRANULE != 0)
        return 0;
    const struct map *map = maps[offset >> SEGMENT_BITS];
    uint32_t granule = granule_of((uint32_t)offset);
    return map != NULL && (map->words[granule / 64] & bit(granule)) != 0;
}

/* Wipes the first map, of blocks up to `top`, and forgets the others, which lie among the blocks. */
static void unmark_all(uint32_t top)
{
    for (uint32_t segment = 0; segment <= top >> SEGMENT_BITS; segment++)
        maps[segment] = NULL;
    uint32_t from = granule_of(base()) / 64;
    uint32_t to = top >> SEGMENT_BITS == 0 ? granule_of(top) / 64 : 64 * 64 - 1;
    first_map.root = 0;
    for (uint32_t up = from / 64; up <= to / 64; up++)
        first_map.above[up] = 0;
    /* Two or three words after most calls, which a loop clears faster. */
    if (to - from > 8)
        __builtin_memset(&first_map.words[from], 0, (to - from + 1) * sizeof first_map.words[0]);
    else
        for (volatile uint64_t *word = &first_map.words[from]; word <= &first_map.words[to]; word++)
            *word = 0;
}

/* ---- blocks as guests know them ---------------------------------------------------------------- */

static uint32_t allocate(uint64_t length)
{
    if (length == 0)
        return 0;
    uint32_t start = take(length);
    mark(start);
    stored = reach_of(start, (uint32_t)length);
    return start;
}

/* The address of `size` bytes at an offset that is not in the block of the latest access of its kind. */
static __attribute__((noinline)) uint8_t *reach(uint64_t offset, uint32_t size, enum fault kind)
{
    uint32_t start = find(offset);
    if (start == 0 || offset - start + size > head_of(start)->length)
        fault(kind, offset, size);
    *(kind == FAULT_LOAD ? &loaded : &stored) = reach_of(start, head_of(start)->length);
    return (uint8_t *)(uintptr_t)offset;
}

static inline uint8_t *byte_at(uint64_t offset, enum fault kind)
{
    const struct reach *latest = kind == FAULT_LOAD ? &loaded : &stored;
    if (offset - latest->start < latest->bytes)
        return (uint8_t *)(uintptr_t)offset;
    return reach(offset, 1, kind);
}

static inline uint8_t *word_at(uint64_t offset, enum fault kind)
{
    const struct reach *latest = kind == FAULT_LOAD ? &loaded : &stored;
    if (offset - latest->start < latest->words)
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
    if (!is_start(offset))
        return;
    if (offset == input.start)
        input = (struct reach){0, 0, 0};
    loaded = stored = (struct reach){0, 0, 0};
    unmark((uint32_t)offset);
    give_back((uint32_t)offset);
}

EXPORT(length) uint64_t guest_length(uint64_t offset)
{
    return is_start(offset) ? head_of((uint32_t)offset)->length : 0;
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
    uint32_t start = find(offset);
    if (start == 0 ? offset != 0 || length != 0 : length > head_of(start)->length - (offset - start))
        fault(FAULT_OUTPUT, offset, length);
    state.output_offset = (uint32_t)offset;
    state.output_length = (uint32_t)length;
}

/* 0 takes an earlier error back. */
EXPORT(error_set) void guest_error_set(uint64_t offset)
{
    if (offset != 0 && !is_start(offset))
        fault(FAULT_ERROR, offset, 0);
    state.error_offset = (uint32_t)offset;
    state.error_length = (uint32_t)guest_length(offset);
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
    limit = bytes;
    state.top = edge = base();
    uint32_t start = allocate(input_length);
    if (start != 0)
        input = reach_of(start, input_length);
    return start;
}

/* Forgets the call and wipes what it used. */
EXPORT(end) void lane_end(void)
{
    if (state.top > base()) {
        unmark_all(state.top);
        __builtin_memset((void *)(uintptr_t)base(), 0, state.top - base());
    }
    if (has_freed) {
        __builtin_memset(free_lists, 0, sizeof free_lists);
        __builtin_memset(filled, 0, sizeof filled);
        has_freed = 0;
    }
    last = 0;
    input = loaded = stored = (struct reach){0, 0, 0};
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
