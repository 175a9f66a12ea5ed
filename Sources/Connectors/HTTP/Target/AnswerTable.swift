import Contracts

/// What a receiver means by a status. Pure.
struct AnswerTable: Sendable, Hashable {
    enum Meaning: Sendable, Hashable {
        /// It has it.
        case accepted
        /// Surely not done, and may be tried again.
        case retried
        /// This command is wrong: trying again cannot help.
        case rejected
        /// Surely not done, and no other command would be: credentials, an address that moved.
        case targetWide
        /// It may have been done all the same: a server that broke down on the way, a gateway that gave up.
        case doubtful
    }

    private var own: [Int: Meaning] = [:]

    init() {}

    /// What the settings say goes before what is usual. Throws where they say two things of one status.
    init(_ settings: Settings) throws(SettingFault) {
        guard let status = try settings.optional(HTTPTargetFields.status) else { return }
        let lists: [(Field<[Int]>, Meaning)] = [
            (HTTPTargetFields.accepted, .accepted), (HTTPTargetFields.retried, .retried),
            (HTTPTargetFields.rejected, .rejected),
        ]
        for (field, meaning) in lists {
            for code in try status.optional(field) ?? [] {
                if let other = own.updateValue(meaning, forKey: code), other != meaning {
                    throw SettingFault(
                        location: status.locations[field.spec.name] ?? settings.locations["status"]
                            ?? settings.location,
                        reason: "status: \(code) is under two words", suggestion: "let it stand under one of them")
                }
            }
        }
    }

    subscript(_ status: Int) -> Meaning {
        if let meaning = own[status] { return meaning }
        switch status {
        case 200..<300: return .accepted
        case 408, 425, 429: return .retried
        // A redirect that is followed could send the command, and the credentials, to anybody.
        case 300..<400, 401, 403, 407, 511: return .targetWide
        case 400..<500, 501, 505: return .rejected
        default: return .doubtful
        }
    }
}
