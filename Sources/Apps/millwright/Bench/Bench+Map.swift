import ExactJSON
import Foundation
import JQ

/// What a map takes: one over one event, alone and beside another program that runs the same one.
extension Bench {
    private static let program = """
        {order: .subject, asset: .data.asset, item: .data.item, quantity: .data.quantity, time: .time, plant: .plant,
         workcenter: lookup("work-centers"; .data.asset), type: .type, id: .id, source: .source,
         reference: (.source + "/" + .id), count: (.data.quantity.value * 1), unit: .data.quantity.unit,
         raw: .data.native.value}
        """

    private static var event: [UInt8] { BenchEvents(prefix: "m").event(7).document }

    /// Microseconds that a flow's map takes for an event; the median of nine rounds.
    func map() throws -> JSON {
        let (alone, fromBytes) = try mapTimes()
        return [
            "microsecondsPerEvent": Self.number(alone, digits: 2),
            "fromBytesToBytes": Self.number(fromBytes, digits: 2),
        ]
    }

    /// The same in turns with `other`, which gets program and event as its arguments and prints both figures
    /// (`Tests/Support/libjq-map.c`): the medians of all turns, and of how many times longer the other took.
    func map(beside other: String, turns: Int) async throws -> JSON {
        var alone = Turns()
        var fromBytes = Turns()
        for _ in 0..<turns {
            let own = try mapTimes()
            let others = try await Self.times(of: other)
            alone.add(own.alone, others.alone)
            fromBytes.add(own.fromBytes, others.fromBytes)
        }
        return ["turns": JSON(integerLiteral: turns), "map": alone.json, "fromBytesToBytes": fromBytes.json]
    }

    private typealias Times = (alone: Double, fromBytes: Double)

    private func mapTimes() throws -> Times {
        let lookup = JQHostFunction(name: "lookup", arity: 2) { _ in .string("WC-1") }
        let program = try JQProgram.compile(Self.program, functions: [lookup])
        let bytes = Self.event
        let event = try JSONReader.read(bytes)
        return (
            try microseconds { _ = try program.run(event) },
            try microseconds { _ = try program.run(JSONReader.read(bytes)).map(\.bytes) }
        )
    }

    /// Microseconds that one go of `body` takes: the median of nine rounds.
    private func microseconds(_ body: () throws -> Void) rethrows -> Double {
        var rounds: [Double] = []
        for _ in 0..<9 {
            let start = clock.uptime()
            for _ in 0..<4_000 { try body() }
            rounds.append(Double((clock.uptime() - start).microseconds) / 4_000)
        }
        return rounds.sorted()[4]
    }

    private static func times(of other: String) async throws -> Times {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: other)
        process.arguments = [
            "def lookup(table; key): \"WC-1\"; " + program, String(decoding: event, as: UTF8.self),
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        let line: String = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { _ in
                // The one line is far shorter than a pipe holds, so nobody had to read it before.
                let line = output.fileHandleForReading.readDataToEndOfFile()
                continuation.resume(returning: String(decoding: line, as: UTF8.self))
            }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: CommandFailure(description: "\(other) cannot be run"))
            }
        }
        let figures = line.split { $0.isWhitespace }.compactMap { Double($0) }
        guard process.terminationStatus == 0, figures.count == 2 else {
            let end = "\(other) ended with \(process.terminationStatus)"
            throw CommandFailure(description: "\(end) and printed \(line.debugDescription), not two figures")
        }
        return (figures[0], figures[1])
    }

    /// What both took, turn by turn.
    private struct Turns {
        private var own: [Double] = []
        private var others: [Double] = []

        mutating func add(_ own: Double, _ other: Double) {
            self.own.append(own)
            others.append(other)
        }

        var json: JSON {
            let ratios = zip(own, others).map { $1 / $0 }.sorted()
            return [
                "microseconds": number(Self.median(own), digits: 2), "other": number(Self.median(others), digits: 2),
                "times": number(Self.median(ratios)), "least": number(ratios.first ?? 0),
                "most": number(ratios.last ?? 0),
            ]
        }

        private static func median(_ values: [Double]) -> Double {
            values.isEmpty ? 0 : values.sorted()[values.count / 2]
        }
    }
}
