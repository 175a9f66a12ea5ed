import CFaultVFS

/// What a database asks of its disk. Locks and shared memory are no operations of a disk.
package enum DiskOperation: String, Sendable, CaseIterable {
    case open, read, write, sync, truncate, delete
}

/// How a disk operation fails. Those that are ``isSilent`` report success.
package enum DiskFault: String, Sendable, CaseIterable {
    case openError
    case readError
    /// One bit of what is read is wrong; the next read is right again.
    case readFlip
    case writeError
    /// A part is written, then an error is reported.
    case shortWrite
    /// Some sectors of what is written keep their old content.
    case tornWrite
    /// Nothing is written.
    case lostWrite
    /// One bit of what is written is stored wrong.
    case writeFlip
    /// A write that would make a file larger finds no space.
    case diskFull
    /// The sync fails; by the disk's dice what was unsynced is tried again later, or never.
    case syncError
    /// The sync makes nothing durable.
    case lostSync
    case truncateError
    case deleteError
    /// The power goes off in the middle of an operation that changes something.
    case powerLoss

    /// Whether the disk says that all is well.
    package var isSilent: Bool {
        switch self {
        case .readFlip, .tornWrite, .lostWrite, .writeFlip, .lostSync: true
        default: false
        }
    }

    /// The number of the same fault in C. The cases stand in the same order there.
    var code: millwright_fault {
        switch self {
        case .openError: MILLWRIGHT_FAULT_OPEN_ERROR
        case .readError: MILLWRIGHT_FAULT_READ_ERROR
        case .readFlip: MILLWRIGHT_FAULT_READ_FLIP
        case .writeError: MILLWRIGHT_FAULT_WRITE_ERROR
        case .shortWrite: MILLWRIGHT_FAULT_SHORT_WRITE
        case .tornWrite: MILLWRIGHT_FAULT_TORN_WRITE
        case .lostWrite: MILLWRIGHT_FAULT_LOST_WRITE
        case .writeFlip: MILLWRIGHT_FAULT_WRITE_FLIP
        case .diskFull: MILLWRIGHT_FAULT_DISK_FULL
        case .syncError: MILLWRIGHT_FAULT_SYNC_ERROR
        case .lostSync: MILLWRIGHT_FAULT_LOST_SYNC
        case .truncateError: MILLWRIGHT_FAULT_TRUNCATE_ERROR
        case .deleteError: MILLWRIGHT_FAULT_DELETE_ERROR
        case .powerLoss: MILLWRIGHT_FAULT_POWER_LOSS
        }
    }
}

/// A fault that was injected: which operation it hit.
package struct DiskInjection: Sendable, CustomStringConvertible {
    package let fault: DiskFault
    package let operation: DiskOperation
    /// The disk's operations until then, this one included.
    package let number: Int
    package let file: String
    package let offset: Int
    package let length: Int

    package var description: String {
        "\(fault.rawValue) at operation \(number): \(operation.rawValue) of \(length) bytes at \(offset) of \(file)"
    }
}

/// What a disk did and what was done to it since it was made.
package struct DiskCounts: Sendable {
    package let operations: [DiskOperation: Int]
    /// Injected faults; only kinds that happened.
    package let faults: [DiskFault: Int]
    package let writtenBytes: Int
    /// Bits turned over at rest.
    package let flippedBits: Int
    package let powerLosses: Int
    package let kills: Int
}
