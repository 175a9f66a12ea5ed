import Foundation

/// Appends a recording to files as the machine did: in the order of time, at a multiple of its pace, in uneven pieces.
actor FilePlayer {
    private let recording: KomaxRecording
    private let folder: String
    /// Nil: as fast as the disk takes it.
    private let speed: Double?
    /// The section whose bytes are left out, though they are counted: to see that the counting finds it.
    private let dropsOneSection: Bool
    private(set) var isDone = false
    private(set) var piecesWritten = 0

    /// `hasPlayed`: an earlier run has written the files, and the machine stands still.
    init(_ recording: KomaxRecording, folder: String, speed: Double?, dropsOneSection: Bool, hasPlayed: Bool) {
        self.recording = recording
        self.folder = folder
        self.speed = speed
        self.dropsOneSection = dropsOneSection
        isDone = hasPlayed
        piecesWritten = hasPlayed ? recording.pieces.count : 0
    }

    /// How much is played, from 0 to 1.
    var progress: Double { Double(piecesWritten) / Double(max(1, recording.pieces.count)) }

    /// Plays everything; ends early when cancelled.
    func run() async throws {
        guard !isDone else { return }
        var handles: [String: FileHandle] = [:]
        var random = SystemRandom(seed: 11)
        var second = recording.pieces.first?.second ?? 0
        var skip = false
        var hasSkipped = !dropsOneSection
        for piece in recording.pieces {
            try Task.checkCancellation()
            if let speed, piece.second > second {
                try await Task.sleep(for: .seconds(Double(piece.second - second) / speed))
            }
            second = max(second, piece.second)
            if piece.bytes.first == UInt8(ascii: "[") {
                skip = !hasSkipped && piece.bytes.starts(with: Array("[JobTerminated]".utf8)) && random.next() % 8 == 0
                if skip { hasSkipped = true }
            }
            if !skip { try write(piece, &handles, split: random.next() % 5 == 0 ? Int(random.next() % 20) : 0) }
            piecesWritten += 1
            if speed == nil, piecesWritten % 500 == 0 { try await Task.sleep(for: .milliseconds(2)) }
        }
        isDone = true
    }

    private func write(_ piece: KomaxRecording.Piece, _ handles: inout [String: FileHandle], split: Int) throws {
        let path = "\(folder)/\(piece.path)"
        let handle: FileHandle
        if let open = handles[path] {
            handle = open
        } else {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            if !FileManager.default.fileExists(atPath: path) {
                try Data().write(to: URL(fileURLWithPath: path))
            }
            handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try handle.seekToEnd()
            handles[path] = handle
        }
        // A reader must be able to meet half a line.
        try handle.write(contentsOf: piece.bytes.prefix(split))
        try handle.write(contentsOf: piece.bytes.dropFirst(split))
    }
}
