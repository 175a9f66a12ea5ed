package import Canonical
package import ExactJSON
package import World

/// One thing that a machine said: a tag's value, or a record with fields.
package struct Reading: Sendable {
    package enum Value: Sendable, Hashable {
        /// A tag's new value.
        case value(JSON)
        /// The machine says that it does not know, or the connection is gone.
        case unavailable
        /// A record: a section, a row, a JSON line, an asset document.
        case record(JSONObject)
    }

    package var asset: AssetID
    /// The tag (`ppartcount`), or the record's kind (`JobTerminated`).
    package var name: String
    package var value: Value
    package var time: Instant
    /// Names the fact within its source: unique, ascending, the same when the fact is read again
    /// (`<file fingerprint>:<offset, padded>`). Nil where the protocol gives none: signals then use their own state.
    package var factID: String?
    package var origin: Origin
    /// The bytes it was read from, at most ``Limits/originalBytes``.
    package var original: [UInt8]

    package init(
        asset: AssetID, name: String, value: Value, time: Instant, factID: String? = nil, origin: Origin,
        original: [UInt8] = []
    ) {
        self.asset = asset
        self.name = name
        self.value = value
        self.time = time
        self.factID = factID
        self.origin = origin
        self.original = original
    }
}

/// Where something was read, for a person: `03/Job.sdc line 14 (byte 412)`.
package struct Origin: Sendable, Hashable, CustomStringConvertible {
    /// File path below the source's folder, or the peer's address.
    package var place: String
    package var line: Int?
    package var byte: Int?
    /// The tag or field.
    package var tag: String?

    package init(_ place: String, line: Int? = nil, byte: Int? = nil, tag: String? = nil) {
        self.place = place
        self.line = line
        self.byte = byte
        self.tag = tag
    }

    package var description: String {
        var text = place
        if let line { text += " line \(line)" }
        if let byte { text += " (byte \(byte))" }
        if let tag { text += " tag \(tag)" }
        return text
    }

    /// Characters of a place that an event keeps; of a longer one it keeps the end, where the file's name stands.
    private static let keptPlace = 240

    /// The name of the extension attribute in which an event says where it was read.
    package static let attribute = "origin"

    /// What an event says of where it was read: ``description``, its place bounded.
    package var attributeText: String {
        guard place.count > Self.keptPlace else { return description }
        var short = self
        short.place = "…" + place.suffix(Self.keptPlace)
        return short.description
    }
}

/// Input that could not be read: what, where, why, and what to do, with the original bytes.
package struct InputFault: Sendable {
    package let failure: Failure
    package let origin: Origin
    /// At most ``Limits/originalBytes``.
    package let original: [UInt8]
    package let time: Instant
    /// Names the fault within its source, so that reading the same bytes again does not report them twice.
    package let factID: String?

    package init(failure: Failure, origin: Origin, original: [UInt8], time: Instant, factID: String? = nil) {
        self.failure = failure
        self.origin = origin
        self.original = original
        self.time = time
        self.factID = factID
    }
}
