import Contracts

/// How whole documents are taken in: what the settings say, in types.
struct DropOptions: Sendable, Hashable {
    /// How a document shows that it is whole.
    enum Ready: String, Sendable { case stable, rename, marker }
    /// What becomes of a document in which something is wrong.
    enum Faults: String, Sendable { case refuse, accept }
    /// What a document of the same name and content is.
    enum Repeats: String, Sendable { case ignore, accept }

    var ready = Ready.stable
    var faults = Faults.refuse
    var repeats = Repeats.ignore

    /// Faults that a document's report lists.
    static let reportedFaults = 100

    init(_ settings: Settings?) throws(SettingFault) {
        guard let settings else { return }
        ready = Ready(rawValue: try settings(FilesFields.ready)) ?? .stable
        faults = Faults(rawValue: try settings(FilesFields.faults)) ?? .refuse
        repeats = Repeats(rawValue: try settings(FilesFields.repeats)) ?? .ignore
    }
}
