import Canonical
import ExactJSON

/// How far the shifts of one asset are told.
struct WindowState: SignalState, Hashable {
    static let family = "window"

    /// Whether anything was seen of the asset.
    private(set) var hasBegun = false
    /// The newest time that a reading told, never ahead of the node's clock: a machine's clock that runs wild must not
    /// end shifts that have not ended.
    var watermark = Instant(microseconds: 0)
    /// When something last came in, by the node's clock, that belongs before ``next`` though that was over.
    var arrival = Instant(microseconds: 0)
    /// All shifts that end up to here are summarised.
    var closed = Instant(microseconds: 0)
    /// The end of the shift that is summarised next; nil where none is in sight.
    var next: Instant?
    /// After this nothing was heard for very long, until ``resumed``; nil where that is not so.
    private(set) var quiet: Instant?
    private(set) var resumed: Instant?
    /// The oldest time of what came in behind its shift's summary, and when that is summarised anew.
    var late: Instant?
    var lateDue: Instant?
    /// What happened before is not known any more, but for ``carry``.
    var floor = Instant(microseconds: 0)
    /// What each voice of the state said last before ``floor``.
    var carry: [String: String] = [:]

    init() {}

    init?(json: JSON) {
        func time(_ name: String) -> Instant? { json[name]?.int.map { Instant(microseconds: Int64($0)) } }
        guard let watermark = time("watermark"), let arrival = time("arrival"), let closed = time("closed"),
            let floor = time("floor"), let carry = json["carry"]?.object
        else { return nil }
        hasBegun = true
        (self.watermark, self.arrival, self.closed, self.floor) = (watermark, arrival, closed, floor)
        (next, late, lateDue) = (time("next"), time("late"), time("lateDue"))
        (quiet, resumed) = (time("quiet"), time("resumed"))
        for (voice, word) in carry { self.carry[voice] = word.string }
    }

    var json: JSON {
        guard hasBegun else { return .null }
        var carried: JSONObject = [:]
        for voice in carry.keys.sorted() { carried[voice] = carry[voice].map { .string($0) } }
        var members: JSONObject = [
            "watermark": .int(Int(watermark.microseconds)), "arrival": .int(Int(arrival.microseconds)),
            "closed": .int(Int(closed.microseconds)), "floor": .int(Int(floor.microseconds)),
            "carry": .object(carried),
        ]
        members["next"] = next.map { .int(Int($0.microseconds)) }
        members["late"] = late.map { .int(Int($0.microseconds)) }
        members["quiet"] = quiet.map { .int(Int($0.microseconds)) }
        members["resumed"] = resumed.map { .int(Int($0.microseconds)) }
        members["lateDue"] = lateDue.map { .int(Int($0.microseconds)) }
        return .object(members)
    }

    /// Nothing is heard of equipment for so long: it has no shifts until something is.
    static let longestQuiet = Duration.seconds(31 * 86_400)

    /// Up to when shifts are told though nothing further is heard.
    var horizon: Instant { watermark + Self.longestQuiet }

    /// The equipment told something at `time`.
    mutating func hear(at time: Instant) {
        guard time > watermark else { return }
        if time > horizon, quiet == nil { (quiet, resumed) = (horizon, time) }
        watermark = time
    }

    /// The shift that ends at ``next`` is of the time in which nothing was heard for very long, which is passed over: a
    /// clock that begins in 1970 must not make as many shifts as have been since.
    mutating func skipQuiet() -> Bool {
        guard let next, let begin = quiet, let end = resumed, next > begin else { return false }
        closed = max(closed, end)
        (quiet, resumed) = (nil, nil)
        return true
    }

    /// Something is seen of the asset for the first time, at `time`: shifts that ended before are none of its business.
    mutating func begin(at time: Instant, floor: Instant) {
        hasBegun = true
        (watermark, closed, self.floor) = (time, time, floor)
    }
}

/// What happened in a quarter of an hour: what the voices of the state said, and what was counted in each minute.
///
/// Shifts begin and end with whole minutes, so counts need no finer place; they are added up in any order.
struct WindowSlot: SignalState, Hashable {
    static let family = "window-slot"
    static let length = Duration.seconds(900)
    /// The most notes of one slot; of further ones only the last counts, and the summary says so.
    static let maximumNotes = 2_000
    /// A word that is said again within so long is not kept.
    static let repetition: Int64 = 10_000_000

    struct Note: Hashable, Sendable {
        /// Microseconds after the slot's begin.
        let offset: Int64
        let voice: String
        let word: String?
    }

    /// In the order of their times; of one time in the order in which they came.
    private(set) var notes: [Note] = []
    private(set) var good: [Int: ExactNumber] = [:]
    private(set) var scrap: [Int: ExactNumber] = [:]
    private(set) var isFull = false

    init() {}

    init?(json: JSON) {
        guard let flat = json["notes"]?.array, flat.count % 3 == 0 else { return nil }
        for index in stride(from: 0, to: flat.count, by: 3) {
            guard let offset = flat[index].int, let voice = flat[index + 1].string else { return nil }
            notes.append(Note(offset: Int64(offset), voice: voice, word: flat[index + 2].string))
        }
        func counts(_ name: String) -> [Int: ExactNumber]? {
            var table: [Int: ExactNumber] = [:]
            for (minute, value) in json[name]?.object ?? [:] {
                guard let minute = Int(minute), let number = value.number else { return nil }
                table[minute] = number
            }
            return table
        }
        guard let good = counts("good"), let scrap = counts("scrap") else { return nil }
        (self.good, self.scrap) = (good, scrap)
        isFull = json["full"]?.bool ?? false
    }

    /// Null where there is nothing, which deletes it.
    var json: JSON {
        guard !notes.isEmpty || !good.isEmpty || !scrap.isEmpty else { return .null }
        var members: JSONObject = [
            "notes": .array(
                notes.flatMap { [.int(Int($0.offset)), .string($0.voice), $0.word.map { .string($0) } ?? .null] })
        ]
        func object(_ counts: [Int: ExactNumber]) -> JSON {
            var table: JSONObject = [:]
            for minute in counts.keys.sorted() { table[String(minute)] = counts[minute].map { .number($0) } }
            return .object(table)
        }
        if !good.isEmpty { members["good"] = object(good) }
        if !scrap.isEmpty { members["scrap"] = object(scrap) }
        if isFull { members["full"] = true }
        return .object(members)
    }

    /// Takes a note at its time's place.
    mutating func note(_ note: Note) {
        let place = notes.lastIndex { $0.offset <= note.offset }.map { $0 + 1 } ?? 0
        let previous = notes[..<place].last { $0.voice == note.voice }
        if let previous, previous.word == note.word, note.offset - previous.offset < Self.repetition { return }
        guard notes.count < Self.maximumNotes else {
            isFull = true
            if place == notes.count { notes[place - 1] = note }
            return
        }
        notes.insert(note, at: place)
    }

    /// Adds to the counts of a minute of the slot.
    mutating func count(_ amount: ExactNumber, minute: Int, isScrap: Bool) throws(ExactNumberError) {
        if isScrap {
            scrap[minute] = try ExactNumber.adding(scrap[minute] ?? ExactNumber(0), amount)
        } else {
            good[minute] = try ExactNumber.adding(good[minute] ?? ExactNumber(0), amount)
        }
    }

    mutating func empty() { self = WindowSlot() }

    /// The number of the slot that `time` is in.
    static func number(_ time: Instant) -> Int64 {
        let step = length.microseconds
        let (quotient, remainder) = time.microseconds.quotientAndRemainder(dividingBy: step)
        return remainder < 0 ? quotient - 1 : quotient
    }

    static func begin(_ number: Int64) -> Instant { Instant(microseconds: number * length.microseconds) }
}

/// The slots of one asset that hold anything, in order.
struct WindowIndex: SignalState, Hashable {
    static let family = "window-index"
    /// The most slots that are kept: three weeks without a pause. Beyond, the oldest are given up.
    static let maximumSlots = 2_016
    var slots: [Int64] = []

    init() {}

    init?(json: JSON) {
        guard let elements = json.array else { return nil }
        slots = elements.compactMap { $0.int.map(Int64.init) }
        guard slots.count == elements.count else { return nil }
    }

    var json: JSON { .array(slots.map { .int(Int($0)) }) }

    /// Notes that a slot holds something; tells whether that is new.
    mutating func insert(_ number: Int64) -> Bool {
        let place = slots.lastIndex { $0 <= number }.map { $0 + 1 } ?? 0
        if place > 0, slots[place - 1] == number { return false }
        slots.insert(number, at: place)
        return true
    }
}

/// The summary of a shift that was last sent, so that a later one is sent only where it says something else.
struct WindowSent: SignalState, Hashable {
    static let family = "window-sent"
    /// 0: none was sent.
    var revision = 0
    var data: JSON = .null

    init() {}

    init?(json: JSON) {
        guard let revision = json["revision"]?.int, let data = json["data"] else { return nil }
        (self.revision, self.data) = (revision, data)
    }

    var json: JSON { revision == 0 ? .null : ["revision": .int(revision), "data": data] }
}
