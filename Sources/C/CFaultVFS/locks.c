// Locks of files and the wal-index, among the connections of one process (https://www.sqlite.org/lockingv3.html,
// https://www.sqlite.org/walformat.html, section 2.3). A power loss or a kill ends them all at once.
#include <stdlib.h>

#include "internal.h"

int lock_file(open_file *file, int level) {
    file_node *node = file->node;
    if (file->level >= level) return SQLITE_OK;
    if (file->level == SQLITE_LOCK_NONE) {
        if (node->has_pending || node->has_exclusive) return SQLITE_BUSY;
        node->shared_locks++;
        file->level = SQLITE_LOCK_SHARED;
    }
    if (level >= SQLITE_LOCK_RESERVED && file->level < SQLITE_LOCK_RESERVED) {
        if (node->has_reserved) return SQLITE_BUSY;
        node->has_reserved = true;
        file->level = SQLITE_LOCK_RESERVED;
    }
    if (level == SQLITE_LOCK_EXCLUSIVE) {
        node->has_pending = true;
        file->level = SQLITE_LOCK_PENDING;
        if (node->shared_locks > 1) return SQLITE_BUSY;
        node->has_exclusive = true;
        file->level = SQLITE_LOCK_EXCLUSIVE;
    }
    return SQLITE_OK;
}

void unlock_file(open_file *file, int level) {
    file_node *node = file->node;
    if (file->level <= level) return;
    if (file->level >= SQLITE_LOCK_RESERVED) {
        node->has_reserved = node->has_pending = node->has_exclusive = false;
    }
    if (level == SQLITE_LOCK_NONE) node->shared_locks--;
    file->level = level;
}

bool is_reserved(const open_file *file) { return file->node->has_reserved; }

static void release_index(wal_index *index) {
    if (--index->references > 0) return;
    for (int i = 0; i < index->regions_count; i++) free(index->regions[i]);
    free(index);
}

int index_map(open_file *file, int region, int bytes, int extend, void volatile **into) {
    *into = NULL;
    if (!file->index) {
        file_node *node = file->node;
        if (!node->index) {
            node->index = calloc(1, sizeof(wal_index));
            if (!node->index) return SQLITE_IOERR_NOMEM;
        }
        node->index->references++;
        file->index = node->index;
    }
    wal_index *index = file->index;
    if (region >= SHARED_REGIONS_MAXIMUM) return SQLITE_IOERR_SHMMAP;
    while (index->regions_count <= region) {
        if (!extend) return SQLITE_OK;
        void *memory = calloc(1, (size_t)bytes);
        if (!memory) return SQLITE_IOERR_NOMEM;
        index->regions[index->regions_count++] = memory;
    }
    *into = index->regions[region];
    return SQLITE_OK;
}

int index_lock(open_file *file, int offset, int count, int flags) {
    wal_index *index = file->index;
    if (!index) return SQLITE_IOERR_SHMLOCK;
    uint32_t slots = ((1u << count) - 1u) << offset;
    bool is_shared = (flags & SQLITE_SHM_SHARED) != 0;
    for (int i = offset; i < offset + count; i++) {
        uint32_t slot = 1u << i;
        if (flags & SQLITE_SHM_UNLOCK) {
            if (file->shared_slots & slot) index->shared_locks[i]--;
            if (file->exclusive_slots & slot) index->exclusive_locks[i] = false;
        } else {
            bool held_elsewhere = index->exclusive_locks[i] && !(file->exclusive_slots & slot);
            int readers = index->shared_locks[i] - ((file->shared_slots & slot) ? 1 : 0);
            if (held_elsewhere || (!is_shared && readers > 0)) return SQLITE_BUSY;
        }
    }
    if (flags & SQLITE_SHM_UNLOCK) {
        file->shared_slots &= ~slots;
        file->exclusive_slots &= ~slots;
        return SQLITE_OK;
    }
    for (int i = offset; i < offset + count; i++) {
        uint32_t slot = 1u << i;
        if (is_shared && !(file->shared_slots & slot)) index->shared_locks[i]++;
        if (!is_shared) index->exclusive_locks[i] = true;
    }
    if (is_shared) file->shared_slots |= slots;
    else file->exclusive_slots |= slots;
    return SQLITE_OK;
}

void index_unmap(open_file *file) {
    wal_index *index = file->index;
    if (!index) return;
    index_lock(file, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK | SQLITE_SHM_SHARED);
    // The next connection begins with a wal-index of its own, as after SQLite removed the file behind it.
    if (index->references == 1 && file->node->index == index) file->node->index = NULL;
    file->index = NULL;
    release_index(index);
}
