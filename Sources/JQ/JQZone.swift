/// A time zone that a host gives to a run, for `localtime` and `strflocaltime`.
///
/// A program has no zone of its own: without one from the host, local time is UTC.
public struct JQZone: Sendable {
    /// What holds at a moment.
    public struct Offset: Sendable, Equatable {
        /// Seconds east of UTC.
        public let seconds: Int
        /// The name that `%Z` writes, such as `CEST`.
        public let abbreviation: String

        /// `seconds` east of UTC, called `abbreviation`.
        public init(seconds: Int, abbreviation: String) {
            self.seconds = seconds
            self.abbreviation = abbreviation
        }
    }

    let offset: @Sendable (_ secondsSince1970: Int) -> Offset

    /// A zone by what holds at each moment, given in seconds since 1970-01-01T00:00:00Z.
    public init(_ offset: @escaping @Sendable (_ secondsSince1970: Int) -> Offset) {
        self.offset = offset
    }

    /// Coordinated universal time.
    public static let utc = JQZone { _ in Offset(seconds: 0, abbreviation: "UTC") }

    /// What holds at the moment that clocks of the zone show as `local` (seconds as if it were UTC). Where a time
    /// comes twice or never, either answer may be given.
    func offset(atLocal local: Int) -> Offset {
        let first = offset(local)
        return offset(local - first.seconds)
    }
}
