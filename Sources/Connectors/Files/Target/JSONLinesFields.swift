import Contracts

/// The settings of a JSON Lines target as typed keys.
enum JSONLinesFields {
    static let path = Field<String>(
        "path", .path, required: true, example: "/data/out/events-{date}.jsonl",
        """
        The files to write. `{date}` stands for the day in UTC, `{number}` for the segment's number; without \
        it, the number stands before the ending.
        """
    )
    static let segmentBytes = Field<Int>(
        "segmentBytes", .bytes(4_096...(64 << 30)), default: "64MiB",
        "A segment that has this size is followed by a new one. It ends with the batch that reaches it.")
    static let segmentAge = Field<Duration>(
        "segmentAge", in: .seconds(1)...(.seconds(3_650 * 86_400)), example: "24h",
        "A segment this old is followed by a new one when the next event comes. Without it, age does not matter.")

    static let all: [FieldSpec] = [path.spec, segmentBytes.spec, segmentAge.spec]
}
