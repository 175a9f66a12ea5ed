import Canonical
import Contracts
import ExactJSON
import NodeConnector
import NodeSecurity
import SimulatedWorld
import Testing
import World

@Suite struct IntakeTests {
    /// One way to spoil a request after or before it is signed.
    struct Spoiled: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let status: Int
        let code: String
        let spoil: @Sendable (Link) throws -> HTTPRequest

        init(
            _ name: String, _ status: Int, _ code: String, _ spoil: @escaping @Sendable (Link) throws -> HTTPRequest
        ) {
            testDescription = name
            self.status = status
            self.code = code
            self.spoil = spoil
        }

        /// Spoils a good request after it was signed.
        static func after(
            _ name: String, _ status: Int, _ code: String, _ change: @escaping @Sendable (inout HTTPRequest) -> Void
        ) -> Spoiled {
            Spoiled(name, status, code) { link in
                var request = try link.request(Link.body(Link.documents(1, 1)))
                change(&request)
                return request
            }
        }
    }

    static let spoiled: [Spoiled] = [
        .after("without signature", 401, "SEC-003") { $0.headers["Signature"] = nil },
        .after("without signature input", 401, "SEC-003") { $0.headers["Signature-Input"] = nil },
        .after("a forged signature", 401, "SEC-003") {
            $0.headers["Signature"] = "sig1=:\(Base64.encode(Array(repeating: 1, count: 64))):"
        },
        .after("a short signature", 401, "SEC-003") { $0.headers["Signature"] = "sig1=:AAAA:" },
        .after("a signature that is no field", 401, "SEC-003") { $0.headers["Signature"] = "sig1=:%%%:" },
        .after("a later time", 401, "SEC-003") { $0.headers["Millwright-Time"] = "2025-06-15T15:06:41.000000Z" },
        .after("another place", 401, "SEC-003") {
            $0.headers["Millwright-Stream"] = "epoch=\"epoch-1\", lane=normal, first=2, count=1"
        },
        .after("another coding", 401, "SEC-003") { $0.headers["Content-Encoding"] = "deflate" },
        .after("another path", 403, "SEC-006") { $0.target = NodeLink.batchPath("other-edge") },
        .after("another method of the same path", 404, "") { $0.method = "PUT" },
        .after("a field that comes twice", 401, "SEC-003") {
            $0.headers = HTTPHeaders($0.headers.fields + [("millwright-time", "2025-06-15T15:06:40.000000Z")])
        },
        .after("a body cut short", 400, "SEC-007") { $0.body.removeLast(5) },
        .after("a body with a flipped bit", 400, "SEC-007") { $0.body[10] ^= 1 },
        .after("without digest", 401, "SEC-003") { $0.headers["Content-Digest"] = nil },
        .after("without stream", 400, "LINK-008") { $0.headers["Millwright-Stream"] = nil },
        .after("without time", 400, "LINK-008") { $0.headers["Millwright-Time"] = nil },
        .after("without coding", 400, "LINK-008") { $0.headers["Content-Encoding"] = nil },
        .after("another type", 415, "LINK-008") { $0.headers["Content-Type"] = "application/json" },
        Spoiled("the wrong key", 403, "SEC-006") { link in
            try link.request(Link.body(Link.documents(1, 1)), key: NodeKey(seed: Array(repeating: 9, count: 32)))
        },
        Spoiled("another enrolled node's key", 403, "SEC-006") { link in
            let other = try NodeKey(seed: Array(repeating: 9, count: 32))
            try link.enrolled.enrol("other-edge", other.publicKey, by: "test", now: link.hubClock.now())
            return try link.request(Link.body(Link.documents(1, 1)), key: other)
        },
        Spoiled("a revoked key", 403, "SEC-006") { link in
            try link.enrolled.revoke(Link.edge, now: link.hubClock.now())
            return try link.request(Link.body(Link.documents(1, 1)))
        },
        Spoiled("a signature made for asking", 401, "SEC-003") { link in
            var request = try link.request(Link.body(Link.documents(1, 1)))
            try NodeLink.pollSignature.sign(&request, key: Link.key, created: link.edgeClock.now(), nonce: "n")
            return request
        },
        Spoiled("a clock two days ahead", 403, "LINK-013") { link in
            link.edgeClock.advance(.seconds(2 * 86_400))
            return try link.request(Link.body(Link.documents(1, 1)))
        },
        Spoiled("a bomb", 413, "LINK-007") { link in
            try link.request(Array(repeating: 0x20, count: link.limits.inflatedBytes + 1))
        },
        Spoiled("bytes that are not gzip", 400, "LINK-006") { link in
            try link.request([], compressed: Array("not gzip at all".utf8))
        },
        Spoiled("gzip cut short", 400, "LINK-006") { link in
            try link.request(
                [], compressed: Array(Compression.gzip.compress(Link.body(Link.documents(1, 1))).dropLast(6)))
        },
        Spoiled("gzip with bytes behind", 400, "LINK-006") { link in
            try link.request([], compressed: Compression.gzip.compress(Link.body(Link.documents(1, 1))) + [1, 2, 3])
        },
        Spoiled("broken JSON", 422, "LINK-008") { link in try link.request(Array(#"[{"id":"#.utf8)) },
        Spoiled("no array", 422, "LINK-008") { link in try link.request(Link.documents(1, 1)[0].bytes) },
        Spoiled("deep nesting", 422, "LINK-008") { link in
            try link.request(Array((String(repeating: "[", count: 5_000) + String(repeating: "]", count: 5_000)).utf8))
        },
        Spoiled("another count", 422, "LINK-008") { link in
            try link.request(
                Link.body(Link.documents(1, 3)), header: "epoch=\"epoch-1\", lane=normal, first=1, count=2")
        },
        Spoiled("count 0", 400, "LINK-008") { link in
            try link.request(Array("[]".utf8), header: "epoch=\"epoch-1\", lane=normal, first=1, count=0")
        },
        Spoiled("a huge count", 413, "LINK-007") { link in
            try link.request(Array("[]".utf8), header: "epoch=\"epoch-1\", lane=normal, first=1, count=900000")
        },
        Spoiled("first 0", 400, "LINK-008") { link in
            try link.request(Link.body(Link.documents(1, 1)), header: "epoch=\"e\", lane=normal, first=0, count=1")
        },
        Spoiled("an unknown lane", 400, "LINK-008") { link in
            try link.request(Link.body(Link.documents(1, 1)), header: "epoch=\"e\", lane=fast, first=1, count=1")
        },
        Spoiled("a key that comes twice", 400, "LINK-008") { link in
            try link.request(
                Link.body(Link.documents(1, 1)), header: "epoch=\"e\", lane=normal, first=1, first=2, count=1")
        },
    ]

    @Test("a spoiled batch is refused with a reason, stores nothing, and the stream goes on", arguments: spoiled)
    func refuses(_ spoiled: Spoiled) async throws {
        var limits = Limits()
        limits.inflatedBytes = 1 << 20
        let link = try Link(limits: limits)
        try await link.whileRunning { () async throws in
            let request = try spoiled.spoil(link)
            let response = await link.network.deliver(request)
            #expect(response.status == spoiled.status)
            #expect(link.intake.documents.isEmpty)
            let answer = try? JSONReader.read(response.body)
            #expect(answer?["problem"]?["code"]?.string ?? "" == spoiled.code)
            guard !spoiled.code.isEmpty else { return }
            #expect(answer?["status"]?.string == "refused")
            #expect(answer?["problem"]?["message"]?.string?.isEmpty == false)
            if spoiled.code == NodeFailures.clock.code {
                #expect(link.intake.faults.isEmpty)
            } else {
                // The evidence, with its bytes.
                let fault = try #require(link.intake.faults.last)
                #expect(fault.failure.kind.code == spoiled.code)
                #expect(fault.original == Array(request.body.prefix(link.limits.originalBytes)))
            }
        }
    }

    @Test("a broken event in a signed batch is kept for a person and the others are stored, so that the stream goes on")
    func setsAside() async throws {
        let link = try Link(plants: [Link.edge: ["lyon"]])
        let good = Link.documents(1, 4).map { String(decoding: $0.bytes, as: UTF8.self) }
        let foreign = String(
            decoding: Event(id: "f", source: "/paris/x", type: "t", time: link.edgeClock.now(), data: 1).document,
            as: UTF8.self)
        let echo = String(
            decoding: Event(
                id: "h", source: "/lyon/hub", type: "millwright.production-order.released.v1",
                time: link.edgeClock.now(),
                data: 1
            ).document, as: UTF8.self)
        let body =
            "[" + [good[0], #"{"id":"x"}"#, good[1], foreign, good[2], echo, "17", good[3]].joined(separator: ",") + "]"
        try await link.whileRunning { () async throws in
            let header = "epoch=\"epoch-1\", lane=normal, first=1, count=8"
            let response = await link.network.deliver(try link.request(Array(body.utf8), header: header))
            #expect(response.status == 200)
            #expect(HubAnswer(response.body)?.position == 8)
            #expect(link.intake.ids == Link.documents(1, 4).map(\.envelope.id))
            #expect(link.intake.faults.map(\.failure.kind.code) == ["LINK-008", "LINK-014", "LINK-008"])
            #expect(link.intake.faults.map(\.factID) == [2, 4, 7].map { "lyon-edge:epoch-1:normal:\($0)" })
            #expect(
                link.intake.faults.map { String(decoding: $0.original, as: UTF8.self) } == [
                    #"{"id":"x"}"#, foreign, "17",
                ])
        }
    }

    @Test("the very same request again gets the same answer and stores nothing")
    func replay() async throws {
        let link = try Link()
        try await link.whileRunning { () async throws in
            let request = try link.request(Link.body(Link.documents(1, 1)))
            let first = await link.network.deliver(request)
            link.hubClock.advance(.seconds(3_600))
            let second = await link.network.deliver(request)
            #expect(HubAnswer(first.body)?.position == 1)
            #expect(HubAnswer(second.body)?.position == 1)
            #expect(link.intake.ids.filter { $0.hasPrefix("e-") } == Link.documents(1, 1).map(\.envelope.id))
        }
    }

    @Test(
        "a clock that is off is tolerated, told to the edge, and reported once per change",
        arguments: [3_600, -3_600, 61, -61])
    func skew(_ seconds: Int) async throws {
        let link = try Link()
        try await link.whileRunning { () async throws in
            link.edgeClock.advance(.seconds(seconds))
            for number in 1...3 { _ = try await link.uplink.forward(Link.segment(Int64(number), 1)) }
            #expect(link.uplink.clockSkew == .seconds(seconds))
            func reports() -> [JSON] {
                link.intake.documents.filter { $0.envelope.type == "millwright.node.clock-skewed.v1" }
                    .compactMap { try? JSONReader.read($0.bytes) }
            }
            #expect(reports().map { $0["data"]?["skew"] } == [.int(seconds)])
            #expect(FactShape.named("node.clock-skewed")?.faults(in: reports()[0]["data"] ?? .null) == [])
            link.edgeClock.set(link.hubClock.now())
            link.hubClock.advance(.seconds(1))
            link.edgeClock.advance(.seconds(1))
            for number in 4...5 { _ = try await link.uplink.forward(Link.segment(Int64(number), 1)) }
            #expect(reports().count == 2)
            #expect(reports().last?["data"]?["detail"] == "the clock of lyon-edge is right again")
            #expect(link.intake.ids.filter { $0.hasPrefix("e-") }.count == 5)
        }
    }

    @Test("a report of a clock that could not be stored comes again, and the batch counts all the same")
    func skewReportAgain() {
        var watch = ClockWatch()
        let report = watch.observe("a", skew: .seconds(90))
        #expect(report?.isWrong == true)
        if let report { watch.undo(report) }
        #expect(watch.observe("a", skew: .seconds(90)) != nil)
        #expect(watch.observe("a", skew: .seconds(100)) == nil)
        #expect(watch.observe("a", skew: .seconds(-100)) != nil)
        #expect(watch.observe("a", skew: .seconds(2))?.isWrong == false)
        #expect(watch.observe("a", skew: .seconds(2)) == nil)
    }

    @Test("strangers cannot fill the store with what is refused")
    func evidenceIsBounded() async throws {
        let link = try Link()
        try await link.whileRunning { () async throws in
            for number in 0..<100 {
                var request = try link.request(Link.body(Link.documents(1, 1)))
                request.headers["Signature"] = nil
                request.body.append(UInt8(number))
                #expect(await link.network.deliver(request).status == 401)
            }
            #expect(link.intake.faults.count == 20)
            link.hubClock.advance(.seconds(60))
            var request = try link.request(Link.body(Link.documents(1, 1)))
            request.headers["Signature"] = nil
            _ = await link.network.deliver(request)
            #expect(link.intake.faults.count == 21)
            #expect(link.intake.faults.last?.failure.message.contains("80 more such requests were not kept") == true)
        }
    }

    @Test("before it runs, a hub asks to come again")
    func notRunning() async throws {
        let link = try Link()
        let response = await link.network.deliver(try link.request(Link.body(Link.documents(1, 1))))
        #expect(response.status == 503)
        #expect(response.headers["Retry-After"] == "1")
    }

    @Test("whatever is changed in a signed request, nothing but what was signed is ever stored, and nothing crashes")
    func fuzz() async throws {
        let seed: UInt64 = 31_337
        let link = try Link()
        let good = try link.request(
            Link.body(Link.documents(1, 3)), header: "epoch=\"epoch-1\", lane=normal, first=1, count=3")
        try await link.whileRunning { () async throws in
            var random = SeededRandom(seed: seed)
            var statuses: [Int: Int] = [:]
            for round in 0..<4_000 {
                var request = good
                for _ in 0...(random.next() % 2) { Self.spoil(&request, &random) }
                let response = await link.network.deliver(request)
                statuses[response.status, default: 0] += 1
                #expect(
                    [200, 400, 401, 403, 404, 413, 415, 422].contains(response.status), "seed \(seed) round \(round)")
            }
            #expect(statuses[401, default: 0] > 1_000 && statuses[400, default: 0] > 500, "\(statuses)")
            #expect(link.intake.documents.isEmpty || link.intake.documents == Link.documents(1, 3))
            #expect(await link.network.deliver(good).status == 200)
            #expect(link.intake.documents == Link.documents(1, 3))
        }
    }

    /// Flips, cuts, doubles or swaps something somewhere.
    private static func spoil(_ request: inout HTTPRequest, _ random: inout SeededRandom) {
        func pick(_ count: Int) -> Int { Int(random.next() % UInt64(max(1, count))) }
        switch random.next() % 5 {
        case 0: request.body[pick(request.body.count)] ^= UInt8(1 << pick(8))
        case 1: request.body.removeLast(1 + pick(request.body.count - 1))
        default:
            var fields = request.headers.fields
            guard !fields.isEmpty else { return }
            let index = pick(fields.count)
            var bytes = Array(fields[index].value.utf8)
            switch random.next() % 4 {
            case 0 where !bytes.isEmpty: bytes[pick(bytes.count)] = UInt8(0x20 + pick(0x5F))
            case 1 where !bytes.isEmpty: bytes.removeSubrange(pick(bytes.count)...)
            case 2: bytes += bytes
            default:
                fields.remove(at: index)
                request.headers = HTTPHeaders(fields)
                return
            }
            fields[index].value = String(decoding: bytes, as: UTF8.self)
            request.headers = HTTPHeaders(fields)
        }
    }
}
