// Which operation fails, and how.
#include <string.h>

#include "internal.h"

// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
uint64_t dice_next(uint64_t *dice) {
    *dice += 0x9E3779B97F4A7C15u;
    uint64_t z = *dice;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

uint64_t dice_below(uint64_t *dice, uint64_t bound) { return bound ? dice_next(dice) % bound : 0; }

void count_operation(millwright_disk *disk, millwright_operation operation) { disk->counts.operations[operation]++; }

static bool can_hit(millwright_fault fault, millwright_operation operation, bool grows) {
    switch (fault) {
    case MILLWRIGHT_FAULT_OPEN_ERROR: return operation == MILLWRIGHT_OPERATION_OPEN;
    case MILLWRIGHT_FAULT_READ_ERROR:
    case MILLWRIGHT_FAULT_READ_FLIP: return operation == MILLWRIGHT_OPERATION_READ;
    case MILLWRIGHT_FAULT_WRITE_ERROR:
    case MILLWRIGHT_FAULT_SHORT_WRITE:
    case MILLWRIGHT_FAULT_TORN_WRITE:
    case MILLWRIGHT_FAULT_LOST_WRITE:
    case MILLWRIGHT_FAULT_WRITE_FLIP: return operation == MILLWRIGHT_OPERATION_WRITE;
    case MILLWRIGHT_FAULT_DISK_FULL: return operation == MILLWRIGHT_OPERATION_WRITE && grows;
    case MILLWRIGHT_FAULT_SYNC_ERROR:
    case MILLWRIGHT_FAULT_LOST_SYNC: return operation == MILLWRIGHT_OPERATION_SYNC;
    case MILLWRIGHT_FAULT_TRUNCATE_ERROR: return operation == MILLWRIGHT_OPERATION_TRUNCATE;
    case MILLWRIGHT_FAULT_DELETE_ERROR: return operation == MILLWRIGHT_OPERATION_DELETE;
    case MILLWRIGHT_FAULT_POWER_LOSS:
        return operation != MILLWRIGHT_OPERATION_READ && operation != MILLWRIGHT_OPERATION_OPEN;
    case MILLWRIGHT_FAULT_COUNT: return false;
    }
    return false;
}

millwright_fault draw_fault(millwright_disk *disk, millwright_operation operation, unsigned role, bool grows) {
    millwright_fault found = MILLWRIGHT_FAULT_COUNT;
    // Every rule counts on, whichever fires: a schedule means the same beside other rules as alone.
    for (size_t i = 0; i < disk->rules_count; i++) {
        counted_rule *counted = &disk->rules[i];
        const millwright_rule *rule = &counted->rule;
        if (!(rule->roles & role) || !can_hit(rule->fault, operation, grows)) continue;
        counted->seen++;
        bool fires = rule->first == 0 ? dice_below(&disk->dice, 1000000) < rule->per_million
                                      : counted->seen >= rule->first && counted->seen - rule->first < rule->count;
        if (fires && found == MILLWRIGHT_FAULT_COUNT) found = rule->fault;
    }
    return found;
}

void note_fault(
    millwright_disk *disk, millwright_fault fault, millwright_operation operation, const char *file, int64_t offset,
    int64_t length
) {
    uint64_t number = 0;
    for (int i = 0; i < MILLWRIGHT_OPERATION_COUNT; i++) number += disk->counts.operations[i];
    disk->counts.faults[fault]++;
    disk->last = (millwright_injection){fault, operation, number, offset, length, {0}};
    strncpy(disk->last.file, file, sizeof disk->last.file - 1);
    disk->has_last = true;
}
