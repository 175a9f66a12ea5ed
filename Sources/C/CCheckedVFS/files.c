// The files that SQLite sees: what goes through them is checked, the rest is handed on.
#include <stdlib.h>
#include <string.h>

#include "checked.h"

static checked_file *checked(sqlite3_file *file) { return (checked_file *)file; }
static sqlite3_file *real(sqlite3_file *file) { return ((checked_file *)file)->real; }

static int close_file(sqlite3_file *base) {
    checked_file *file = checked(base);
    int code = file->real->pMethods->xClose(file->real);
    if (file->other) file->other->other = NULL;
    close_beside(&file->sums, &file->sums_path);
    close_beside(&file->salvaged_log, &file->log_path);
    free(file->open_sums);
    free(file->latest);
    return code;
}

static bool is_page(int count, sqlite3_int64 offset) { return count == PAGE_BYTES && offset % PAGE_BYTES == 0; }

static int read_page(checked_file *file, uint32_t page, void *into) {
    int code = SQLITE_OK;
    // Twice: what is wrong may be the read alone.
    for (int attempt = 0; attempt < 2; attempt++) {
        code = read_at(file->real, into, PAGE_BYTES, (sqlite3_int64)(page - 1) * PAGE_BYTES);
        if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) return code;
        if (sums_judge(file, page, into) != PAGE_DAMAGED) return code;
    }
    return SQLITE_IOERR_DATA;
}

static int read_file(sqlite3_file *base, void *into, int count, sqlite3_int64 offset) {
    checked_file *file = checked(base);
    if (file->is_log) return file->other ? log_read(file, into, count, offset) : SQLITE_IOERR_READ;
    if (file->latest) return salvage_read(file, into, count, offset);
    if (is_page(count, offset)) return read_page(file, (uint32_t)(offset / PAGE_BYTES) + 1, into);
    // A part of the header, before SQLite looks for a log: a page that is on its way into the database, and was cut off
    // by a crash, is whole in the log. What the header says is looked at again with the page.
    return read_at(file->real, into, count, offset);
}

static int write_file(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 offset) {
    checked_file *file = checked(base);
    if (file->latest) return SQLITE_READONLY;
    if (file->is_log) return file->other ? log_write(file, bytes, count, offset) : SQLITE_IOERR_WRITE;
    int code = file->real->pMethods->xWrite(file->real, bytes, count, offset);
    if (code != SQLITE_OK || !is_page(count, offset)) return code;
    return sums_set(file, (uint32_t)(offset / PAGE_BYTES) + 1, bytes);
}

static int truncate_file(sqlite3_file *base, sqlite3_int64 size) {
    checked_file *file = checked(base);
    // What is known is forgotten first: a crash between the two must not look like a loss.
    int code = SQLITE_OK;
    if (!file->is_log) code = sums_cut(file, (uint32_t)(size / PAGE_BYTES));
    else if (size == 0 && file->other) code = sums_write_mark(file->other, (log_mark){0});
    return code == SQLITE_OK ? file->real->pMethods->xTruncate(file->real, size) : code;
}

static int sync_file(sqlite3_file *base, int flags) {
    checked_file *file = checked(base);
    if (file->is_log) return file->other ? log_sync(file, flags) : SQLITE_IOERR_FSYNC;
    int code = file->real->pMethods->xSync(file->real, flags);
    sqlite3_int64 size = 0;
    if (code == SQLITE_OK) code = file->real->pMethods->xFileSize(file->real, &size);
    // Before the log begins anew: from then on the checksums are all that tells an old page from a new one.
    return code == SQLITE_OK ? sums_sync(file, (uint32_t)(size / PAGE_BYTES)) : code;
}

static int size_of_file(sqlite3_file *base, sqlite3_int64 *size) {
    checked_file *file = checked(base);
    if (!file->latest) return file->real->pMethods->xFileSize(file->real, size);
    *size = (sqlite3_int64)file->survey.pages * PAGE_BYTES;
    return SQLITE_OK;
}

static int control(sqlite3_file *base, int operation, void *argument) {
    if (operation == CONTROL_SURVEY) {
        return checked(base)->latest ? salvage_survey(checked(base), argument) : SQLITE_NOTFOUND;
    }
    return real(base)->pMethods->xFileControl(real(base), operation, argument);
}

static int characteristics(sqlite3_file *base) {
    // What is salvaged is taken as it lies there: no lock, no journal, no log of SQLite's own.
    if (checked(base)->latest) return SQLITE_IOCAP_IMMUTABLE;
    return real(base)->pMethods->xDeviceCharacteristics(real(base));
}

static int lock_index(sqlite3_file *base, int offset, int count, int flags) {
    // The first lock is the writer's: who gives it up has no transaction under way any more.
    bool ends_writing = offset == 0 && flags == (SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
    if (ends_writing && checked(base)->other) log_end_transaction(checked(base)->other);
    return real(base)->pMethods->xShmLock(real(base), offset, count, flags);
}

static int lock(sqlite3_file *f, int level) { return real(f)->pMethods->xLock(real(f), level); }
static int unlock(sqlite3_file *f, int level) { return real(f)->pMethods->xUnlock(real(f), level); }
static int reserved(sqlite3_file *f, int *result) { return real(f)->pMethods->xCheckReservedLock(real(f), result); }
static int sector_size(sqlite3_file *f) { return real(f)->pMethods->xSectorSize(real(f)); }
static int map_index(sqlite3_file *f, int region, int bytes, int extend, void volatile **into) {
    return real(f)->pMethods->xShmMap(real(f), region, bytes, extend, into);
}
static void barrier(sqlite3_file *f) { real(f)->pMethods->xShmBarrier(real(f)); }
static int unmap_index(sqlite3_file *f, int removes) { return real(f)->pMethods->xShmUnmap(real(f), removes); }

// Version 2: no memory mapping, which would go past the checks.
const sqlite3_io_methods checked_methods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_of_file,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = reserved,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_index,
    .xShmLock = lock_index,
    .xShmBarrier = barrier,
    .xShmUnmap = unmap_index,
};

int millwright_checked_survey(void *connection, millwright_survey *into) {
    return sqlite3_file_control(connection, "main", CONTROL_SURVEY, into);
}
