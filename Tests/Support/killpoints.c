// Ends the process it is preloaded into (LD_PRELOAD) with SIGKILL at a chosen durable boundary, so that a test can kill a
// real node between any two things it makes durable.
//
// MILLWRIGHT_KILL=after-sync:N    right after the Nth file is on the disk: nobody has been told of it yet
// MILLWRIGHT_KILL=before-write:N  when the first write after the Nth sync begins: everybody has been told, and what was
//                                 done meanwhile (a call to Odoo, a batch to the hub) is not written down yet
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_int syncs = 0;
static int at = -1;
static int after_sync = 0;

__attribute__((constructor)) static void read_order(void) {
    const char *order = getenv("MILLWRIGHT_KILL");
    const char *colon = order ? strchr(order, ':') : NULL;
    if (!colon) return;
    after_sync = strncmp(order, "after-sync", 10) == 0;
    at = atoi(colon + 1);
}

static void end(void) { kill(getpid(), SIGKILL); }

static void synced(void) {
    if (atomic_fetch_add(&syncs, 1) + 1 == at && after_sync) end();
}

static void writes(void) {
    if (!after_sync && at >= 0 && atomic_load(&syncs) >= at) end();
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    int result = real(fd);
    synced();
    return result;
}

int fsync(int fd) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    int result = real(fd);
    synced();
    return result;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real) real = (ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
    writes();
    return real(fd, bytes, count, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    writes();
    return real(fd, bytes, count, offset);
}
