// The file system itself: opens each database with its checksums, and each log with its database.
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checked.h"

typedef struct {
    sqlite3_vfs *base;
    bool syncs_marks;
} registration;

static registration *registration_of(sqlite3_vfs *vfs) { return vfs->pAppData; }
static sqlite3_vfs *base_of(sqlite3_vfs *vfs) { return registration_of(vfs)->base; }

// SQLite would make a file that everybody may read; what a store and its backups hold is for the node's user alone. The log and the shared
// memory get the database's mode by themselves.
static void make_private(sqlite3_vfs *base, const char *path, int flags) {
    if (!(flags & SQLITE_OPEN_CREATE) || strcmp(base->zName, "unix") != 0) return;
    int descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    // What keeps it from being made keeps SQLite from it too, which then says so.
    if (descriptor >= 0) close(descriptor);
}

int open_beside(
    sqlite3_vfs *base, const char *path, const char *suffix, int flags, sqlite3_file **file, const char **kept
) {
    char *plain = sqlite3_mprintf("%s%s", path, suffix);
    *kept = plain ? sqlite3_create_filename(plain, "", "", 0, NULL) : NULL;
    sqlite3_free(plain);
    *file = *kept ? calloc(1, (size_t)base->szOsFile) : NULL;
    if (*file) make_private(base, *kept, flags);
    int code = *file ? base->xOpen(base, *kept, *file, flags, NULL) : SQLITE_NOMEM;
    if (code != SQLITE_OK) close_beside(file, kept);
    return code;
}

bool is_beside(sqlite3_vfs *base, const char *path, const char *suffix) {
    char *plain = sqlite3_mprintf("%s%s", path, suffix);
    int found = 0;
    int code = plain ? base->xAccess(base, plain, SQLITE_ACCESS_EXISTS, &found) : SQLITE_NOMEM;
    sqlite3_free(plain);
    return code != SQLITE_OK || found;
}

void close_beside(sqlite3_file **file, const char **kept) {
    if (*file && (*file)->pMethods) (*file)->pMethods->xClose(*file);
    free(*file);
    if (*kept) sqlite3_free_filename((char *)*kept);
    *file = NULL;
    *kept = NULL;
}

static int open_sums(checked_file *file, sqlite3_vfs *base, const char *path, bool is_read_only) {
    int flags = SQLITE_OPEN_MAIN_DB | (is_read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    int code = open_beside(base, path, "-sums", flags, &file->sums, &file->sums_path);
    // Who may only read, and finds no checksums, reads without them.
    return is_read_only && code == SQLITE_CANTOPEN && !is_beside(base, path, "-sums") ? SQLITE_OK : code;
}

static int open_database(checked_file *file, sqlite3_vfs *base, const char *path, int flags) {
    bool is_salvaged = sqlite3_uri_boolean(path, "salvage", 0);
    int code = open_sums(file, base, path, is_salvaged || (flags & SQLITE_OPEN_READONLY));
    if (code != SQLITE_OK) return code;
    if (is_salvaged) return salvage_open(file, base, path);
    sqlite3_int64 size = 0;
    code = file->real->pMethods->xFileSize(file->real, &size);
    bool is_short = code == SQLITE_OK && size / PAGE_BYTES < sums_synced_pages(file);
    return is_short ? SQLITE_IOERR_DATA : code;
}

static int open_path(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags, int *flags_out) {
    sqlite3_vfs *below = base_of(vfs);
    if (!path || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL))) {
        return below->xOpen(below, path, base, flags, flags_out);
    }
    checked_file *file = (checked_file *)base;
    memset(file, 0, sizeof *file);
    file->real = (sqlite3_file *)(file + 1);
    file->is_log = (flags & SQLITE_OPEN_WAL) != 0;
    file->syncs_marks = registration_of(vfs)->syncs_marks;
    int granted = flags;
    if (!file->is_log) make_private(below, path, flags);
    int code = below->xOpen(below, path, file->real, flags, &granted);
    if (code != SQLITE_OK) return code;
    if (flags_out) *flags_out = granted;
    file->base.pMethods = &checked_methods;
    if (file->is_log) {
        file->other = (checked_file *)sqlite3_database_file_object(path);
        file->other->other = file;
        // A reader beside a running node meets a log that changes; the node itself has looked at it.
        if (!(granted & SQLITE_OPEN_READONLY) && file->other->sums) code = log_open(file);
    } else {
        code = open_database(file, below, path, granted);
    }
    if (code == SQLITE_OK) return code;
    checked_methods.xClose(base);
    base->pMethods = NULL;
    return code;
}

static int delete_path(sqlite3_vfs *vfs, const char *path, int syncs_directory) {
    sqlite3_vfs *below = base_of(vfs);
    size_t length = strlen(path);
    if (length > 4 && strcmp(path + length - 4, "-wal") == 0) {
        // The log goes as a whole when its last connection closes: its mark goes first.
        char *database = sqlite3_mprintf("%.*s", (int)(length - 4), path);
        checked_file none = {0};
        int flags = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READWRITE;
        int code = database ? open_beside(below, database, "-sums", flags, &none.sums, &none.sums_path) : SQLITE_NOMEM;
        // Where it is there and cannot be opened now, the log stays: without it, its mark would say that it is lost.
        bool has_none = code == SQLITE_CANTOPEN && !is_beside(below, database, "-sums");
        sqlite3_free(database);
        // Even where it reads as gone: a sync that failed may have left the old one on the disk (see `sums_cut`).
        if (code == SQLITE_OK) code = sums_write_mark(&none, (log_mark){0});
        close_beside(&none.sums, &none.sums_path);
        if (code != SQLITE_OK && !has_none) return code;
    }
    return below->xDelete(below, path, syncs_directory);
}

static int access_path(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
    return base_of(vfs)->xAccess(base_of(vfs), path, flags, result);
}
static int full_path(sqlite3_vfs *vfs, const char *path, int count, char *into) {
    return base_of(vfs)->xFullPathname(base_of(vfs), path, count, into);
}
static int randomness(sqlite3_vfs *vfs, int n, char *into) { return base_of(vfs)->xRandomness(base_of(vfs), n, into); }
static int sleep_for(sqlite3_vfs *vfs, int microseconds) { return base_of(vfs)->xSleep(base_of(vfs), microseconds); }
static int current_day(sqlite3_vfs *vfs, double *day) { return base_of(vfs)->xCurrentTime(base_of(vfs), day); }
static int last_error(sqlite3_vfs *vfs, int n, char *into) {
    return base_of(vfs)->xGetLastError(base_of(vfs), n, into);
}
static int current_time(sqlite3_vfs *vfs, sqlite3_int64 *time) {
    return base_of(vfs)->xCurrentTimeInt64(base_of(vfs), time);
}

sqlite3_vfs *unchecked_vfs(const char *name) {
    sqlite3_vfs *vfs = sqlite3_vfs_find(name);
    return vfs && vfs->xOpen == open_path ? base_of(vfs) : vfs;
}

// A file system is chosen by a database's address, which not every SQLite takes unless it is told to before it begins.
static bool takes_addresses(void) {
    return sqlite3_compileoption_used("USE_URI") || sqlite3_config(SQLITE_CONFIG_URI, 1) == SQLITE_OK;
}

static int register_once(const char *name, const char *base, bool syncs_marks) {
    static bool are_addresses_taken = false;
    are_addresses_taken = are_addresses_taken || takes_addresses();
    if (!are_addresses_taken) return SQLITE_MISUSE;
    if (sqlite3_vfs_find(name)) return SQLITE_OK;
    sqlite3_vfs *below = sqlite3_vfs_find(base);
    if (!below || below->iVersion < 2) return SQLITE_NOTFOUND;
    // For the life of the process, as the registration is.
    sqlite3_vfs *vfs = calloc(1, sizeof(sqlite3_vfs));
    registration *made = calloc(1, sizeof(registration));
    char *kept = sqlite3_mprintf("%s", name);
    if (!vfs || !made || !kept) {
        free(vfs);
        free(made);
        sqlite3_free(kept);
        return SQLITE_NOMEM;
    }
    *made = (registration){below, syncs_marks};
    *vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = (int)sizeof(checked_file) + below->szOsFile,
        .mxPathname = below->mxPathname,
        .zName = kept,
        .pAppData = made,
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
    return sqlite3_vfs_register(vfs, 0);
}

int millwright_checked_register(const char *name, const char *base, bool syncs_marks) {
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&one_at_a_time);
    int code = register_once(name, base, syncs_marks);
    pthread_mutex_unlock(&one_at_a_time);
    return code;
}
