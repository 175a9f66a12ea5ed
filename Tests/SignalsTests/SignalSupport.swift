import Canonical
import Contracts
import ExactJSON
import Foundation

@testable import Signals

/// Settings of one signal, written as in the file.
func signal(_ role: String, _ values: [String: SettingValue] = [:], line: Int = 1) -> Settings {
    var values = values
    values["role"] = .text(role)
    return Settings(values: values, location: SettingLocation(file: "sources/test.yaml", line: line, column: 5))
}

func texts(_ values: String...) -> SettingValue { .list(values.map { .text($0) }) }

func table(_ pairs: KeyValuePairs<String, String>) -> SettingValue {
    .map(pairs.map { (key: $0.key, value: .text($0.value)) })
}

func group(_ values: [String: SettingValue]) -> SettingValue {
    .object(Settings(values: values, location: SettingLocation(file: "sources/test.yaml", line: 1, column: 9)))
}

let lyon = SignalPlants(
    standard: .init(plant: "lyon"),
    assets: ["cnc01": .init(plant: "lyon", area: "milling", line: "m1", company: "acme")])

/// A time in seconds after 2025-02-03T06:00:00Z.
func at(_ seconds: Double) -> Instant {
    Instant(microseconds: 1_738_562_400_000_000 + Int64(seconds * 1_000_000))
}

/// A tag's value, or nil for unavailable.
func tag(_ name: String, _ value: JSON?, _ seconds: Double, asset: AssetID = "cnc01", factID: String? = nil) -> Reading
{
    Reading(
        asset: asset, name: name, value: value.map { .value($0) } ?? .unavailable, time: at(seconds), factID: factID,
        origin: Origin("test", line: 1), original: Array("\(name)".utf8))
}

func record(
    _ kind: String, _ fields: JSONObject, _ seconds: Double, fact: String? = nil, place: String = "03/Job.sdc"
) -> Reading {
    Reading(
        asset: "cnc01", name: kind, value: .record(fields), time: at(seconds), factID: fact ?? "f:\(kind):\(seconds)",
        origin: Origin(place, line: 7), original: Array(kind.utf8))
}

/// A processor over a store in memory: every change goes through JSON text, as in the real store.
struct Bench {
    let processor: SignalProcessor
    var memory = SignalMemory()
    var stored: [String: [UInt8]] = [:]
    var events: [Event] = []
    var faults: [InputFault] = []

    init(_ signals: Settings..., strict: Bool = false) throws {
        processor = try SignalProcessor(source: "test", signals: signals, plants: lyon, strict: strict)
    }

    init(signals: [Settings], plants: SignalPlants = lyon) throws {
        processor = try SignalProcessor(source: "test", signals: signals, plants: plants)
    }

    func load(_ key: String) throws -> JSON? { try stored[key].map { try JSONReader.read($0) } }

    /// Derives and commits; returns the new events.
    @discardableResult
    mutating func feed(_ readings: Reading..., now: Double = 0) throws -> [Event] { try feed(readings, now: now) }

    @discardableResult
    mutating func feed(_ readings: [Reading], now: Double = 0) throws -> [Event] {
        let output = try processor.derive(readings, memory: &memory, load: load, now: at(now))
        commit()
        events += output.events
        faults += output.faults
        return output.events
    }

    mutating func commit() {
        for (key, value) in memory.takeChanges() { stored[key] = value.bytes }
    }
}

extension Event {
    var amount: String? { data["quantity"]?["value"]?.number?.description }
}

/// A small seeded generator (SplitMix64), so that a failing case can be run again.
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// The folder with recorded data beside the package; nil where it is missing.
let recordings: URL? = {
    let url = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "../shared/data").standardizedFileURL
    return FileManager.default.fileExists(atPath: url.path) ? url : nil
}()
