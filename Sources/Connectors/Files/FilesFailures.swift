package import Contracts

/// What can go wrong with files, each with its stable code.
package enum FilesFailures {
    package static let folder = FailureKind(
        "FILES-001", "the folder cannot be read",
        remedy: "Check that the folder exists on this node and that Millwright's user may list it; it is tried again.")
    package static let unreadable = FailureKind(
        "FILES-002", "a file cannot be read",
        remedy:
            """
            Give Millwright's user the right to read the file; it is tried again at every poll, and nothing of \
            it is passed over.
            """
    )
    package static let encoding = FailureKind(
        "FILES-003", "bytes that the file's encoding does not have",
        remedy:
            """
            Set the source's `encoding` to what the machine writes (often windows-1252); the record's bytes are \
            kept here.
            """
    )
    package static let tooLong = FailureKind(
        "FILES-004", "a line or record is longer than allowed",
        remedy:
            """
            Its beginning is kept here and the rest was passed over; raise `maximum` if such records are meant \
            to be read.
            """
    )
    package static let zeroBytes = FailureKind(
        "FILES-005", "zero bytes where text should stand",
        remedy: """
            A power cut while the machine wrote leaves these behind: what it wrote at that moment is lost in \
            the file itself. Compare with the machine's own counts; what follows was read.
            """)
    package static let outsideSection = FailureKind(
        "FILES-006", "text outside of any section",
        remedy: "Check that the file is of the kind `sections`, and what `end` says about where a section ends.")
    package static let noEquals = FailureKind(
        "FILES-007", "a line in a section that is not key=value",
        remedy: "The section waits here whole; if such lines are comments, name their first character in `comment`.")
    package static let surplusFields = FailureKind(
        "FILES-008", "a row with more fields than there are columns",
        remedy: "Check `delimiter`, and that `columns` or the header row names every column.")
    package static let openQuote = FailureKind(
        "FILES-009", "a quoted field that is never closed",
        remedy:
            """
            The line waits here, and reading went on with the next one; if quotes mean nothing in this file, \
            set `quote: none`.
            """
    )
    package static let afterQuote = FailureKind(
        "FILES-010", "text behind a closing quote",
        remedy:
            """
            A quote within a quoted field must be doubled (RFC 4180); if quotes mean nothing in this file, set \
            `quote: none`.
            """
    )
    package static let json = FailureKind(
        "FILES-011", "a line that is not a JSON object",
        remedy: "Each line must be one JSON object; the line's bytes are kept here.")
    package static let time = FailureKind(
        "FILES-012", "a time that cannot be read",
        remedy:
            """
            Correct `time` and `timeField` in the source if all times fail; a single one is the machine's \
            mistake, and its record waits here.
            """
    )
    package static let truncated = FailureKind(
        "FILES-013", "the file became shorter than what was read of it",
        remedy: """
            It is read from its beginning as a new one. If this is how the machine rotates its files, set \
            `truncation: expected`; if not, find out who emptied it, because what it had not been read of is \
            lost.
            """)
    package static let tooManyFiles = FailureKind(
        "FILES-014", "more files than the source may follow",
        remedy: "Narrow `pattern`, set `ignoreOlder`, or raise `files`; the ones left out are not read.")
    package static let unfinished = FailureKind(
        "FILES-015", "a file went away in the middle of a record",
        remedy: "The beginning of the record is kept here; compare with the machine's own counts.")
    package static let document = FailureKind(
        "FILES-016", "a document was refused",
        remedy:
            "Correct the file in the failed folder, remove its .error.json, and move it to the incoming folder again.")
    package static let event = FailureKind(
        "FILES-017", "an element that is not a CloudEvents 1.0 event",
        remedy: "Correct the element: id, source, type, time and specversion 1.0 are required.")
    package static let setAside = FailureKind(
        "FILES-018", "a document that was taken in cannot be moved away",
        remedy: "Give Millwright's user the right to write in the folder; the document is not taken in again meanwhile."
    )
    package static let write = FailureKind(
        "FILES-019", "the output file cannot be written",
        remedy:
            """
            Make room, or give Millwright's user the right to write in the folder; it is tried again, and \
            nothing is lost.
            """
    )
    package static let writeState = FailureKind(
        "FILES-020", "the output's position file cannot be read",
        remedy:
            """
            Restore it from a backup, or move it away: writing then goes on in a new segment, where the last \
            events may stand again.
            """
    )

    package static let row = FailureKind(
        "FILES-021", "a command makes no row",
        remedy:
            """
            Correct the value at its source, the flow's map, or the column's width, `missing`, `nested` or the \
            `encoding`, then resubmit; nothing of it was written.
            """
    )
    package static let maybeWritten = FailureKind(
        "FILES-022", "a row may have been written already",
        remedy: "Look for it in the files. If it is there, discard this with a note; if not, resubmit it.")
    package static let name = FailureKind(
        "FILES-023", "a name that is no UTF-8",
        remedy:
            """
            Rename it, and let the program or the network share that makes such names use UTF-8; nothing of it is \
            read meanwhile, and everything beside it is.
            """
    )

    /// Every kind, for the reference.
    package static let all: [FailureKind] = [
        folder, unreadable, encoding, tooLong, zeroBytes, outsideSection, noEquals, surplusFields, openQuote,
        afterQuote, json, time, truncated, tooManyFiles, unfinished, document, event, setAside, write,
        writeState, row, maybeWritten, name,
    ]

    /// `path` is shown with escapes.
    static func brokenName(_ path: String, in folder: String) -> Failure {
        Failure(name, "the name of \(path) in \(folder) is no UTF-8; what is none stands here as \\x and two digits")
    }
}
