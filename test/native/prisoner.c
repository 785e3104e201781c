/* Tries what a contained library must not be able to do, and says how it went: `done`, a text, or the name of the error. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PARAMETERS const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len

static int32_t answer(const char *text, uint8_t **out, size_t *out_len)
{
    *out_len = strlen(text);
    *out = malloc(*out_len + 1);
    if (*out == NULL)
        return 1;
    memcpy(*out, text, *out_len);
    return 0;
}

static const char *name_of(int error)
{
    static char other[32];
    switch (error) {
    case 0: return "done";
    case EPERM: return "EPERM";
    case ENOENT: return "ENOENT";
    case EACCES: return "EACCES";
    case EROFS: return "EROFS";
    case ENOMEM: return "ENOMEM";
    case ENOSYS: return "ENOSYS";
    case ESRCH: return "ESRCH";
    case EAFNOSUPPORT: return "EAFNOSUPPORT";
    case ENETUNREACH: return "ENETUNREACH";
    }
    snprintf(other, sizeof other, "error %d", error);
    return other;
}

#define ANSWER_STATUS(status) return answer(name_of((status) < 0 ? errno : 0), out, out_len)

int32_t read_file(PARAMETERS)
{
    (void)in_len;
    char text[256] = "";
    int fd = open((const char *)in, O_RDONLY);
    if (fd < 0)
        return answer(name_of(errno), out, out_len);
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    return answer(length < 0 ? name_of(errno) : text, out, out_len);
}

int32_t write_file(PARAMETERS)
{
    (void)in_len;
    int fd = open((const char *)in, O_WRONLY | O_CREAT, 0600);
    int status = fd < 0 || write(fd, "written", 7) != 7 ? -1 : 0;
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    ANSWER_STATUS(status);
}

int32_t list_folder(PARAMETERS)
{
    (void)in_len;
    char text[4096] = "";
    DIR *folder = opendir((const char *)in);
    if (folder == NULL)
        return answer(name_of(errno), out, out_len);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.' && strlen(text) + strlen(entry->d_name) + 2 < sizeof text)
            strcat(strcat(text, entry->d_name), " ");
    closedir(folder);
    return answer(text, out, out_len);
}

/* Its input: a port of the loopback address. */
int32_t connect_to(PARAMETERS)
{
    (void)in_len;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return answer(name_of(errno), out, out_len);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi((const char *)in))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int status = connect(fd, (struct sockaddr *)&to, sizeof to);
    int error = errno;
    close(fd);
    errno = error;
    ANSWER_STATUS(status);
}

/* Its input: a number of an address family. */
int32_t open_socket(PARAMETERS)
{
    (void)in_len;
    int fd = socket(atoi((const char *)in), SOCK_DGRAM, 0);
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    ANSWER_STATUS(fd);
}

int32_t make_pair(PARAMETERS)
{
    (void)in, (void)in_len;
    int pair[2];
    int status = socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    if (status == 0)
        close(pair[0]), close(pair[1]);
    ANSWER_STATUS(status);
}

static int bury(pid_t child)
{
    if (child == 0)
        _exit(0);
    return child < 0 ? -1 : (int)waitpid(child, NULL, 0);
}

int32_t fork_once(PARAMETERS)
{
    (void)in, (void)in_len;
    int status = bury(fork());
    ANSWER_STATUS(status);
}

int32_t fork_by_number(PARAMETERS)
{
    (void)in, (void)in_len;
    int status = bury((pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
    ANSWER_STATUS(status);
}

int32_t clone_by_new_call(PARAMETERS)
{
    (void)in, (void)in_len;
    uint64_t arguments[11] = {0, 0, 0, 0, SIGCHLD};
    int status = bury((pid_t)syscall(435, arguments, sizeof arguments));
    ANSWER_STATUS(status);
}

/* The exit status of a shell. */
int32_t run_shell(PARAMETERS)
{
    (void)in_len;
    char text[32];
    int status = system((const char *)in);
    if (status < 0)
        return answer(name_of(errno), out, out_len);
    snprintf(text, sizeof text, "exit %d", WEXITSTATUS(status));
    return answer(text, out, out_len);
}

int32_t spawn_shell(PARAMETERS)
{
    (void)in, (void)in_len;
    pid_t pid;
    char *arguments[] = {"sh", "-c", ":", NULL};
    int error = posix_spawn(&pid, "/bin/sh", NULL, NULL, arguments, arguments + 3);
    if (error == 0)
        waitpid(pid, NULL, 0);
    return answer(name_of(error), out, out_len);
}

int32_t replace_itself(PARAMETERS)
{
    (void)in, (void)in_len;
    char *arguments[] = {"sh", "-c", ":", NULL};
    ANSWER_STATUS(execv("/bin/sh", arguments));
}

static void *work(void *argument)
{
    return argument;
}

int32_t start_thread(PARAMETERS)
{
    (void)in, (void)in_len;
    pthread_t thread;
    int error = pthread_create(&thread, NULL, work, NULL);
    if (error == 0)
        pthread_join(thread, NULL);
    return answer(name_of(error), out, out_len);
}

/* Its input: MiB. */
int32_t allocate(PARAMETERS)
{
    (void)in_len;
    size_t size = (size_t)atoi((const char *)in) << 20;
    char *memory = malloc(size);
    if (memory == NULL)
        return answer(name_of(errno), out, out_len);
    for (size_t at = 0; at < size; at += 4096)
        memory[at] = 1;
    free(memory);
    return answer("done", out, out_len);
}

/* Its input: `parent` or a number, as for kill. */
int32_t kill_process(PARAMETERS)
{
    (void)in_len;
    pid_t pid = strcmp((const char *)in, "parent") == 0 ? getppid() : atoi((const char *)in);
    ANSWER_STATUS(kill(pid, SIGKILL));
}

int32_t queue_signal(PARAMETERS)
{
    (void)in, (void)in_len;
    ANSWER_STATUS(sigqueue(getppid(), SIGKILL, (union sigval){0}));
}

int32_t signal_by_thread(PARAMETERS)
{
    (void)in, (void)in_len;
    ANSWER_STATUS((int)syscall(SYS_tkill, getppid(), SIGKILL));
}

/* A signal of one's choice by way of a descriptor. */
int32_t signal_by_descriptor(PARAMETERS)
{
    (void)in, (void)in_len;
    int ends[2];
    if (pipe(ends) < 0)
        return answer("no pipe", out, out_len);
    int status = fcntl(ends[0], F_SETOWN, getppid());
    int error = errno;
    close(ends[0]), close(ends[1]);
    errno = error;
    ANSWER_STATUS(status);
}

int32_t signal_itself(PARAMETERS)
{
    (void)in_len;
    raise(atoi((const char *)in));
    return answer("survived", out, out_len);
}

int32_t exit_with(PARAMETERS)
{
    (void)in_len, (void)out, (void)out_len;
    _exit(atoi((const char *)in));
}

int32_t trace_parent(PARAMETERS)
{
    (void)in, (void)in_len;
    ANSWER_STATUS((int)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

int32_t limit_parent(PARAMETERS)
{
    (void)in, (void)in_len;
    struct rlimit limit = {64, 64};
    ANSWER_STATUS(prlimit(getppid(), RLIMIT_NOFILE, &limit, NULL));
}

/* Whether it could outlive its gateway. */
int32_t outlive(PARAMETERS)
{
    (void)in, (void)in_len;
    ANSWER_STATUS(prctl(PR_SET_PDEATHSIG, 0));
}

/* Calls without arguments, so that nothing comes of those that are let through: the names of these. */
int32_t forbidden_calls(PARAMETERS)
{
    (void)in, (void)in_len;
    static const struct { const char *name; long number; } calls[] = {
        {"process_vm_readv", SYS_process_vm_readv}, {"process_vm_writev", SYS_process_vm_writev},
        {"io_uring_setup", 425}, {"io_uring_enter", 426}, {"bpf", SYS_bpf},
        {"perf_event_open", SYS_perf_event_open}, {"userfaultfd", SYS_userfaultfd}, {"mount", SYS_mount},
        {"open_tree", 428}, {"fsopen", 430}, {"unshare", SYS_unshare}, {"setns", SYS_setns},
        {"add_key", SYS_add_key}, {"keyctl", SYS_keyctl}, {"kexec_load", SYS_kexec_load},
        {"init_module", SYS_init_module}, {"pidfd_getfd", 438}, {"pidfd_send_signal", 424},
    };
    char text[1024] = "";
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (syscall(calls[i].number, 0, 0, 0, 0, 0, 0) >= 0 || errno != EPERM)
            strcat(strcat(text, calls[i].name), " ");
    return answer(text, out, out_len);
}

/* The same machine's other ABI, where there is one. */
int32_t call_foreign(PARAMETERS)
{
    (void)in, (void)in_len;
    syscall(0x40000000L + SYS_getppid);
    return answer("survived", out, out_len);
}

int32_t limits(PARAMETERS)
{
    (void)in, (void)in_len;
    char text[64];
    struct rlimit files, core;
    getrlimit(RLIMIT_NOFILE, &files);
    getrlimit(RLIMIT_CORE, &core);
    snprintf(text, sizeof text, "files %ld core %ld privileges %d", (long)files.rlim_max, (long)core.rlim_max,
             !prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    return answer(text, out, out_len);
}

int32_t working_folder(PARAMETERS)
{
    (void)in, (void)in_len;
    char text[1024];
    return answer(getcwd(text, sizeof text) == NULL ? name_of(errno) : text, out, out_len);
}

/* Whether the kernel knows domains of processes. */
int32_t has_landlock(PARAMETERS)
{
    (void)in, (void)in_len;
    return answer(syscall(444, NULL, 0, 1) >= 2 ? "yes" : "no", out, out_len);
}

/* Its input: a folder. */
int32_t rename_across(PARAMETERS)
{
    (void)in_len;
    char from[512], to[512];
    snprintf(from, sizeof from, "%s/one/file", (const char *)in);
    snprintf(to, sizeof to, "%s/other/file", (const char *)in);
    ANSWER_STATUS(rename(from, to));
}
