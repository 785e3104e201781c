/* Does to its process what no library should, and what some do. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PARAMETERS const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len

enum { CALLS = 3, ANSWERS = 4 };

static int32_t answer(const char *text, uint8_t **out, size_t *out_len)
{
    *out_len = strlen(text);
    *out = malloc(*out_len + 1);
    memcpy(*out, text, *out_len);
    return 0;
}

/* Its input, on the channel of answers. */
int32_t inject(PARAMETERS)
{
    if (write(ANSWERS, in, in_len) < 0)
        return 1;
    return answer("injected", out, out_len);
}

int32_t close_descriptors(PARAMETERS)
{
    (void)in, (void)in_len;
    for (int fd = 0; fd < 64; fd++)
        close(fd);
    return answer("closed", out, out_len);
}

int32_t shut_calls(PARAMETERS)
{
    (void)in, (void)in_len;
    shutdown(CALLS, SHUT_RDWR);
    return answer("shut", out, out_len);
}

int32_t unblock_descriptors(PARAMETERS)
{
    (void)in, (void)in_len;
    for (int fd = CALLS; fd <= ANSWERS; fd++)
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return answer("unblocked", out, out_len);
}

static void stay(int signal)
{
    (void)signal;
}

/* Every signal that can be caught; the alarm then interrupts reads and writes. */
int32_t catch_signals(PARAMETERS)
{
    (void)in, (void)in_len;
    for (int number = 1; number < 32; number++)
        signal(number, stay);
    ualarm(1000, 1000);
    return answer("caught", out, out_len);
}

int32_t move_away(PARAMETERS)
{
    (void)in, (void)in_len;
    if (chdir("/") != 0 || clearenv() != 0)
        return 1;
    return answer("moved", out, out_len);
}

/* Leaves a process behind that holds every descriptor open, and dies. Its number goes to the file of the input. */
int32_t fork_and_die(PARAMETERS)
{
    (void)out, (void)out_len;
    char path[256] = {0};
    memcpy(path, in, in_len < 255 ? in_len : 255);
    pid_t left = fork();
    if (left == 0) {
        sleep(600);
        _exit(0);
    }
    FILE *file = fopen(path, "w");
    fprintf(file, "%d", (int)left);
    fclose(file);
    abort();
}

int32_t say_and_wait(PARAMETERS)
{
    (void)in, (void)in_len, (void)out, (void)out_len;
    printf("begun\n");
    fflush(stdout);
    for (;;)
        pause();
}

int32_t flood(PARAMETERS)
{
    (void)in, (void)in_len;
    for (int line = 0; line < 20000; line++)
        printf("line %d of a library that talks too much\n", line);
    fprintf(stderr, "%0*d\n", 100000, 7);
    return answer("flooded", out, out_len);
}

/* All that the input names of its surroundings, or an empty answer. */
int32_t environment(PARAMETERS)
{
    char name[256] = {0};
    memcpy(name, in, in_len < 255 ? in_len : 255);
    const char *value = getenv(name);
    return answer(value == NULL ? "" : value, out, out_len);
}

int32_t echo(PARAMETERS)
{
    *out = malloc(in_len + 1);
    memcpy(*out, in, in_len);
    *out_len = in_len;
    return 0;
}

/* Whether a gigabyte can be had. */
int32_t greedy(PARAMETERS)
{
    (void)in, (void)in_len;
    void *volatile memory = malloc((size_t)1 << 30);
    int had = memory != NULL;
    free(memory);
    return answer(had ? "had" : "denied", out, out_len);
}

/* Blocks taken and not given back, to see what is freed by whom. */
static int owned;

int32_t lend(PARAMETERS)
{
    (void)in, (void)in_len;
    char text[16];
    snprintf(text, sizeof text, "%d", owned);
    owned++;
    return answer(text, out, out_len);
}

void give_back(void *memory)
{
    owned--;
    free(memory);
}

/* Its answer is out, and then it does not come back. */
void never_return(void *memory)
{
    (void)memory;
    for (;;)
        pause();
}

int32_t null_with_length(PARAMETERS)
{
    (void)in, (void)in_len, (void)out;
    *out_len = 5;
    return 0;
}

/* An error whose text is long, and one whose text is nowhere. */
int32_t long_error(PARAMETERS)
{
    (void)in, (void)in_len;
    *out_len = 100000;
    *out = malloc(*out_len);
    memset(*out, 'e', *out_len);
    return 9;
}

int32_t dangling_error(PARAMETERS)
{
    (void)in, (void)in_len;
    *out = (uint8_t *)(UINTPTR_MAX - 4095);
    *out_len = 16;
    return 9;
}

/* 7 MB of stack, which a C program has. */
static uint32_t descend(uint32_t depth)
{
    volatile uint8_t frame[4096];
    frame[0] = (uint8_t)depth;
    return depth == 0 ? 0 : descend(depth - 1) + frame[0];
}

int32_t deep(PARAMETERS)
{
    (void)in, (void)in_len;
    descend(7 * 1024 * 1024 / 4200);
    return answer("deep", out, out_len);
}
