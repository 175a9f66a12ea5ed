import Canonical
import Contracts
import ExactJSON

/// Where the output stands: stored beside it **before** each append, so that after a crash the file itself shows how
/// much of the append it holds.
struct OutputState: Sendable, Hashable {
    /// The append that was about to happen.
    struct Append: Sendable, Hashable {
        var lane: Lane
        /// The sequence of its first line.
        var first: Int64
        var count: Int
    }

    /// The store's epoch that the positions belong to.
    var epoch = ""
    /// How far each lane is in the files, before the append.
    var positions: [Lane: Int64] = [:]
    /// The segment's file name and number; none before the first.
    var segment = ""
    var number = 0
    /// When the segment was begun.
    var opened = Instant(microseconds: 0)
    /// The segment's size before the append.
    var size = 0
    var append: Append?

    var json: JSON {
        var lanes = JSONObject()
        for lane in Lane.allCases { if let position = positions[lane] { lanes[lane.name] = .int(Int(position)) } }
        var value: JSON = [
            "epoch": .string(epoch), "positions": .object(lanes), "segment": .string(segment), "number": .int(number),
            "opened": .string(opened.description), "size": .int(size),
        ]
        if let append {
            value["append"] = [
                "lane": .string(append.lane.name), "first": .int(Int(append.first)), "count": .int(append.count),
            ]
        }
        return value
    }

    init() {}

    /// Nil where the document is none of this kind.
    init?(_ json: JSON) {
        guard let epoch = json["epoch"]?.string, let lanes = json["positions"]?.object,
            let segment = json["segment"]?.string,
            let number = json["number"]?.int, let size = json["size"]?.int, size >= 0,
            let opened = json["opened"]?.string.flatMap({ Instant(text: $0) })
        else { return nil }
        for (name, value) in lanes {
            guard let lane = Lane(name: name), let position = value.int else { return nil }
            positions[lane] = Int64(position)
        }
        if let append = json["append"] {
            guard let lane = append["lane"]?.string.flatMap({ Lane(name: $0) }), let first = append["first"]?.int,
                let count = append["count"]?.int
            else { return nil }
            self.append = Append(lane: lane, first: Int64(first), count: count)
        }
        (self.epoch, self.segment, self.number, self.opened, self.size) = (epoch, segment, number, opened, size)
    }

    /// Whether both were stored before one and the same append.
    func isSameAppend(as other: OutputState) -> Bool {
        append != nil && append == other.append && epoch == other.epoch && segment == other.segment
            && size == other.size
    }

    /// The append is over, and the file now has `size` bytes with `lines` whole lines of it.
    mutating func settle(lines: Int, size: Int) {
        if let append {
            positions[append.lane] = append.first - 1 + Int64(min(lines, append.count))
        }
        append = nil
        self.size = size
    }
}
