import Canonical
import ExactJSON
import Foundation
import Store
import World

// A desk with very many exceptions: how soon it opens, and whether all of them are resubmitted once at the rate set.
extension Bench {
    private static let token = "a-token-of-the-bench-0123456789"
    private static let reasons = [
        "alder", "ash", "beech", "birch", "cedar", "cherry", "elm", "fir", "hazel", "holly", "larch", "lime", "maple",
        "oak", "pear", "pine", "plum", "rowan", "spruce", "willow",
    ]

    /// `count` events whose map fails for 20 reasons; then the map is mended, and all are resubmitted at `rate` a
    /// second.
    func desk(_ count: Int, rate: Int) async throws -> JSON {
        let node = OverloadNode(
            folder: nodes.folder + "/desk", port: nodes.edgePort, takes: .milliseconds(1), concurrency: 16,
            ceiling: 1 << 40, fromBeginning: true)
        try node.write(nodes.world.disk)
        let settings = "\(node.folder)/load"
        let access = "console: { tokens: { bench: { scope: operator, secret: \"${file:\(node.folder)/token}\" } } }\n"
        try nodes.world.disk.replace("\(node.folder)/token", with: Array(Self.token.utf8), mode: 0o600)
        try nodes.world.disk.append(Array(access.utf8), to: "\(settings)/millwright.yaml", sync: false)
        let flow = "\(settings)/flows/counts.yaml"
        let mended = try String(contentsOfFile: flow, encoding: .utf8)
        let words = JSON.array(Self.reasons.map { .string($0) }).description
        let failing = "jq: 'error(\"\\(\(words)[.data.native.value % 20]) is missing for \\(.id)\")'\n"
        try nodes.world.disk.replace(flow, with: Array((mended + failing).utf8), mode: 0o644)
        try await fill(node.store, count)

        let broken = node.process()
        try await broken.start()
        try await nodes.waitFor(port: nodes.edgePort)
        let reader = try StoreReader(path: node.store)
        let queued = try await seconds {
            while try reader.read({ try $0.openExceptionCount() }) < count { try await clock.sleep(for: .seconds(1)) }
        }
        let pages = try await openings()
        let groups = try await ask("GET", "/v1/exceptions/groups")["groups"]?.array ?? []
        await broken.stop()

        try nodes.world.disk.replace(flow, with: Array(mended.utf8), mode: 0o644)
        let whole = node.process()
        try await whole.start()
        try await nodes.waitFor(port: nodes.edgePort)
        let order: JSON = ["action": "resubmit", "filter": [:], "rate": .int(rate), "note": "the map is mended"]
        let place = try await ask("POST", "/v1/exceptions/actions", order)["see"]?.string ?? ""
        var state = JSON.null
        var opening: [Double] = []
        let decided = try await seconds {
            repeat {
                try await clock.sleep(for: .milliseconds(500))
                opening.append(try await seconds { _ = try await fetch("GET", "/exceptions") })
                state = try await ask("GET", place)
            } while state["result"]?.isNull == true
        }
        var list = try TakenList(path: node.list)
        for _ in 0..<600 where list.count < count {
            try await clock.sleep(for: .milliseconds(100))
            _ = try list.read()
        }
        let left = try reader.read { try $0.openExceptionCount() }
        let memory = await whole.residentMB
        await whole.stop()
        return [
            "exceptions": .int(count), "groups": .array(groups.map { $0["count"] ?? 0 }),
            "queuedSeconds": Self.number(queued), "openMilliseconds": pages,
            "openWhileResubmittingMilliseconds": Self.number(opening.percentile(0.5) * 1_000),
            "rate": .int(rate), "resubmitSeconds": Self.number(decided),
            "perSecond": .int(Int(Double(count) / decided)), "result": state["result"] ?? .null,
            "taken": .int(list.count), "doubled": .int(list.doubled), "left": .int(left),
            "memoryMB": Self.number(memory),
        ]
    }

    /// Milliseconds until each page is there, the median of nine.
    private func openings() async throws -> JSON {
        let groups = try await ask("GET", "/v1/exceptions/groups")["groups"]?.array ?? []
        let cause = groups.first?["cause"]?.string ?? ""
        var result: JSONObject = [:]
        for (name, path) in [
            ("overview", "/"), ("exceptions", "/exceptions"), ("cause", "/exceptions?cause=\(cause)"),
            ("text", "/exceptions?text=k-0000000077"), ("exception", "/exceptions/7"),
        ] {
            var times: [Double] = []
            for _ in 0..<9 { times.append(try await seconds { _ = try await fetch("GET", path) }) }
            result[name] = Self.number(times.percentile(0.5) * 1_000)
        }
        return .object(result)
    }

    private func fetch(_ method: String, _ path: String, _ body: [UInt8] = []) async throws -> [UInt8] {
        let request = HTTPRequest(
            method: method, target: "http://127.0.0.1:\(nodes.edgePort)\(path)",
            headers: ["Authorization": "Bearer \(Self.token)"], body: body)
        let answer = try await nodes.world.network.send(request, timeout: .seconds(60), maximumBody: 64 << 20)
        guard (200..<300).contains(answer.status) else {
            let words = String(decoding: answer.body.prefix(300), as: UTF8.self)
            throw CommandFailure(description: "\(method) \(path) was answered \(answer.status): \(words)")
        }
        return answer.body
    }

    private func ask(_ method: String, _ path: String, _ body: JSON? = nil) async throws -> JSON {
        try await JSONReader.read(fetch(method, path, body?.bytes ?? []))
    }
}
