// Sets the clock of the process it is preloaded into (LD_PRELOAD) off by what a file says, so that a test can put the clock
// of one real node wrong, and right again, while it runs. Clocks that nobody sets (monotonic, boot time) stay as they are.
//
// MILLWRIGHT_CLOCK_OFFSET=FILE    the file holds the offset in nanoseconds, as eight bytes in the machine's order
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offset = NULL;

__attribute__((constructor)) static void map_offset(void) {
    const char *path = getenv("MILLWRIGHT_CLOCK_OFFSET");
    if (!path) return;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    void *bytes = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (bytes != MAP_FAILED) offset = bytes;
}

static int real_clock(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    return real(clock, time);
}

int clock_gettime(clockid_t clock, struct timespec *result) {
    int outcome = real_clock(clock, result);
    if (outcome != 0 || !offset || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return outcome;
    int64_t nanoseconds = result->tv_nsec + *offset % 1000000000;
    int64_t seconds = result->tv_sec + *offset / 1000000000;
    if (nanoseconds < 0) { nanoseconds += 1000000000; seconds -= 1; }
    if (nanoseconds >= 1000000000) { nanoseconds -= 1000000000; seconds += 1; }
    result->tv_sec = seconds;
    result->tv_nsec = nanoseconds;
    return 0;
}

int gettimeofday(struct timeval *restrict result, void *restrict zone) {
    (void)zone;
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    result->tv_sec = now.tv_sec;
    result->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result) {
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}
