// Whole files: what SQLite's file systems cannot do by themselves.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "checked.h"

enum { STEP_BYTES = 1 << 16 };

int millwright_file_exists(const char *vfs, const char *path, bool *exists) {
    sqlite3_vfs *files = unchecked_vfs(vfs);
    int result = 0;
    int code = files ? files->xAccess(files, path, SQLITE_ACCESS_READWRITE, &result) : SQLITE_NOTFOUND;
    *exists = result != 0;
    return code;
}

int millwright_file_remove(const char *vfs, const char *path) {
    sqlite3_vfs *files = unchecked_vfs(vfs);
    int code = files ? files->xDelete(files, path, 1) : SQLITE_NOTFOUND;
    return code == SQLITE_IOERR_DELETE_NOENT ? SQLITE_OK : code;
}

static int copy(sqlite3_file *from, sqlite3_file *to) {
    static _Thread_local uint8_t bytes[STEP_BYTES];
    sqlite3_int64 size = 0;
    int code = from->pMethods->xFileSize(from, &size);
    if (code == SQLITE_OK) code = to->pMethods->xTruncate(to, 0);
    for (sqlite3_int64 at = 0; at < size && code == SQLITE_OK; at += STEP_BYTES) {
        int count = size - at < STEP_BYTES ? (int)(size - at) : STEP_BYTES;
        code = from->pMethods->xRead(from, bytes, count, at);
        if (code == SQLITE_OK) code = to->pMethods->xWrite(to, bytes, count, at);
    }
    return code == SQLITE_OK ? to->pMethods->xSync(to, SQLITE_SYNC_FULL) : code;
}

int millwright_file_put(const char *vfs, const char *path, const void *bytes, int count) {
    sqlite3_vfs *files = unchecked_vfs(vfs);
    if (!files) return SQLITE_NOTFOUND;
    sqlite3_file *file = NULL;
    const char *kept = NULL;
    // As a journal, whose name is made durable with its first sync.
    int flags = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    int code = open_beside(files, path, "", flags, &file, &kept);
    if (code == SQLITE_OK) code = file->pMethods->xWrite(file, bytes, count, 0);
    if (code == SQLITE_OK) code = file->pMethods->xSync(file, SQLITE_SYNC_FULL);
    close_beside(&file, &kept);
    return code;
}

int millwright_file_copy(const char *vfs, const char *from, const char *to) {
    sqlite3_vfs *files = unchecked_vfs(vfs);
    if (!files) return SQLITE_NOTFOUND;
    sqlite3_file *source = NULL, *target = NULL;
    const char *source_path = NULL, *target_path = NULL;
    int reading = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READONLY;
    int writing = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    int code = open_beside(files, from, "", reading, &source, &source_path);
    if (code == SQLITE_OK) code = open_beside(files, to, "", writing, &target, &target_path);
    if (code == SQLITE_OK) code = copy(source, target);
    close_beside(&source, &source_path);
    close_beside(&target, &target_path);
    return code;
}

// Makes the names in a file's directory durable.
static int sync_directory_of(const char *path) {
    const char *slash = strrchr(path, '/');
    char *directory = slash ? sqlite3_mprintf("%.*s", (int)(slash - path) + 1, path) : sqlite3_mprintf(".");
    int descriptor = directory ? open(directory, O_RDONLY) : -1;
    sqlite3_free(directory);
    if (descriptor < 0) return SQLITE_IOERR_DIR_FSYNC;
    int code = fsync(descriptor) == 0 ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC;
    close(descriptor);
    return code;
}

int millwright_file_move(const char *vfs, const char *from, const char *to) {
    sqlite3_vfs *files = unchecked_vfs(vfs);
    if (files && strncmp(files->zName, "unix", 4) == 0) {
        return rename(from, to) == 0 ? sync_directory_of(to) : SQLITE_IOERR;
    }
    int code = millwright_file_copy(vfs, from, to);
    return code == SQLITE_OK ? millwright_file_remove(vfs, from) : code;
}
