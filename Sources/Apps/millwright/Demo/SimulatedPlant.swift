import Canonical
import Foundation

/// A small plant out of the box: a wire-processing machine that writes Komax-like logs, and a turning machine that speaks
/// SHDR; with orders, lots, scrap, downtime and a maintenance request among what they do.
struct SimulatedPlant: Sendable {
    let komax: KomaxRecording
    let shdr: SHDRRecording

    /// Two shifts of the plant, from a seed.
    init(seed: UInt64, orders: Int) {
        var random = SystemRandom(seed: seed)
        var pieces: [KomaxRecording.Piece] = []
        var facts: [String: [Int]] = [:]
        var second = (CivilDate(year: 2026, month: 3, day: 2)?.daysSinceEpoch ?? 0) * 86_400 + 6 * 3_600
        for order in 0..<orders {
            let job = "WH/MO/\(1000 + order / 2), \(order % 2 + 1)"
            let article = "HARNESS-\(10 + order % 5)"
            let key = "\(job), \(article)"
            let runs = Int(random.next() % 2) + 1
            for _ in 0..<runs {
                let made = Int(random.next() % 40) + 5
                second += 20
                pieces.append(Self.section("JobStarted", second, job, article, ["JobRequestedPieces": "50"]))
                for _ in 0..<3 {
                    second += 60
                    pieces.append(
                        Self.section("Counter", second, nil, nil, ["Wire": "WIRE-07, \(made * 400), \(made * 398)"]))
                }
                second += 120
                pieces.append(
                    Self.section(
                        "JobTerminated", second, job, article,
                        ["JobRequestedPieces": "50", "TotalGoodPieces": String(made)]))
                facts[key, default: []].append(made)
            }
            if order % 7 == 6 {
                second += 10
                pieces.append(
                    Self.section("JobTerminated", second, "LOCAL(\(order)), 1", article, ["TotalGoodPieces": "3"]))
                facts["LOCAL(\(order)), 1, \(article)", default: []].append(3)
            }
        }
        komax = KomaxRecording(pieces: pieces, facts: facts)
        shdr = SHDRRecording.turningMachine(seed: seed, parts: orders, start: second)
    }

    private static func section(
        _ name: String, _ second: Int, _ job: String?, _ article: String?, _ fields: [String: String]
    ) -> KomaxRecording.Piece {
        let date = CivilDate(daysSinceEpoch: second / 86_400)
        let stamp = String(
            format: "%02d/%02d/%04d,%02d:%02d:%02d", date.day, date.month, date.year, second / 3_600 % 24,
            second / 60 % 60, second % 60)
        var text = "[\(name)]\r\nDateTimeStamp=\(stamp)\r\n"
        if let job { text += "Job=\(job)\r\n" }
        if let article { text += "ArticleKey=\(article)\r\n" }
        if job != nil { text += "UserName=ANNA\r\n" }
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) { text += "\(key)=\(value)\r\n" }
        text += "\r\n"
        let file = name == "Counter" ? "Producti.sdc" : "Job.sdc"
        let day = String(format: "%02d", date.day)
        return KomaxRecording.Piece(path: "\(day)/\(file)", bytes: Array(text.utf8), second: second)
    }
}

/// Random numbers of the demo's plant: repeatable, so that two runs can be compared.
struct SystemRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 2 &+ 1 }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var z = state
        z = (z ^ (z >> 32)) &* 0xDABA_0B6E_B093_22E3
        return z ^ (z >> 32)
    }
}
