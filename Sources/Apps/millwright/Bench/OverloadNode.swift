import Canonical
import ExactJSON
import Foundation
import World

/// The node that is put under load: four doors, three lanes, two flows, and a target that takes its time.
struct OverloadNode {
    let folder: String
    let port: Int
    let takes: Duration
    let concurrency: Int
    let ceiling: Int
    /// Whether the target takes what was stored before it was there.
    var fromBeginning = false

    /// Where the target says what it took.
    var list: String { "\(folder)/taken.txt" }
    var store: String { "\(folder)/data/node.db" }

    func process() -> ChildProcess {
        ChildProcess(
            name: "load", arguments: ["run", "--folder", "\(folder)/load"], logFile: "\(folder)/load.log")
    }

    func write(_ disk: any Disk) throws {
        func door(_ name: String, _ lane: String) -> String {
            "source: \(name)\nprotocol: http\nplant: lyon\npath: /v1/events/\(name)\nlane: \(lane)\n"
        }
        func flow(_ name: String, _ type: String) -> String {
            "flow: \(name)\nowner: bench\nwhen: { type: \"\(type)\" }\ntarget: slow\noperation: take\nkey: subject\n"
        }
        let files = [
            "millwright.yaml":
                "node: load\nlisten: 127.0.0.1:\(port)\nstore: { path: \(folder)/data, ceiling: \(ceiling)B }\n",
            "plants.yaml":
                "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {}, press-2: {}, oven: {}, lab: {} } }\n",
            "sources/critical.yaml": door("critical", "critical"), "sources/noisy.yaml": door("noisy", "normal"),
            "sources/quiet.yaml": door("quiet", "normal"), "sources/samples.yaml": door("samples", "bulk"),
            "targets/slow.yaml":
                "target: slow\nprotocol: paced\ntakes: \(takes.microseconds / 1_000)ms\nlist: \(list)\n"
                + "concurrency: \(concurrency)\n"
                + (fromBeginning ? "start: beginning\n" : ""),
            "flows/counts.yaml": flow("counts", "millwright.production.completed.*"),
            "flows/scraps.yaml": flow("scraps", "millwright.production.scrapped.*"),
        ]
        for (path, text) in files {
            let full = "\(folder)/load/\(path)"
            try disk.makeDirectory((full as NSString).deletingLastPathComponent)
            try disk.replace(full, with: Array(text.utf8), mode: 0o644)
        }
        try disk.makeDirectory("\(folder)/data")
        try disk.replace(list, with: [], mode: 0o644)
    }
}

/// Events of one machine, made now.
struct LiveEvents: Sendable {
    let prefix: String
    let asset: String
    let type: String
    /// How many orders they are of, in turn.
    let orders: Int
    let clock: any WorldClock

    func batch(_ first: Int, _ count: Int) -> [UInt8] {
        var body: [UInt8] = [UInt8(ascii: "[")]
        for number in first..<(first + count) {
            if number > first { body.append(UInt8(ascii: ",")) }
            body += event(number).document
        }
        body.append(UInt8(ascii: "]"))
        return body
    }

    private func event(_ number: Int) -> Event {
        let digits = String(number)
        let order = "\(asset)-\(type)-\(number % orders)"
        return Event(
            id: prefix + String(repeating: "0", count: max(0, 10 - digits.count)) + digits, source: "/lyon/\(asset)",
            type: "millwright.production.\(type).v1", subject: order, time: clock.now(), attributes: ["plant": "lyon"],
            data: [
                "order": .string(order), "asset": .string(asset), "item": "BRACKET",
                "quantity": ["value": 1, "unit": "pcs"], "native": ["tag": "good", "value": .int(number)],
            ])
    }
}
