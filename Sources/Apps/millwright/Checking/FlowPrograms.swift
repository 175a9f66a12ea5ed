import Contracts
import JQ
import NodeSettings

/// The jq programs of one flow, and where their parts stand.
struct FlowPrograms {
    /// One of them.
    struct Program {
        let source: String
        let reading: JQReading
        /// Where a line and column of it stand.
        let locate: (_ line: Int, _ column: Int) -> SettingLocation

        func location(_ place: JQReading.Place) -> SettingLocation { locate(place.line, place.column) }
    }

    let map: Program?
    let predicate: Program?
    let key: Program?
    let conflictKeys: Program?

    var all: [Program] { [predicate, key, conflictKeys, map].compactMap { $0 } }

    init(_ flow: FlowSection, in folder: NodeFolder) {
        func inPlace(_ source: String?, _ key: String) -> Program? {
            guard let source, let reading = JQReading(source) else { return nil }
            let place = flow.programs[key]
            return Program(source: source, reading: reading) {
                place?.location(line: $0, column: $1) ?? flow.place(key)
            }
        }
        switch flow.map {
        case .file(let path):
            if let source = folder.maps[path], let reading = JQReading(source) {
                map = Program(source: source, reading: reading) {
                    SettingLocation(file: path, line: $0, column: $1)
                }
            } else {
                map = nil
            }
        case .program(let source): map = inPlace(source, "jq")
        case nil: map = nil
        }
        predicate = inPlace(flow.when.predicate, "when.where")
        conflictKeys = inPlace(flow.conflictKeys, "conflictKeys")
        if case .program(let source) = flow.key { key = inPlace(source, "key") } else { key = nil }
    }
}
