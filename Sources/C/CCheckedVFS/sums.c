// The file of checksums beside a database: the mark of the log's last commit (twice: without it commits could go from a
// damaged log, and nobody would know), how many pages were synced, a copy of the first page, then one entry for each
// page. Each part lies in sectors of its own, so that none is torn by another.
#include <string.h>

#include "checked.h"

enum {
    MARK_PLACE = 0,
    SIZE_PLACE = 512,
    MARK_COPY_PLACE = 1024,
    FIRST_PAGE_PLACE = 4096,
    SUMS_PLACE = FIRST_PAGE_PLACE + PAGE_BYTES
};

// A checksum, twice: one that is damaged itself is known by it. Both 0: the page was never written here.
typedef struct {
    uint64_t sum;
    uint64_t inverse;
} page_sum;

// Four lanes of multiplications by odd numbers: each step maps its lane one to one, so that no single changed word, and
// so no single flipped bit, goes unseen; two pages are the same by chance once in 2^64.
uint64_t sum_of(const void *bytes, size_t count, uint64_t place) {
    uint64_t lanes[4] = {place * 0x9E3779B97F4A7C15u, 1, 2, 3};
    const uint8_t *at = bytes;
    for (; count >= 32; count -= 32, at += 32) {
        for (int i = 0; i < 4; i++) {
            uint64_t word;
            memcpy(&word, at + 8 * i, 8);
            uint64_t mixed = (lanes[i] ^ word) * 0xBF58476D1CE4E5B9u;
            lanes[i] = mixed ^ (mixed >> 29);
        }
    }
    uint64_t sum = 0;
    for (int i = 0; i < 4; i++) sum = (sum ^ lanes[i]) * 0x94D049BB133111EBu + (sum >> 31);
    for (; count > 0; count--, at++) sum = (sum ^ *at) * 0xBF58476D1CE4E5B9u;
    sum ^= sum >> 32;
    return sum ? sum : 1;
}

static page_sum entry_of(uint64_t sum) { return (page_sum){sum, ~sum}; }

static int write_sums(checked_file *database, const void *bytes, int count, sqlite3_int64 offset) {
    return database->sums->pMethods->xWrite(database->sums, bytes, count, offset);
}

static int sync_sums(checked_file *database) {
    return database->sums->pMethods->xSync(database->sums, SQLITE_SYNC_NORMAL);
}

static sqlite3_int64 place_of(uint32_t page) {
    return SUMS_PLACE + (sqlite3_int64)(page - 1) * (sqlite3_int64)sizeof(page_sum);
}

page_state sums_judge(const checked_file *database, uint32_t page, const void *bytes) {
    page_sum entry = {0, 0};
    if (!database->sums || read_firmly(database->sums, &entry, sizeof entry, place_of(page)) != SQLITE_OK) {
        return PAGE_UNCHECKED;
    }
    // Nothing was written for it, or the checksum is what is damaged.
    if (entry.inverse != ~entry.sum) return PAGE_UNCHECKED;
    return entry.sum == sum_of(bytes, PAGE_BYTES, page) ? PAGE_WHOLE : PAGE_DAMAGED;
}

int sums_set(checked_file *database, uint32_t page, const void *bytes) {
    if (!database->sums) return SQLITE_OK;
    page_sum entry = entry_of(sum_of(bytes, PAGE_BYTES, page));
    int code = write_sums(database, &entry, sizeof entry, place_of(page));
    // Without its first page nothing of a database can be found: it is the one that is kept twice.
    if (code == SQLITE_OK && page == 1) code = write_sums(database, bytes, PAGE_BYTES, FIRST_PAGE_PLACE);
    return code;
}

// How many pages were synced.
static int write_size(checked_file *database, uint64_t pages) {
    page_sum size = entry_of(pages);
    return write_sums(database, &size, sizeof size, SIZE_PLACE);
}

uint32_t sums_synced_pages(const checked_file *database) {
    page_sum size = {0, 0};
    if (!database->sums || read_firmly(database->sums, &size, sizeof size, SIZE_PLACE) != SQLITE_OK) return 0;
    return size.inverse == ~size.sum ? (uint32_t)size.sum : 0;
}

int sums_cut(checked_file *database, uint32_t pages) {
    if (!database->sums) return SQLITE_OK;
    int code = SQLITE_OK;
    uint32_t before = sums_synced_pages(database);
    if (before > pages) {
        code = write_size(database, pages);
        if (code == SQLITE_OK) code = sync_sums(database);
        // What a failed sync left unwritten is read as if it were written, and no later sync writes it (Linux, since
        // 4.13). So what was there is written again: the next cut starts from the beginning.
        if (code != SQLITE_OK) write_size(database, before);
    }
    sqlite3_int64 size = 0;
    if (code == SQLITE_OK) code = database->sums->pMethods->xFileSize(database->sums, &size);
    if (code != SQLITE_OK || size <= place_of(pages + 1)) return code;
    return database->sums->pMethods->xTruncate(database->sums, place_of(pages + 1));
}

int sums_sync(checked_file *database, uint32_t pages) {
    if (!database->sums) return SQLITE_OK;
    // Always: that it reads as written does not say that it is on the disk, where an earlier sync failed.
    int code = write_size(database, pages);
    return code == SQLITE_OK ? sync_sums(database) : code;
}

static uint64_t mark_sum(const log_mark *mark) { return sum_of(mark, offsetof(log_mark, sum), 0); }

int sums_write_mark(checked_file *database, log_mark mark) {
    if (!database->sums) return SQLITE_OK;
    mark.sum = mark_sum(&mark);
    int code = write_sums(database, &mark, sizeof mark, MARK_PLACE);
    // A commit whose mark is written must not fail any more: what it says would be written over. So the copy may be an
    // older one; but where there is no log any more, no mark may be left.
    int copied = code == SQLITE_OK ? write_sums(database, &mark, sizeof mark, MARK_COPY_PLACE) : SQLITE_OK;
    if (mark.frames == 0 && code == SQLITE_OK) code = copied;
    // A log that is taken away must have no mark any more, whatever happens then; else it is missed.
    bool must_sync = database->syncs_marks || mark.frames == 0;
    return code == SQLITE_OK && must_sync ? sync_sums(database) : code;
}

log_mark sums_read_mark(const checked_file *database) {
    log_mark mark = {0};
    if (!database->sums) return mark;
    // The second one may be that of the commit before: the first that is whole counts.
    for (int attempt = 0; attempt < 4; attempt++) {
        int place = attempt < 2 ? MARK_PLACE : MARK_COPY_PLACE;
        if (read_firmly(database->sums, &mark, sizeof mark, place) == SQLITE_OK && mark.sum == mark_sum(&mark)) {
            return mark;
        }
    }
    return (log_mark){0};
}

bool sums_first_page(const checked_file *database, void *into) {
    return database->sums && read_firmly(database->sums, into, PAGE_BYTES, FIRST_PAGE_PLACE) == SQLITE_OK
        && memcmp(into, "SQLite format 3", 16) == 0;
}
