import Canonical
import Contracts
import ExactJSON
import Foundation

/// The recorded log files of a wire-processing machine, where they are at hand.
enum Komax {
    static let days = ["03", "04", "05", "06", "07"]

    /// The package's folder, then the recordings beside it.
    static let folder: String = {
        var parts = #filePath.split(separator: "/").map(String.init)
        parts.removeLast(4)
        let root = "/" + parts.joined(separator: "/")
        return root + "/../shared/data/komax-565"
    }()

    static var isHere: Bool {
        let isHere = FileManager.default.fileExists(atPath: folder + "/03/Job.sdc")
        if !isHere { print("skipped: the recordings are not at \(folder)") }
        return isHere
    }

    static func bytes(_ path: String) -> [UInt8] {
        (try? Data(contentsOf: URL(fileURLWithPath: folder + "/" + path))).map { Array($0) } ?? []
    }

    /// Good pieces of the records that end a run: of orders, of jobs that were started at the machine, and the orders
    /// with pieces.
    static func count(_ readings: [Reading]) -> (orders: Int, local: Int, withPieces: Int) {
        var orders = 0
        var local = 0
        var lines: Set<String> = []
        for reading in readings where reading.name == "JobTerminated" || reading.name == "JobAborted" {
            guard case .record(let fields) = reading.value,
                let pieces = fields["TotalGoodPieces"]?.string.flatMap({ Int($0) }),
                let job = fields["Job"]?.string, let article = fields["ArticleKey"]?.string
            else { continue }
            if job.hasPrefix("LOCAL") {
                local += pieces
            } else {
                orders += pieces
                if pieces > 0 { lines.insert("\(job), \(article)") }
            }
        }
        return (orders, local, lines.count)
    }
}
