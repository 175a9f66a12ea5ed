// The write-ahead log: each commit is read back before anybody is told of it, and marked; what is read is checked.
#include <stdlib.h>
#include <string.h>

#include "checked.h"

// The format's running checksum.
static void add_checksum(uint32_t sum[2], const uint8_t *bytes, size_t count, bool is_big) {
    uint32_t first = sum[0], second = sum[1];
    for (size_t at = 0; at + 8 <= count; at += 8) {
        uint32_t words[2];
        memcpy(words, bytes + at, 8);
        if (is_big) {
            words[0] = word(bytes + at);
            words[1] = word(bytes + at + 4);
        }
        first += words[0] + second;
        second += words[1] + first;
    }
    sum[0] = first;
    sum[1] = second;
}

static bool parse_header(const uint8_t *bytes, log_header *into) {
    uint32_t sum[2] = {0, 0};
    add_checksum(sum, bytes, 24, word(bytes) & 1);
    *into = (log_header){
        word(bytes + 12), {word(bytes + 16), word(bytes + 20)}, {word(bytes + 24), word(bytes + 28)}, word(bytes) & 1};
    return (word(bytes) & 0xFFFFFFFEu) == 0x377F0682u && word(bytes + 8) == PAGE_BYTES && sum[0] == into->checksum[0]
        && sum[1] == into->checksum[1];
}

bool log_read_header(sqlite3_file *log, log_header *into) {
    uint8_t bytes[LOG_HEADER_BYTES];
    for (int attempt = 0; attempt < 2; attempt++) {
        if (read_firmly(log, bytes, LOG_HEADER_BYTES, 0) == SQLITE_OK && parse_header(bytes, into)) return true;
    }
    return false;
}

bool log_add_frame(const log_header *header, const uint8_t *frame, uint32_t checksum[2]) {
    uint32_t sum[2] = {checksum[0], checksum[1]};
    add_checksum(sum, frame, 8, header->is_big);
    add_checksum(sum, frame + FRAME_HEADER_BYTES, PAGE_BYTES, header->is_big);
    bool is_ours = word(frame + 8) == header->salts[0] && word(frame + 12) == header->salts[1];
    if (!is_ours || sum[0] != word(frame + 16) || sum[1] != word(frame + 20)) return false;
    checksum[0] = sum[0];
    checksum[1] = sum[1];
    return true;
}

// Walks the frames behind `from` up to `frames`, as SQLite does when it recovers a log. True where it gets there.
static bool walk(sqlite3_file *log, const log_header *header, log_mark *from, uint32_t frames) {
    uint8_t frame[FRAME_BYTES];
    while (from->frames < frames) {
        sqlite3_int64 place = frame_place(from->frames);
        bool is_whole = read_firmly(log, frame, FRAME_BYTES, place) == SQLITE_OK
            && log_add_frame(header, frame, from->checksum);
        // Once more: a read may fail where the frame is whole.
        is_whole = is_whole || (read_firmly(log, frame, FRAME_BYTES, place) == SQLITE_OK
            && log_add_frame(header, frame, from->checksum));
        if (!is_whole) return false;
        from->frames++;
    }
    return true;
}

static log_mark beginning(const log_header *header) {
    return (log_mark){
        header->checkpoint, {header->salts[0], header->salts[1]}, {header->checksum[0], header->checksum[1]}, 0, 0};
}

static bool is_of(const log_mark *mark, const log_header *header) {
    return mark->salts[0] == header->salts[0] && mark->salts[1] == header->salts[1];
}

bool log_is_lost(const log_mark *mark, sqlite3_file *log, log_mark *verified) {
    if (mark->frames == 0) return false;
    log_header header;
    if (!log_read_header(log, &header)) return true;
    if (!is_of(mark, &header)) {
        // In a later generation what the mark is about has gone into the database: each adds one to both numbers.
        uint32_t later = header.checkpoint - mark->checkpoint;
        return header.checkpoint <= mark->checkpoint || header.salts[0] - mark->salts[0] != later;
    }
    *verified = beginning(&header);
    if (!walk(log, &header, verified, mark->frames)) return true;
    return verified->checksum[0] != mark->checksum[0] || verified->checksum[1] != mark->checksum[1];
}

int log_open(checked_file *log) {
    // Another process may commit or begin the log anew while it is walked: what counts is what is lost twice.
    for (int attempt = 0; attempt < 3; attempt++) {
        log_mark mark = sums_read_mark(log->other);
        if (!log_is_lost(&mark, log->real, &log->verified)) return SQLITE_OK;
    }
    // Never opened: SQLite would cut the log at the damage, and read old pages from it where the database has new ones.
    return SQLITE_IOERR_DATA;
}

// MARK: - Reading

static bool is_in_open_transaction(const checked_file *log, uint32_t frame) {
    return log->open_from && frame + 1 >= log->open_from;
}

// Whether the transaction under way wrote this page there. Its checksums follow at its end; unknown ones are believed.
static bool is_own_page(const checked_file *log, uint32_t frame, const uint8_t *page) {
    size_t index = frame + 1 - log->open_from;
    uint64_t sum = index < log->open_room ? log->open_sums[index] : 0;
    return sum == 0 || sum == sum_of(page, PAGE_BYTES, frame);
}

static bool is_frame_whole(const checked_file *log, uint32_t frame, const uint8_t *bytes) {
    if (is_in_open_transaction(log, frame)) return is_own_page(log, frame, bytes + FRAME_HEADER_BYTES);
    log_header header;
    if (!log_read_header(log->real, &header)) return false;
    uint32_t checksum[2] = {header.checksum[0], header.checksum[1]};
    if (frame > 0) {
        uint8_t before[8];
        if (read_at(log->real, before, 8, frame_place(frame - 1) + 16) != SQLITE_OK) return false;
        checksum[0] = word(before);
        checksum[1] = word(before + 4);
    }
    return log_add_frame(&header, bytes, checksum);
}

// Whether a commit that was acknowledged needs this frame.
static bool is_marked(const checked_file *log, uint32_t frame) {
    log_mark mark = sums_read_mark(log->other);
    log_header header;
    return frame < mark.frames && log_read_header(log->real, &header) && is_of(&mark, &header);
}

int log_read(checked_file *log, void *into, int count, sqlite3_int64 offset) {
    sqlite3_int64 within = (offset - LOG_HEADER_BYTES) % FRAME_BYTES;
    bool is_page = count == PAGE_BYTES && within == FRAME_HEADER_BYTES;
    bool is_frame = count == FRAME_BYTES && within == 0;
    if (offset == 0 && count == LOG_HEADER_BYTES) {
        // One that cannot be read twice is no log to SQLite, and all its commits are gone: log_open has looked at that.
        log_header header;
        log_read_header(log->real, &header);
        int code = read_at(log->real, into, count, offset);
        return code == SQLITE_OK && !parse_header(into, &header) ? read_at(log->real, into, count, offset) : code;
    }
    if (offset < LOG_HEADER_BYTES || !(is_page || is_frame)) return read_at(log->real, into, count, offset);
    uint32_t frame = (uint32_t)((offset - LOG_HEADER_BYTES) / FRAME_BYTES);
    uint8_t bytes[FRAME_BYTES];
    for (int attempt = 0; attempt < 2; attempt++) {
        int code = read_at(log->real, bytes, FRAME_BYTES, frame_place(frame));
        if (code != SQLITE_OK) return read_at(log->real, into, count, offset);
        if (is_frame_whole(log, frame, bytes)) {
            memcpy(into, is_page ? bytes + FRAME_HEADER_BYTES : bytes, (size_t)count);
            return SQLITE_OK;
        }
    }
    // Whole frames are read by recovery alone, which looks for the log's end: what lies behind it is no damage.
    if (is_frame && !is_in_open_transaction(log, frame) && !is_marked(log, frame)) {
        memcpy(into, bytes, (size_t)count);
        return SQLITE_OK;
    }
    return SQLITE_IOERR_DATA;
}

// MARK: - Writing

static int remember_page(checked_file *log, uint32_t frame, const uint8_t *page) {
    // A transaction that begins anew before where the last one began.
    if (!log->open_from || frame + 1 < log->open_from) {
        if (log->open_room) memset(log->open_sums, 0, log->open_room * sizeof(uint64_t));
        log->open_from = frame + 1;
    }
    size_t index = frame + 1 - log->open_from;
    if (index >= log->open_room) {
        size_t room = log->open_room ? log->open_room : 64;
        while (room <= index) room *= 2;
        uint64_t *sums = realloc(log->open_sums, room * sizeof(uint64_t));
        if (!sums) return SQLITE_IOERR_NOMEM;
        memset(sums + log->open_room, 0, (room - log->open_room) * sizeof(uint64_t));
        log->open_sums = sums;
        log->open_room = room;
    }
    log->open_sums[index] = sum_of(page, PAGE_BYTES, frame);
    return SQLITE_OK;
}

int log_write(checked_file *log, const void *bytes, int count, sqlite3_int64 offset) {
    int code = log->real->pMethods->xWrite(log->real, bytes, count, offset);
    if (code != SQLITE_OK) {
        log->pending = 0;
        return code;
    }
    log_header header;
    if (offset == 0 && count == LOG_HEADER_BYTES && parse_header(bytes, &header)) {
        log->verified = beginning(&header);
        log_end_transaction(log);
    }
    if (offset < LOG_HEADER_BYTES) return SQLITE_OK;
    uint32_t frame = (uint32_t)((offset - LOG_HEADER_BYTES) / FRAME_BYTES);
    sqlite3_int64 within = (offset - LOG_HEADER_BYTES) % FRAME_BYTES;
    if (within == 0 && count == FRAME_HEADER_BYTES) {
        // The last header of a commit says so. One that is written again takes back what was said behind it.
        bool ends_commit = word((const uint8_t *)bytes + 4) != 0;
        if (ends_commit || log->pending > frame) log->pending = ends_commit ? frame + 1 : 0;
    }
    if (within == FRAME_HEADER_BYTES && count == PAGE_BYTES) return remember_page(log, frame, bytes);
    return SQLITE_OK;
}

int log_sync(checked_file *log, int flags) {
    int code = log->real->pMethods->xSync(log->real, flags);
    // The commit failed with its sync, and what a failed sync dropped a later one does not bring back: no mark for it.
    if (code != SQLITE_OK) log->pending = 0;
    if (code != SQLITE_OK || log->pending == 0) return code;
    uint32_t frames = log->pending;
    log_end_transaction(log);
    log_header header;
    if (!log_read_header(log->real, &header)) return SQLITE_IOERR_FSYNC;
    // Another process may have begun the log anew, or have committed less since than this one knew.
    if (!is_of(&log->verified, &header) || log->verified.frames > frames) log->verified = beginning(&header);
    if (!walk(log->real, &header, &log->verified, frames)) {
        log->verified = beginning(&header);
        return SQLITE_IOERR_FSYNC;
    }
    return sums_write_mark(log->other, log->verified);
}

void log_end_transaction(checked_file *log) {
    log->pending = 0;
    if (log->open_from && log->open_room) memset(log->open_sums, 0, log->open_room * sizeof(uint64_t));
    log->open_from = 0;
}
