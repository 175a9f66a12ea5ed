import CFaultVFS

/// What goes wrong on a disk, and when. The same plan and the same seed give the same faults.
package struct DiskPlan: Sendable {
    /// The files that a rule is about.
    package struct Files: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        package static let database = Files(rawValue: MILLWRIGHT_ROLE_DATABASE.rawValue)
        /// The write-ahead log.
        package static let log = Files(rawValue: MILLWRIGHT_ROLE_LOG.rawValue)
        package static let journal = Files(rawValue: MILLWRIGHT_ROLE_JOURNAL.rawValue)
        /// Everything that outlives a connection.
        package static let kept = Files(rawValue: MILLWRIGHT_ROLE_KEPT.rawValue)
    }

    /// One fault and when it happens.
    package struct Rule: Sendable {
        enum Moment: Sendable {
            case scheduled(first: Int, count: Int)
            case drawn(perMillion: Int)
        }
        let fault: DiskFault
        let files: Files
        let moment: Moment

        /// The `nth` operation (from 1) that the fault can hit on these files, and those behind it up to `count`.
        package static func at(
            _ nth: Int, _ fault: DiskFault, count: Int = 1, files: Files = .kept
        ) -> Rule {
            Rule(fault: fault, files: files, moment: .scheduled(first: max(1, nth), count: max(0, count)))
        }

        /// Each operation that the fault can hit, with a likelihood (0…1, in steps of a millionth).
        package static func rate(_ likelihood: Double, _ fault: DiskFault, files: Files = .kept) -> Rule {
            let perMillion = Int((min(1, max(0, likelihood)) * 1_000_000).rounded())
            return Rule(fault: fault, files: files, moment: .drawn(perMillion: perMillion))
        }

        var inC: millwright_rule {
            switch moment {
            case .scheduled(let first, let count):
                millwright_rule(
                    fault: fault.code, roles: files.rawValue, first: UInt64(first), count: UInt64(count),
                    per_million: 0)
            case .drawn(let perMillion):
                millwright_rule(
                    fault: fault.code, roles: files.rawValue, first: 0, count: 0, per_million: UInt32(perMillion))
            }
        }
    }

    /// What a power loss leaves of what was not synced.
    package enum Loss: Sendable {
        /// By the disk's dice: nothing, everything, a beginning, or any part, sector by sector.
        case drawn
        /// All of it is gone: the loss that is easiest to think about.
        case allUnsynced
        /// All of it has reached the platter.
        case nothing
    }

    /// At most ``maximumRules``; the first that fires wins.
    package var rules: [Rule]
    package var loss: Loss
    /// Bytes that all files may have together; nil for no limit.
    package var capacity: Int?

    package init(_ rules: [Rule] = [], loss: Loss = .drawn, capacity: Int? = nil) {
        self.rules = rules
        self.loss = loss
        self.capacity = capacity
    }

    /// More rules than this are refused.
    package static let maximumRules = Int(MILLWRIGHT_RULES_MAXIMUM)
}
