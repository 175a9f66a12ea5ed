import Foundation

/// Gives back the pages of program text and constants that only the start needed: reading settings, checking
/// certificates, looking up conformances. They are clean copies of files; what is used again comes back from the system's
/// cache by itself. A node runs for months, and would otherwise keep what its first second touched.
enum StartupPages {
    /// Lets go of every mapping of a file that cannot be written and was not (a relocated one was). Best effort: nothing
    /// depends on it.
    static func release() {
        // Read to its end in pieces: the system does not say how long this file is.
        guard let handle = FileHandle(forReadingAtPath: "/proc/self/smaps"), let data = try? handle.readToEnd() else {
            return
        }
        let maps = String(decoding: data, as: UTF8.self)
        var current: Range<UInt>?
        for line in maps.split(separator: "\n") {
            let parts = line.split(separator: " ")
            if let range = range(parts) {
                current = isFileForReading(parts) ? range : nil
            } else if parts.first == "Anonymous:" {
                // The last word on whether pages differ from the file; it follows the sizes.
                if parts.count > 1, parts[1] == "0", let current { release(current) }
                current = nil
            }
        }
    }

    private static func range(_ parts: [Substring]) -> Range<UInt>? {
        guard parts.count >= 5, let first = parts.first else { return nil }
        let ends = first.split(separator: "-").compactMap { UInt(String($0), radix: 16) }
        return ends.count == 2 && ends[0] < ends[1] ? ends[0]..<ends[1] : nil
    }

    /// Address range, permissions, offset, device, inode, path.
    private static func isFileForReading(_ parts: [Substring]) -> Bool {
        parts.count >= 6 && (parts[1] == "r-xp" || parts[1] == "r--p") && parts[5].hasPrefix("/")
    }

    private static func release(_ range: Range<UInt>) {
        guard let start = UnsafeMutableRawPointer(bitPattern: range.lowerBound) else { return }
        // Without this a single touch maps two megabytes, where the system keeps the file in large pages.
        _ = madvise(start, range.count, MADV_NOHUGEPAGE)
        _ = madvise(start, range.count, MADV_DONTNEED)
    }
}
