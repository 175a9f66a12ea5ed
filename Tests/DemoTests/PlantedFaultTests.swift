import Foundation
import NodeSettings
import Testing
import WorldLive

@testable import millwright

/// Faults that are put into sound folders: `check` must say each, where it is and what mends it, and nothing else.
@Suite("Planted faults")
struct PlantedFaultTests {
    @Test("a planted fault is found at its line, alone, and its mend mends it", arguments: PlantedFault.all)
    func found(_ fault: PlantedFault) throws {
        let folder = try fault.copy()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try fault.plant(in: folder)
        let report = fault.report(folder)
        let found = report.faults.map { "\($0.code) \($0.file):\($0.line)" }
        #expect(found == ["\(fault.code) \(fault.file):\(fault.line)"], "\(report.printed())")
        for said in report.faults {
            #expect(said.suggestion.contains(fault.advice), "\(said.suggestion)")
            #expect(!said.reason.isEmpty && said.column > 0 && !said.suggestion.isEmpty)
        }
        #expect(!report.printed().contains("hunter2"))
        if fault.isRefused { #expect(report.folder == nil && report.hasErrors) }
        try fault.putRight(in: folder)
        let mended = fault.report(folder)
        #expect(mended.faults.isEmpty && mended.folder != nil, "\(mended.printed())")
    }

    @Test("the sound folders have no fault", arguments: ["plant", "hub"], [nil, "test"] as [String?])
    func sound(_ base: String, _ overlay: String?) throws {
        var fault = PlantedFault(kind: "sound", title: base)
        fault.base = base
        fault.overlay = base == "plant" ? overlay : nil
        let folder = try fault.copy()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let report = fault.report(folder)
        #expect(report.faults.isEmpty && report.folder != nil, "\(report.printed())")
    }

    @Test("there are at least five faults of each class, and a hundred in all")
    func coverage() {
        let classes = [
            "syntax", "unknown-key", "wrong-type", "wrong-unit", "missing-reference", "unreachable-flow", "cycle",
            "ownership", "secret", "map-types", "crosswalk-hole", "schema", "time-zone", "cron", "duplicate-name",
            "port-clash", "refused-at-start",
        ]
        let counts = Dictionary(grouping: PlantedFault.all, by: \.kind).mapValues(\.count)
        #expect(Set(counts.keys) == Set(classes))
        for name in classes { #expect(counts[name, default: 0] >= 5, "\(name)") }
        #expect(PlantedFault.all.count >= 100)
        // Each says what it is, and no two say the same of one class.
        #expect(Set(PlantedFault.all.map(\.testDescription)).count == PlantedFault.all.count)
        for fault in PlantedFault.all {
            #expect(!fault.code.isEmpty && !fault.steps.isEmpty && fault.unread.isEmpty, "\(fault)")
        }
    }
}
