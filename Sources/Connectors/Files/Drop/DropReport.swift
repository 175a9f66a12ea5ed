import Canonical
import ExactJSON

/// What is written beside a refused document: what is wrong, where, and what to do.
struct DropReport {
    let name: String
    let size: Int
    let time: Instant
    let survey: DropSurvey

    /// An indented JSON document.
    var bytes: [UInt8] {
        var lines = [
            "{",
            "  \"document\": \(JSON.string(name)),",
            "  \"bytes\": \(size),",
            "  \"refused\": \"\(time)\",",
            "  \"readable\": \(survey.records),",
            "  \"wrong\": \(survey.faultCount),",
            "  \"next\": \(JSON.string(FilesFailures.document.remedy)),",
            "  \"faults\": [",
        ]
        for (index, fault) in survey.faults.enumerated() {
            var entry: JSON = ["code": .string(fault.failure.kind.code), "what": .string(fault.failure.message)]
            if let line = fault.origin.line { entry["line"] = .int(line) }
            if let byte = fault.origin.byte { entry["byte"] = .int(byte) }
            entry["next"] = .string(fault.failure.suggestion)
            lines.append("    \(entry)\(index + 1 < survey.faults.count ? "," : "")")
        }
        lines += ["  ]", "}", ""]
        return Array(lines.joined(separator: "\n").utf8)
    }
}
