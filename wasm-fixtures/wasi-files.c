/* A plugin over the C library of WASI: a reactor, which is called and does not run by itself. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "extism_guest.h"

extern char **environ;

enum { ROOM = 65536 };

static int initialized;

__attribute__((constructor)) static void initialize(void)
{
    initialized++;
}

/* An answer that its caller frees. */
static char *answer(void)
{
    return calloc(1, ROOM);
}

static char *failed(char *text)
{
    snprintf(text, ROOM, "error: %s", strerror(errno));
    return text;
}

/* How often what has to run first has run. */
static char *files_initialized(const char *in)
{
    (void)in;
    char *text = answer();
    snprintf(text, ROOM, "%d", initialized);
    return text;
}

static char *files_print(const char *in)
{
    printf("%s\n", in);
    fprintf(stderr, "not well: %s\n", in);
    printf("and no end");
    fflush(stdout);
    return answer();
}

/* What is in a file. */
static char *files_read(const char *path)
{
    char *text = answer();
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return failed(text);
    size_t length = fread(text, 1, ROOM - 1, file);
    text[length] = '\0';
    fclose(file);
    return text;
}

/* "MODE PATH TEXT": opens a file so and writes the text into it. */
static char *files_write(const char *in)
{
    char mode[4], path[512], *text = answer();
    int at = 0;
    if (sscanf(in, "%3s %511s %n", mode, path, &at) < 2)
        return NULL;
    FILE *file = fopen(path, mode);
    if (file == NULL || fputs(in + at, file) == EOF || fclose(file) == EOF)
        return failed(text);
    snprintf(text, ROOM, "written");
    return text;
}

static int by_name(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

/* The names in a directory, in their order, with a slash behind those of directories. */
static char *files_list(const char *path)
{
    char *text = answer(), *names[1024];
    int count = 0;
    DIR *directory = opendir(path);
    if (directory == NULL)
        return failed(text);
    for (struct dirent *entry; count < 1024 && (entry = readdir(directory)) != NULL;) {
        names[count] = malloc(strlen(entry->d_name) + 2);
        sprintf(names[count++], "%s%s", entry->d_name, entry->d_type == DT_DIR ? "/" : "");
    }
    closedir(directory);
    qsort(names, (size_t)count, sizeof *names, by_name);
    for (int i = 0; i < count; i++) {
        strcat(strcat(text, i == 0 ? "" : " "), names[i]);
        free(names[i]);
    }
    return text;
}

/* Makes a folder, writes a file in it, renames that, links to it, and removes all of it again. */
static char *files_rearrange(const char *path)
{
    char folder[512], one[600], two[600], link_to_it[600], *text = answer();
    struct stat status;
    snprintf(folder, sizeof folder, "%s/folder", path);
    snprintf(one, sizeof one, "%s/one", folder);
    snprintf(two, sizeof two, "%s/two", folder);
    snprintf(link_to_it, sizeof link_to_it, "%s/link", folder);
    if (mkdir(folder, 0777) != 0)
        return failed(text);
    FILE *file = fopen(one, "w+");
    if (file == NULL || fputs("0123456789", file) == EOF || fflush(file) == EOF)
        return failed(text);
    if (ftruncate(fileno(file), 4) != 0 || fseek(file, 2, SEEK_SET) != 0 || fgetc(file) != '2')
        return failed(text);
    fclose(file);
    if (rename(one, two) != 0 || symlink("two", link_to_it) != 0 || stat(link_to_it, &status) != 0)
        return failed(text);
    snprintf(text, ROOM, "%lld bytes", (long long)status.st_size);
    if (link(two, one) != 0 || unlink(one) != 0 || unlink(two) != 0 || unlink(link_to_it) != 0 || rmdir(folder) != 0)
        return failed(text);
    return text;
}

static char *files_environment(const char *in)
{
    int count = 0;
    char *text = answer();
    while (environ != NULL && environ[count] != NULL)
        count++;
    snprintf(text, ROOM, "%d variables, HOME=%s%s", count, getenv("HOME") == NULL ? "none" : getenv("HOME"), in);
    return text;
}

/* The seconds since 1970, and the milliseconds that a nap of so many takes. */
static char *files_nap(const char *in)
{
    struct timespec before, after;
    char *text = answer();
    clock_gettime(CLOCK_MONOTONIC, &before);
    usleep((unsigned)atoi(in) * 1000);
    clock_gettime(CLOCK_MONOTONIC, &after);
    long long milliseconds = (after.tv_sec - before.tv_sec) * 1000LL + (after.tv_nsec - before.tv_nsec) / 1000000;
    snprintf(text, ROOM, "%lld %lld", (long long)time(NULL), milliseconds);
    return text;
}

static char *files_random(const char *in)
{
    uint8_t bytes[16];
    char *text = answer();
    if (getentropy(bytes, sizeof bytes) != 0)
        return failed(text);
    for (size_t i = 0; i < sizeof bytes; i++)
        sprintf(text + 2 * i, "%02x", bytes[i]);
    return strcat(text, in);
}

/* What there is on its standard input. */
static char *files_input(const char *in)
{
    char *text = answer();
    (void)in;
    snprintf(text, ROOM, "%d", getchar());
    return text;
}

/* Answers, and ends by `exit` with the code that is asked for. */
static char *files_exit(const char *in)
{
    extism_answer("the last word", 13);
    exit(atoi(in));
}

/* Opens a file as often as it can, and leaves all of them open. */
static char *files_hoard(const char *path)
{
    char *text = answer();
    int count = 0;
    while (count < 2000 && fopen(path, "r") != NULL)
        count++;
    snprintf(text, ROOM, "%d: %s", count, strerror(errno));
    return text;
}

EXTISM_CSTRING(initialized, files_initialized)
EXTISM_CSTRING(print, files_print)
EXTISM_CSTRING(read, files_read)
EXTISM_CSTRING(write, files_write)
EXTISM_CSTRING(list, files_list)
EXTISM_CSTRING(rearrange, files_rearrange)
EXTISM_CSTRING(environment, files_environment)
EXTISM_CSTRING(nap, files_nap)
EXTISM_CSTRING(random, files_random)
EXTISM_CSTRING(input, files_input)
EXTISM_CSTRING(exit, files_exit)
EXTISM_CSTRING(hoard, files_hoard)
