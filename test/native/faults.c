/* Ways in which a library takes its process along, or nearly so, that `faulty` does not know. `echo` does nothing wrong. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PARAMETERS const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len
#define UNUSED (void)in, (void)in_len, (void)out, (void)out_len

enum { CALLS = 3, ANSWERS = 4, PAGE = 4096 };

static void wait_for_ever(void)
{
    for (;;)
        pause();
}

static void fault(void)
{
    volatile uint8_t *nowhere = (volatile uint8_t *)UINTPTR_MAX;
    *nowhere = 1;
}

int32_t echo(PARAMETERS)
{
    *out = malloc(in_len + 1);
    memcpy(*out, in, in_len);
    *out_len = in_len;
    return 0;
}

int32_t exit_139(PARAMETERS)
{
    UNUSED;
    exit(139);
}

int32_t exit_at_once(PARAMETERS)
{
    UNUSED;
    _exit(7);
}

int32_t kill_itself(PARAMETERS)
{
    UNUSED;
    kill(getpid(), SIGKILL);
    wait_for_ever();
    return 0;
}

int32_t divide(PARAMETERS)
{
    UNUSED;
#if defined(__x86_64__) || defined(__i386__)
    volatile int32_t zero = 0;
    return 1000 / zero;
#else
    raise(SIGFPE); /* elsewhere a division by zero is just a number */
    return 0;
#endif
}

int32_t trap(PARAMETERS)
{
    UNUSED;
    __builtin_trap();
}

/* A mapping that is longer than its file. */
int32_t bus_error(PARAMETERS)
{
    UNUSED;
    int empty = memfd_create("empty", 0);
    volatile uint8_t *page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, empty, 0);
    return page[0];
}

int32_t run_data(PARAMETERS)
{
    UNUSED;
    static uint8_t data[64];
    void (*function)(void);
    void *at = data;
    memcpy(&function, &at, sizeof function);
    function();
    return 0;
}

/* Through volatile, so that no compiler sees what is coming. */
int32_t double_free(PARAMETERS)
{
    UNUSED;
    void *volatile block = malloc(40);
    void *volatile again = block;
    free(block);
    free(again);
    return 0;
}

/* What an overflow leaves of the block behind: no sound size. */
int32_t corrupt_heap(PARAMETERS)
{
    UNUSED;
    volatile size_t *volatile block = malloc(2000);
    block[-1] = (size_t)0x4141414141414141;
    free((void *)block);
    return 0;
}

/* `readable` bytes at the end of what can be read. What follows stays taken: another thread could map it otherwise. */
static uint8_t *at_the_edge(size_t readable)
{
    size_t pages = (readable + PAGE - 1) / PAGE * PAGE;
    uint8_t *mapped = mmap(NULL, pages + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(mapped + pages, PAGE, PROT_NONE);
    return mapped + pages - readable;
}

int32_t lie_a_little(PARAMETERS)
{
    (void)in, (void)in_len;
    *out = at_the_edge(16);
    *out_len = 100;
    return 0;
}

/* Most of the answer can be read, so a part of it is out before the lie is found. */
int32_t lie_at_length(PARAMETERS)
{
    (void)in, (void)in_len;
    *out = at_the_edge(1000000);
    *out_len = 1000016;
    return 0;
}

int32_t print_for_ever(PARAMETERS)
{
    UNUSED;
    for (;;)
        printf("a line of a library that never stops talking\n");
}

static void *fault_soon(void *nothing)
{
    struct timespec soon = {.tv_sec = 0, .tv_nsec = 1000000};
    nanosleep(&soon, NULL);
    fault();
    return nothing;
}

int32_t fault_in_a_thread(PARAMETERS)
{
    UNUSED;
    pthread_t thread;
    pthread_create(&thread, NULL, fault_soon, NULL);
    pthread_join(thread, NULL);
    return 0;
}

/* The answer may be out when it happens, and another call may run. */
int32_t fault_later(PARAMETERS)
{
    pthread_t thread;
    pthread_create(&thread, NULL, fault_soon, NULL);
    pthread_detach(thread);
    return echo(in, in_len, out, out_len);
}

int32_t ignore_and_fault(PARAMETERS)
{
    UNUSED;
    signal(SIGSEGV, SIG_IGN);
    fault();
    return 0;
}

static void come_back(int number)
{
    (void)number;
}

/* Comes back to the instruction that faults, again and again. */
int32_t handle_and_fault(PARAMETERS)
{
    UNUSED;
    signal(SIGSEGV, come_back);
    fault();
    return 0;
}

static void leave(int number)
{
    (void)number;
    _exit(0);
}

int32_t leave_at_fault(PARAMETERS)
{
    UNUSED;
    signal(SIGSEGV, leave);
    fault();
    return 0;
}

int32_t block_signals_and_loop(PARAMETERS)
{
    UNUSED;
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (volatile uint32_t turn = 0;; turn++)
        continue;
}

int32_t close_all(PARAMETERS)
{
    for (int fd = 0; fd < 1024; fd++)
        close(fd);
    return echo(in, in_len, out, out_len);
}

int32_t close_calls(PARAMETERS)
{
    close(CALLS);
    return echo(in, in_len, out, out_len);
}

/* Every answer from here on goes nowhere. */
int32_t lose_answers(PARAMETERS)
{
    int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, ANSWERS);
    return echo(in, in_len, out, out_len);
}

int32_t move_away(PARAMETERS)
{
    if (chdir("/") != 0 || clearenv() != 0)
        return 1;
    umask(0777);
    for (int fd = 0; fd < CALLS; fd++)
        close(fd);
    return echo(in, in_len, out, out_len);
}

static void send(const void *bytes, size_t length)
{
    if (write(ANSWERS, bytes, length) < 0)
        abort();
}

int32_t garbage_and_wait(PARAMETERS)
{
    UNUSED;
    uint8_t garbage[64];
    memset(garbage, 0xff, sizeof garbage);
    send(garbage, sizeof garbage);
    wait_for_ever();
    return 0;
}

int32_t garbage_and_go_on(PARAMETERS)
{
    uint8_t garbage[64];
    memset(garbage, 0xff, sizeof garbage);
    send(garbage, sizeof garbage);
    return echo(in, in_len, out, out_len);
}

/*
 * An answer's header for the call `ahead` of this one, as no library could know it that does not look before its input
 * into the frame that brought it.
 */
static void send_header(const uint8_t *in, uint32_t ahead, uint32_t length)
{
    uint32_t header[4] = {length, 0, 0, 0};
    memcpy(&header[1], in - 28, sizeof header[1]);
    header[1] += ahead;
    send(header, sizeof header);
}

int32_t half_a_frame(PARAMETERS)
{
    UNUSED;
    uint8_t half[1000] = {0};
    send_header(in, 0, 2 * sizeof half);
    send(half, sizeof half);
    wait_for_ever();
    return 0;
}

int32_t half_a_header(PARAMETERS)
{
    UNUSED;
    uint8_t half[8] = {0};
    send(half, sizeof half);
    wait_for_ever();
    return 0;
}

int32_t frame_of_2_gib(PARAMETERS)
{
    UNUSED;
    send_header(in, 0, 0x7fffffff);
    wait_for_ever();
    return 0;
}

/* Its own answer, and then once more by the way that all answers go. */
int32_t answer_twice(PARAMETERS)
{
    send_header(in, 0, (uint32_t)in_len);
    send(in, in_len);
    return echo(in, in_len, out, out_len);
}

int32_t answer_the_last_call(PARAMETERS)
{
    UNUSED;
    send_header(in, (uint32_t)-1, 0);
    wait_for_ever();
    return 0;
}

/* Not the next call but the one after it. */
int32_t answer_a_later_call(PARAMETERS)
{
    UNUSED;
    send_header(in, 2, 0);
    wait_for_ever();
    return 0;
}
