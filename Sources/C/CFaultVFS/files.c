// Operations on an open file (https://www.sqlite.org/c3ref/io_methods.html).
#include <string.h>

#include "internal.h"

static open_file *begin(sqlite3_file *file) {
    open_file *opened = (open_file *)file;
    pthread_mutex_lock(&opened->disk->mutex);
    return opened;
}

static int end(open_file *file, int code) {
    pthread_mutex_unlock(&file->disk->mutex);
    return code;
}

static bool is_dead(const open_file *file) { return file->life != file->disk->life || file->disk->is_off; }

static millwright_fault draw(
    open_file *file, millwright_operation operation, int64_t offset, int64_t length, bool grows
) {
    count_operation(file->disk, operation);
    millwright_fault fault = draw_fault(file->disk, operation, file->node->role, grows);
    if (fault != MILLWRIGHT_FAULT_COUNT) note_fault(file->disk, fault, operation, file->name, offset, length);
    return fault;
}

static int close_file(sqlite3_file *base) {
    open_file *file = begin(base);
    millwright_disk *disk = file->disk;
    if (!is_dead(file)) unlock_file(file, SQLITE_LOCK_NONE);
    index_unmap(file);
    if (file->is_deleted_on_close && !is_dead(file)) {
        directory_entry *entry = disk_find(disk, file->name);
        if (entry && entry->live == file->node) {
            node_release(entry->live);
            entry->live = NULL;
        }
    }
    node_release(file->node);
    file->node = NULL;
    pthread_mutex_unlock(&disk->mutex);
    disk_release(disk);
    return SQLITE_OK;
}

static int read_file(sqlite3_file *base, void *into, int count, sqlite3_int64 offset) {
    open_file *file = begin(base);
    if (is_dead(file)) return end(file, SQLITE_IOERR_READ);
    millwright_fault fault = draw(file, MILLWRIGHT_OPERATION_READ, offset, count, false);
    if (fault == MILLWRIGHT_FAULT_READ_ERROR) return end(file, SQLITE_IOERR_READ);
    const buffer *live = &file->node->live;
    size_t there = (uint64_t)offset < live->count ? live->count - (size_t)offset : 0;
    if (there > (size_t)count) there = (size_t)count;
    if (there) memcpy(into, live->bytes + offset, there);
    if (fault == MILLWRIGHT_FAULT_READ_FLIP && there) {
        uint64_t bit = dice_below(&file->disk->dice, there * 8);
        ((uint8_t *)into)[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    if (there == (size_t)count) return end(file, SQLITE_OK);
    memset((uint8_t *)into + there, 0, (size_t)count - there);
    return end(file, SQLITE_IOERR_SHORT_READ);
}

static int write_with(open_file *file, millwright_fault fault, const uint8_t *bytes, size_t count, uint64_t offset) {
    millwright_disk *disk = file->disk;
    file_node *node = file->node;
    switch (fault) {
    case MILLWRIGHT_FAULT_WRITE_ERROR: return SQLITE_IOERR_WRITE;
    case MILLWRIGHT_FAULT_DISK_FULL: return SQLITE_FULL;
    case MILLWRIGHT_FAULT_LOST_WRITE: return SQLITE_OK;
    case MILLWRIGHT_FAULT_SHORT_WRITE:
        node_write(node, offset, bytes, (size_t)dice_below(&disk->dice, count));
        return SQLITE_IOERR_WRITE;
    case MILLWRIGHT_FAULT_TORN_WRITE:
        return node_write_sectors(node, offset, bytes, count, &disk->dice) ? SQLITE_OK : SQLITE_IOERR_NOMEM;
    case MILLWRIGHT_FAULT_POWER_LOSS:
        node_write(node, offset, bytes, count);
        disk_lose_power(disk);
        return SQLITE_IOERR_WRITE;
    default: return node_write(node, offset, bytes, count) ? SQLITE_OK : SQLITE_IOERR_NOMEM;
    }
}

static int write_file(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 offset) {
    open_file *file = begin(base);
    if (is_dead(file)) return end(file, SQLITE_IOERR_WRITE);
    millwright_disk *disk = file->disk;
    uint64_t behind = (uint64_t)offset + (uint64_t)count;
    bool grows = behind > file->node->live.count;
    millwright_fault fault = draw(file, MILLWRIGHT_OPERATION_WRITE, offset, count, grows);
    if (fault == MILLWRIGHT_FAULT_COUNT && grows && disk->capacity
        && disk_used(disk) + behind - file->node->live.count > disk->capacity) {
        fault = MILLWRIGHT_FAULT_DISK_FULL;
        note_fault(disk, fault, MILLWRIGHT_OPERATION_WRITE, file->name, offset, count);
    }
    int code = count ? write_with(file, fault, bytes, (size_t)count, (uint64_t)offset) : SQLITE_OK;
    if (fault == MILLWRIGHT_FAULT_WRITE_FLIP && code == SQLITE_OK) {
        uint64_t bit = dice_below(&disk->dice, (uint64_t)count * 8);
        uint8_t byte = ((const uint8_t *)bytes)[bit / 8] ^ (uint8_t)(1u << (bit % 8));
        node_write(file->node, (uint64_t)offset + bit / 8, &byte, 1);
    }
    if (code == SQLITE_OK) disk->counts.written_bytes += (uint64_t)count;
    return end(file, code);
}

static int truncate_file(sqlite3_file *base, sqlite3_int64 size) {
    open_file *file = begin(base);
    if (is_dead(file)) return end(file, SQLITE_IOERR_TRUNCATE);
    millwright_fault fault = draw(file, MILLWRIGHT_OPERATION_TRUNCATE, size, 0, false);
    if (fault == MILLWRIGHT_FAULT_TRUNCATE_ERROR) return end(file, SQLITE_IOERR_TRUNCATE);
    bool is_done = node_truncate(file->node, (uint64_t)size);
    if (fault == MILLWRIGHT_FAULT_POWER_LOSS) disk_lose_power(file->disk);
    return end(file, is_done && fault == MILLWRIGHT_FAULT_COUNT ? SQLITE_OK : SQLITE_IOERR_TRUNCATE);
}

static int sync_file(sqlite3_file *base, int flags) {
    (void)flags;
    open_file *file = begin(base);
    millwright_disk *disk = file->disk;
    if (is_dead(file)) return end(file, SQLITE_IOERR_FSYNC);
    switch (draw(file, MILLWRIGHT_OPERATION_SYNC, 0, 0, false)) {
    case MILLWRIGHT_FAULT_LOST_SYNC: return end(file, SQLITE_OK);
    case MILLWRIGHT_FAULT_SYNC_ERROR:
        // Linux marks the pages clean after a failed fsync: readers see them, they are never written, and the next
        // fsync reports success. Other systems try them again. The dice decide which system this is.
        if (dice_next(&disk->dice) % 2 == 0) file->node->unsynced.count = 0;
        return end(file, SQLITE_IOERR_FSYNC);
    case MILLWRIGHT_FAULT_POWER_LOSS:
        disk_lose_power(disk);
        return end(file, SQLITE_IOERR_FSYNC);
    default: break;
    }
    if (file->syncs_directory) {
        disk_sync_directory(disk);
        file->syncs_directory = false;
    }
    return end(file, node_sync(file->node) ? SQLITE_OK : SQLITE_IOERR_NOMEM);
}

static int size_of_file(sqlite3_file *base, sqlite3_int64 *size) {
    open_file *file = begin(base);
    if (is_dead(file)) return end(file, SQLITE_IOERR_FSTAT);
    *size = (sqlite3_int64)file->node->live.count;
    return end(file, SQLITE_OK);
}

static int lock(sqlite3_file *base, int level) {
    open_file *file = begin(base);
    return end(file, is_dead(file) ? SQLITE_IOERR_LOCK : lock_file(file, level));
}

static int unlock(sqlite3_file *base, int level) {
    open_file *file = begin(base);
    if (!is_dead(file)) unlock_file(file, level);
    return end(file, SQLITE_OK);
}

static int check_reserved(sqlite3_file *base, int *result) {
    open_file *file = begin(base);
    if (is_dead(file)) return end(file, SQLITE_IOERR_CHECKRESERVEDLOCK);
    *result = is_reserved(file);
    return end(file, SQLITE_OK);
}

static int control(sqlite3_file *base, int operation, void *argument) {
    (void)base;
    if (operation != SQLITE_FCNTL_VFSNAME) return SQLITE_NOTFOUND;
    *(char **)argument = sqlite3_mprintf("%s", millwright_vfs_name);
    return SQLITE_OK;
}

static int sector_size(sqlite3_file *base) {
    (void)base;
    return 4096;
}

// What SQLite's unix VFS says of a file system that it knows nothing about: a write touches no byte beside its own.
static int characteristics(sqlite3_file *base) {
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int map_index(sqlite3_file *base, int region, int bytes, int extend, void volatile **into) {
    open_file *file = begin(base);
    return end(file, is_dead(file) ? SQLITE_IOERR_SHMMAP : index_map(file, region, bytes, extend, into));
}

static int lock_index(sqlite3_file *base, int offset, int count, int flags) {
    open_file *file = begin(base);
    if (is_dead(file)) return end(file, flags & SQLITE_SHM_UNLOCK ? SQLITE_OK : SQLITE_IOERR_SHMLOCK);
    return end(file, index_lock(file, offset, count, flags));
}

static void barrier(sqlite3_file *base) {
    // Taking and giving back the mutex orders memory.
    end(begin(base), SQLITE_OK);
}

static int unmap_index(sqlite3_file *base, int removes) {
    (void)removes;
    open_file *file = begin(base);
    index_unmap(file);
    return end(file, SQLITE_OK);
}

const sqlite3_io_methods millwright_io_methods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_of_file,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = check_reserved,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_index,
    .xShmLock = lock_index,
    .xShmBarrier = barrier,
    .xShmUnmap = unmap_index,
};
