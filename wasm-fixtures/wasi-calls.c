/*
 * The calls of WASI one by one, past any C library: `call` gets "NAME FD PATH [PATH]" and answers the number of the error,
 * 0 for none. What is asked of an open file is asked of one that was opened for reading alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

#include "extism_guest.h"

enum { FOLLOW = __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW };

static int open_with(__wasi_fd_t fd, const char *path, __wasi_oflags_t how, __wasi_rights_t rights)
{
    __wasi_fd_t opened;
    __wasi_errno_t error = __wasi_path_open(fd, FOLLOW, path, how, rights, rights, 0, &opened);
    return error != 0 ? error : __wasi_fd_close(opened);
}

static int of_file(const char *name, __wasi_fd_t file)
{
    uint8_t byte = 'x';
    __wasi_ciovec_t written = {&byte, 1};
    __wasi_iovec_t room = {&byte, 1};
    __wasi_size_t length;
    if (strcmp(name, "fd_write") == 0)
        return __wasi_fd_write(file, &written, 1, &length);
    if (strcmp(name, "fd_pwrite") == 0)
        return __wasi_fd_pwrite(file, &written, 1, 0, &length);
    if (strcmp(name, "fd_allocate") == 0)
        return __wasi_fd_allocate(file, 0, 100);
    if (strcmp(name, "fd_filestat_set_size") == 0)
        return __wasi_fd_filestat_set_size(file, 0);
    if (strcmp(name, "fd_filestat_set_times") == 0)
        return __wasi_fd_filestat_set_times(file, 0, 0, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM);
    if (strcmp(name, "fd_pread") == 0)
        return __wasi_fd_pread(file, &room, 1, 0, &length);
    return -1;
}

static int call(const char *name, __wasi_fd_t fd, const char *path, const char *other)
{
    __wasi_filestat_t status;
    __wasi_size_t length;
    uint8_t room[512];
    if (strncmp(name, "fd_", 3) == 0) {
        __wasi_fd_t file;
        int error = __wasi_path_open(fd, FOLLOW, path, 0, __WASI_RIGHTS_FD_READ, 0, 0, &file);
        if (error != 0)
            return error;
        error = of_file(name, file);
        return __wasi_fd_close(file) == 0 ? error : -1;
    }
    if (strcmp(name, "open") == 0)
        return open_with(fd, path, 0, __WASI_RIGHTS_FD_READ);
    if (strcmp(name, "open:all") == 0)
        return open_with(fd, path, 0, ~(__wasi_rights_t)0);
    if (strcmp(name, "open:write") == 0)
        return open_with(fd, path, 0, __WASI_RIGHTS_FD_WRITE);
    if (strcmp(name, "open:allocate") == 0)
        return open_with(fd, path, 0, __WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_ALLOCATE);
    if (strcmp(name, "open:create") == 0)
        return open_with(fd, path, __WASI_OFLAGS_CREAT, __WASI_RIGHTS_FD_READ);
    if (strcmp(name, "open:exclusive") == 0)
        return open_with(fd, path, __WASI_OFLAGS_CREAT | __WASI_OFLAGS_EXCL, __WASI_RIGHTS_FD_READ);
    if (strcmp(name, "open:truncate") == 0)
        return open_with(fd, path, __WASI_OFLAGS_TRUNC, __WASI_RIGHTS_FD_READ);
    if (strcmp(name, "open:directory") == 0)
        return open_with(fd, path, __WASI_OFLAGS_DIRECTORY, ~(__wasi_rights_t)0);
    if (strcmp(name, "path_create_directory") == 0)
        return __wasi_path_create_directory(fd, path);
    if (strcmp(name, "path_remove_directory") == 0)
        return __wasi_path_remove_directory(fd, path);
    if (strcmp(name, "path_unlink_file") == 0)
        return __wasi_path_unlink_file(fd, path);
    if (strcmp(name, "path_rename") == 0)
        return __wasi_path_rename(fd, path, fd, other);
    if (strcmp(name, "path_rename:over") == 0)
        return __wasi_path_rename(fd, path, fd + 1, other);
    if (strcmp(name, "path_link") == 0)
        return __wasi_path_link(fd, 0, path, fd, other);
    if (strcmp(name, "path_link:over") == 0)
        return __wasi_path_link(fd, 0, path, fd + 1, other);
    if (strcmp(name, "path_symlink") == 0)
        return __wasi_path_symlink(other, fd, path);
    if (strcmp(name, "path_filestat_set_times") == 0)
        return __wasi_path_filestat_set_times(fd, FOLLOW, path, 0, 0, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM);
    if (strcmp(name, "path_filestat_get") == 0)
        return __wasi_path_filestat_get(fd, FOLLOW, path, &status);
    if (strcmp(name, "path_readlink") == 0)
        return __wasi_path_readlink(fd, path, room, sizeof room, &length);
    if (strcmp(name, "sock_accept") == 0)
        return __wasi_sock_accept(fd, 0, &fd);
    if (strcmp(name, "sock_recv") == 0)
        return __wasi_sock_recv(fd, NULL, 0, 0, &length, &(__wasi_roflags_t){0});
    if (strcmp(name, "sock_send") == 0)
        return __wasi_sock_send(fd, NULL, 0, 0, &length);
    if (strcmp(name, "sock_shutdown") == 0)
        return __wasi_sock_shutdown(fd, 1);
    return -1;
}

static char *calls_call(const char *in)
{
    char name[64] = "", path[4200] = "", other[512] = "", *answer = malloc(32);
    unsigned fd = 0;
    sscanf(in, "%63s %u %4199s %511s", name, &fd, path, other);
    snprintf(answer, 32, "%d", call(name, fd, path, other));
    return answer;
}

/* Opens a path again and again, and answers how often that went well, and whether the file ever was another than "inside". */
static char *calls_race(const char *path)
{
    char *answer = malloc(64), text[16];
    int opened = 0, outside = 0;
    for (int i = 0; i < 3000; i++) {
        __wasi_fd_t file;
        if (__wasi_path_open(3, FOLLOW, path, 0, __WASI_RIGHTS_FD_READ, 0, 0, &file) != 0)
            continue;
        __wasi_iovec_t room = {(uint8_t *)text, sizeof text};
        __wasi_size_t length = 0;
        int failed = __wasi_fd_read(file, &room, 1, &length) != 0 || __wasi_fd_close(file) != 0;
        opened++;
        if (failed || length != 6 || memcmp(text, "inside", 6) != 0)
            outside++;
    }
    snprintf(answer, 64, "%s, %d outside", opened > 0 ? "opened" : "never opened", outside);
    return answer;
}

EXTISM_CSTRING(call, calls_call)
EXTISM_CSTRING(race, calls_race)
