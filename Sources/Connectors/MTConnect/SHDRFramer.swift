#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Cuts a stream of bytes into lines, whatever pieces it comes in, in bounded memory.
struct SHDRFramer: Sendable {
    /// One piece of the stream.
    enum Piece: Equatable {
        /// A whole line without its end (LF or CRLF).
        case line(ArraySlice<UInt8>)
        /// A line longer than the bound: its beginning; the rest was passed over.
        case overlong([UInt8])
    }

    /// Bytes that a line may have.
    let maximum: Int
    /// Bytes of an overlong line that are kept.
    let kept: Int
    private var pending: [UInt8] = []
    private var isSkipping = false

    init(maximum: Int, kept: Int) {
        self.maximum = maximum
        self.kept = min(kept, maximum)
    }

    /// Takes more bytes and hands each piece to `body`, in order.
    mutating func take(_ bytes: [UInt8], _ body: (Piece) -> Void) {
        var start = 0
        while start < bytes.count {
            guard let end = Self.lineEnd(bytes, from: start) else { return hold(bytes[start...], body) }
            if isSkipping {
                isSkipping = false
            } else if pending.isEmpty, end - start <= maximum {
                body(.line(Self.withoutReturn(bytes[start..<end])))
            } else if pending.count + end - start <= maximum {
                pending.append(contentsOf: bytes[start..<end])
                body(.line(Self.withoutReturn(pending[...])))
                pending.removeAll(keepingCapacity: true)
            } else {
                overflow(bytes[start..<end], body)
                isSkipping = false
            }
            start = end + 1
        }
    }

    /// What was left when the stream ended: the beginning of a line that never came whole. Empty where there is none.
    mutating func end() -> [UInt8] {
        defer {
            pending = []
            isSkipping = false
        }
        return Array(pending.prefix(kept))
    }

    private mutating func hold(_ bytes: ArraySlice<UInt8>, _ body: (Piece) -> Void) {
        guard !isSkipping else { return }
        if pending.count + bytes.count <= maximum {
            pending.append(contentsOf: bytes)
        } else {
            overflow(bytes, body)
        }
    }

    private mutating func overflow(_ bytes: ArraySlice<UInt8>, _ body: (Piece) -> Void) {
        pending.append(contentsOf: bytes.prefix(max(0, kept - pending.count)))
        body(.overlong(Array(pending.prefix(kept))))
        pending = []
        isSkipping = true
    }

    /// The index of the next LF; the C library's search is many times faster than a loop, which shows on lines
    /// without end.
    private static func lineEnd(_ bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, let found = memchr(base + start, 0x0A, buffer.count - start) else {
                return nil
            }
            return UnsafeRawPointer(found) - base
        }
    }

    private static func withoutReturn(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        line.last == 0x0D ? line.dropLast() : line
    }
}
