/* Symbols that are no functions, of every kind that a manifest could take for one, and functions that look like none. */
#include <stdint.h>
#include <string.h>

int initialised = 5;
int zeroed[10];
const int table[4] = {1, 2, 3, 4};
__thread int of_a_thread = 3;
int nothing_in_it[0];

/* As an assembler leaves them that was told no types: `ret` is a function that does nothing. */
__asm__(".data\n"
        ".globl untyped_table\n"
        "untyped_table: .long 1, 2, 3, 4\n"
        ".text\n"
        ".globl untyped_function\n"
        "untyped_function: ret\n");

int answer(void)
{
    return 42;
}

/* Chosen while the library is loaded; what it leads to is no symbol that the loader knows. */
static int chosen_one(void)
{
    return 43;
}

static int (*choose(void))(void)
{
    return chosen_one;
}

int chosen(void) __attribute__((ifunc("choose")));

/* So that the C library is a dependency. */
uint64_t length_of(const char *text)
{
    return strlen(text);
}
