// What a file holds: for readers, on the platter, and on the way between the two.
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static bool buffer_reserve(buffer *b, size_t count) {
    if (count <= b->room) return true;
    size_t room = b->room ? b->room : 4096;
    while (room < count) room *= 2;
    uint8_t *bytes = realloc(b->bytes, room);
    if (!bytes) return false;
    b->bytes = bytes;
    b->room = room;
    return true;
}

bool buffer_resize(buffer *b, size_t count) {
    if (!buffer_reserve(b, count)) return false;
    if (count > b->count) memset(b->bytes + b->count, 0, count - b->count);
    b->count = count;
    return true;
}

bool buffer_append(buffer *b, const void *bytes, size_t count) {
    if (!buffer_reserve(b, b->count + count)) return false;
    if (count) memcpy(b->bytes + b->count, bytes, count);
    b->count += count;
    return true;
}

void buffer_free(buffer *b) {
    free(b->bytes);
    *b = (buffer){0};
}

file_node *node_make(unsigned role) {
    file_node *node = calloc(1, sizeof(file_node));
    if (node) {
        node->references = 1;
        node->role = role;
    }
    return node;
}

void node_release(file_node *node) {
    if (!node || --node->references > 0) return;
    buffer_free(&node->live);
    buffer_free(&node->durable);
    buffer_free(&node->unsynced);
    free(node);
}

static bool buffer_write(buffer *b, uint64_t offset, const uint8_t *bytes, size_t count) {
    if (count == 0) return true;
    // Only a gap between the old end and what is written needs zeros.
    if (offset > b->count && !buffer_resize(b, offset)) return false;
    if (!buffer_reserve(b, offset + count)) return false;
    memcpy(b->bytes + offset, bytes, count);
    if (offset + count > b->count) b->count = offset + count;
    return true;
}

// A record of the unsynced changes.
typedef struct {
    uint64_t offset;
    uint64_t length;
} change;

static bool note_change(file_node *node, uint64_t offset, uint64_t length, const uint8_t *bytes) {
    // What nobody can find after a power loss need not survive one.
    if (node->role == MILLWRIGHT_ROLE_TEMPORARY) return true;
    if (node->unsynced.count > UNSYNCED_BYTES_MAXIMUM && !node_sync(node)) return false;
    change record = {offset, length};
    if (!buffer_append(&node->unsynced, &record, sizeof record)) return false;
    return length == TRUNCATION || buffer_append(&node->unsynced, bytes, length);
}

bool node_write(file_node *node, uint64_t offset, const uint8_t *bytes, size_t count) {
    return buffer_write(&node->live, offset, bytes, count) && note_change(node, offset, count, bytes);
}

bool node_truncate(file_node *node, uint64_t size) {
    return buffer_resize(&node->live, size) && note_change(node, size, TRUNCATION, NULL);
}

// Calls `visit` for each unsynced change, oldest first.
typedef bool (*visitor)(file_node *node, change record, const uint8_t *bytes, void *context);

static bool visit_changes(file_node *node, visitor visit, void *context) {
    size_t at = 0;
    while (at + sizeof(change) <= node->unsynced.count) {
        change record;
        memcpy(&record, node->unsynced.bytes + at, sizeof record);
        at += sizeof record;
        const uint8_t *bytes = node->unsynced.bytes + at;
        if (record.length != TRUNCATION) at += record.length;
        if (!visit(node, record, bytes, context)) return false;
    }
    return true;
}

static bool make_durable(file_node *node, change record, const uint8_t *bytes, void *context) {
    (void)context;
    if (record.length == TRUNCATION) return buffer_resize(&node->durable, record.offset);
    return buffer_write(&node->durable, record.offset, bytes, record.length);
}

bool node_sync(file_node *node) {
    if (!visit_changes(node, make_durable, NULL)) return false;
    node->unsynced.count = 0;
    return true;
}

// How far the sector that begins at or before `offset` reaches, within `count` bytes from `offset`.
static size_t sector_length(uint64_t offset, size_t count) {
    size_t length = SECTOR_BYTES - (size_t)(offset % SECTOR_BYTES);
    return length < count ? length : count;
}

bool node_write_sectors(file_node *node, uint64_t offset, const uint8_t *bytes, size_t count, uint64_t *dice) {
    // Where there is one sector only, it is the one that stays old.
    size_t sectors = (size_t)((offset + count - 1) / SECTOR_BYTES - offset / SECTOR_BYTES + 1);
    size_t old = (size_t)dice_below(dice, sectors);
    size_t at = 0;
    for (size_t sector = 0; at < count; sector++) {
        size_t length = sector_length(offset + at, count - at);
        bool stays_old = sector == old || dice_next(dice) % 4 == 0;
        if (!stays_old && !node_write(node, offset + at, bytes + at, length)) return false;
        at += length;
    }
    // A file that grew has its new size all the same; what is missing reads as zeros.
    if (offset + count > node->live.count) return node_truncate(node, offset + count);
    return true;
}

// How a power loss treats what is unsynced.
typedef struct {
    uint64_t *dice;
    enum { LOSE_ALL, LOSE_NONE, LOSE_END, LOSE_ANY } manner;
    // Changes that are kept whole, for LOSE_END; the next is the one that was under way when the power went.
    uint64_t kept;
    bool is_over;
} losing;

static bool lose_parts(file_node *node, change record, const uint8_t *bytes, void *context) {
    losing *how = context;
    if (how->manner == LOSE_END && how->kept > 0) {
        how->kept--;
        return make_durable(node, record, bytes, NULL);
    }
    if (how->is_over) return true;
    how->is_over = how->manner == LOSE_END;
    uint64_t draw = how->manner == LOSE_END ? 2 : dice_below(how->dice, 3);
    if (draw == 0) return true;
    if (draw == 1 || record.length == TRUNCATION) return make_durable(node, record, bytes, NULL);
    for (size_t at = 0; at < record.length;) {
        size_t length = sector_length(record.offset + at, record.length - at);
        bool reached = dice_next(how->dice) % 2 == 0;
        if (reached && !buffer_write(&node->durable, record.offset + at, bytes + at, length)) return false;
        at += length;
    }
    return true;
}

static bool count_change(file_node *node, change record, const uint8_t *bytes, void *context) {
    (void)node, (void)record, (void)bytes;
    *(uint64_t *)context += 1;
    return true;
}

void node_lose(file_node *node, millwright_loss loss, uint64_t *dice) {
    losing how = {dice, LOSE_ALL, 0, false};
    if (loss == MILLWRIGHT_LOSS_NOTHING) how.manner = LOSE_NONE;
    if (loss == MILLWRIGHT_LOSS_DRAWN) how.manner = (int)dice_below(dice, 4);
    if (how.manner == LOSE_NONE) node_sync(node);
    if (how.manner == LOSE_END) {
        uint64_t changes = 0;
        visit_changes(node, count_change, &changes);
        how.kept = changes ? dice_below(dice, changes) : 0;
    }
    if (how.manner == LOSE_END || how.manner == LOSE_ANY) visit_changes(node, lose_parts, &how);
    node->unsynced.count = 0;
    if (buffer_resize(&node->live, node->durable.count) && node->durable.count) {
        memcpy(node->live.bytes, node->durable.bytes, node->durable.count);
    }
}
