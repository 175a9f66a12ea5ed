// The file system as SQLite sees it (https://www.sqlite.org/c3ref/vfs.html): paths "/<disk>/<name>".
#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "internal.h"

const char *const millwright_vfs_name = "millwright-fault";

// Where SQLite's nameless temporary files lie: they die with their connection, and no fault is about them.
static millwright_disk *scratch = NULL;

// Takes "/17/node.db" apart. NULL where that is no path of a disk that lives.
static millwright_disk *disk_of(const char *path, const char **name) {
    *name = "";
    if (!path) return scratch ? disk_retain(scratch->number) : NULL;
    if (path[0] != '/') return NULL;
    char *behind = NULL;
    unsigned long long number = strtoull(path + 1, &behind, 10);
    if (behind == path + 1 || *behind != '/') return NULL;
    *name = behind + 1;
    return disk_retain(number);
}

static unsigned role_of(int flags) {
    if (flags & SQLITE_OPEN_MAIN_DB) return MILLWRIGHT_ROLE_DATABASE;
    if (flags & SQLITE_OPEN_WAL) return MILLWRIGHT_ROLE_LOG;
    if (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL)) return MILLWRIGHT_ROLE_JOURNAL;
    return MILLWRIGHT_ROLE_TEMPORARY;
}

// Finds or makes the file. The caller holds the mutex.
static int find_node(millwright_disk *disk, const char *name, int flags, file_node **node) {
    if (disk == scratch) {
        *node = node_make(MILLWRIGHT_ROLE_TEMPORARY);
        return *node ? SQLITE_OK : SQLITE_IOERR_NOMEM;
    }
    directory_entry *entry = disk_find(disk, name);
    if (!entry || !entry->live) {
        if (!(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
        entry = disk_entry(disk, name);
        if (!entry) return SQLITE_CANTOPEN;
        entry->live = node_make(role_of(flags));
        if (!entry->live) return SQLITE_IOERR_NOMEM;
    }
    *node = entry->live;
    (*node)->references++;
    return SQLITE_OK;
}

static int open_on(millwright_disk *disk, const char *name, open_file *file, int flags) {
    if (disk->is_off) return SQLITE_CANTOPEN;
    unsigned role = role_of(flags);
    count_operation(disk, MILLWRIGHT_OPERATION_OPEN);
    millwright_fault fault = draw_fault(disk, MILLWRIGHT_OPERATION_OPEN, role, false);
    if (fault != MILLWRIGHT_FAULT_COUNT) {
        note_fault(disk, fault, MILLWRIGHT_OPERATION_OPEN, name, 0, 0);
        return SQLITE_CANTOPEN;
    }
    int code = find_node(disk, name, flags, &file->node);
    if (code != SQLITE_OK) return code;
    file->life = disk->life;
    // Whoever may make a log or journal makes its name durable with its own first sync, as SQLite's unix VFS does:
    // the one who made it may not have come that far.
    bool is_journal = role == MILLWRIGHT_ROLE_LOG || role == MILLWRIGHT_ROLE_JOURNAL;
    file->syncs_directory = is_journal && (flags & SQLITE_OPEN_CREATE);
    file->is_deleted_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    strncpy(file->name, name, sizeof file->name - 1);
    return SQLITE_OK;
}

static int open_path(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags, int *flags_out) {
    (void)vfs;
    open_file *file = (open_file *)base;
    memset(file, 0, sizeof *file);
    const char *name = NULL;
    millwright_disk *disk = disk_of(path, &name);
    if (!disk) return SQLITE_CANTOPEN;
    file->disk = disk;
    pthread_mutex_lock(&disk->mutex);
    int code = open_on(disk, name, file, flags);
    pthread_mutex_unlock(&disk->mutex);
    if (code != SQLITE_OK) {
        disk_release(disk);
        return code;
    }
    file->base.pMethods = &millwright_io_methods;
    if (flags_out) *flags_out = flags;
    return SQLITE_OK;
}

static int delete_on(millwright_disk *disk, const char *name, int syncs_directory) {
    if (disk->is_off) return SQLITE_IOERR_DELETE;
    directory_entry *entry = disk_find(disk, name);
    if (!entry || !entry->live) return SQLITE_IOERR_DELETE_NOENT;
    count_operation(disk, MILLWRIGHT_OPERATION_DELETE);
    millwright_fault fault = draw_fault(disk, MILLWRIGHT_OPERATION_DELETE, entry->live->role, false);
    if (fault != MILLWRIGHT_FAULT_COUNT) note_fault(disk, fault, MILLWRIGHT_OPERATION_DELETE, name, 0, 0);
    if (fault == MILLWRIGHT_FAULT_DELETE_ERROR) return SQLITE_IOERR_DELETE;
    node_release(entry->live);
    entry->live = NULL;
    if (fault == MILLWRIGHT_FAULT_POWER_LOSS) {
        disk_lose_power(disk);
        return SQLITE_IOERR_DELETE;
    }
    if (syncs_directory) disk_sync_directory(disk);
    return SQLITE_OK;
}

static int delete_path(sqlite3_vfs *vfs, const char *path, int syncs_directory) {
    (void)vfs;
    const char *name = NULL;
    millwright_disk *disk = disk_of(path, &name);
    if (!disk) return SQLITE_IOERR_DELETE;
    pthread_mutex_lock(&disk->mutex);
    int code = delete_on(disk, name, syncs_directory);
    pthread_mutex_unlock(&disk->mutex);
    disk_release(disk);
    return code;
}

static int access_path(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
    (void)vfs;
    const char *name = NULL;
    millwright_disk *disk = disk_of(path, &name);
    *result = 0;
    if (!disk) return SQLITE_OK;
    pthread_mutex_lock(&disk->mutex);
    directory_entry *entry = disk_find(disk, name);
    // An empty file counts as none, as SQLite's unix VFS has it: it is what a crash leaves of one just made.
    bool has_content = entry && entry->live && entry->live->live.count > 0;
    *result = flags == SQLITE_ACCESS_EXISTS ? has_content : entry && entry->live;
    int code = disk->is_off ? SQLITE_IOERR_ACCESS : SQLITE_OK;
    pthread_mutex_unlock(&disk->mutex);
    disk_release(disk);
    return code;
}

static int full_path(sqlite3_vfs *vfs, const char *path, int count, char *into) {
    (void)vfs;
    if (strlen(path) >= (size_t)count) return SQLITE_CANTOPEN;
    strcpy(into, path);
    return SQLITE_OK;
}

static int randomness(sqlite3_vfs *vfs, int count, char *into) {
    (void)vfs;
    sqlite3_vfs *standard = sqlite3_vfs_find(NULL);
    return standard ? standard->xRandomness(standard, count, into) : 0;
}

// Nobody really sleeps here: who waits for a lock in a simulation would stop the only thread there is.
static int sleep_for(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs;
    return microseconds;
}

// 2026-01-01T00:00:00Z as a Julian day number in milliseconds. Nothing stored depends on SQLite's clock.
static int current_time(sqlite3_vfs *vfs, sqlite3_int64 *milliseconds) {
    (void)vfs;
    *milliseconds = 212633985600000;
    return SQLITE_OK;
}

static int current_day(sqlite3_vfs *vfs, double *day) {
    sqlite3_int64 milliseconds = 0;
    current_time(vfs, &milliseconds);
    *day = (double)milliseconds / 86400000.0;
    return SQLITE_OK;
}

static int last_error(sqlite3_vfs *vfs, int count, char *into) {
    (void)vfs, (void)count, (void)into;
    return 0;
}

static sqlite3_vfs fault_vfs = {
    .iVersion = 2,
    .szOsFile = sizeof(open_file),
    .mxPathname = PATH_BYTES_MAXIMUM,
    .xOpen = open_path,
    .xDelete = delete_path,
    .xAccess = access_path,
    .xFullPathname = full_path,
    .xRandomness = randomness,
    .xSleep = sleep_for,
    .xCurrentTime = current_day,
    .xGetLastError = last_error,
    .xCurrentTimeInt64 = current_time,
};

// Disks come and go by the thousand in one process, and the kernel clears each page that it hands out: a quarter of a
// simulation's time. What was freed is kept and used again instead.
static void keep_freed_memory(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

int millwright_vfs_register(void) {
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    int code = SQLITE_OK;
    if (!scratch) {
        fault_vfs.zName = millwright_vfs_name;
        code = sqlite3_vfs_register(&fault_vfs, 0);
        if (code == SQLITE_OK) keep_freed_memory();
        if (code == SQLITE_OK) scratch = millwright_disk_make(0);
        if (code == SQLITE_OK && !scratch) code = SQLITE_NOMEM;
    }
    pthread_mutex_unlock(&mutex);
    return code;
}

bool millwright_vfs_reads_addresses(void) { return sqlite3_compileoption_used("USE_URI") != 0; }

void millwright_vfs_seed_sqlite(uint32_t seed) {
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, (int)(seed ? seed : 1), NULL);
}

int millwright_vfs_execute(const char *address, const char *sql) {
    sqlite3 *database = NULL;
    int code = sqlite3_open_v2(address, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI, NULL);
    if (code == SQLITE_OK) code = sqlite3_exec(database, sql, NULL, NULL, NULL);
    sqlite3_close(database);
    return code;
}
