/// Finds the series that are none: files whose names look like those of a rotation, but that are written at the same
/// time, such as `station1.log` and `station2.log`. Each of them is a series of its own, so that none waits for
/// another to be silent.
struct SideBySide: Sendable {
    /// The most series that are remembered.
    static let maximum = 10_000

    private struct Growth: Sendable {
        var identity: String
        var survey: Int
    }

    /// A file that grew while one that comes behind it held something already.
    private var growths: [String: Growth] = [:]
    /// When it was last seen that files of a series are written at the same time.
    private var found: [String: Duration] = [:]

    func isFound(_ series: String) -> Bool { found[series] != nil }

    /// Takes note that a file, which held something before, grew since the last survey.
    ///
    /// A rotated file does not grow once its successor holds something. Where one does, and so does the other
    /// afterwards, they are no rotation. (One alone may be the log itself, beside an old one that a person put there.)
    mutating func grew(_ file: FollowedFile, in survey: Int, at now: Duration) {
        if let other = growths[file.series], other.identity != file.identity, let filledIn = file.filledIn,
            filledIn < other.survey, found.count < Self.maximum
        {
            found[file.series] = now
            growths[file.series] = nil
        } else if file.hasYounger, growths.count < Self.maximum {
            growths[file.series] = Growth(identity: file.identity, survey: survey)
        }
    }

    /// Files may come to be rotated later: what was found before is to be found again.
    mutating func forget(before time: Duration) {
        guard !found.isEmpty else { return }
        found = found.filter { $0.value >= time }
    }
}
