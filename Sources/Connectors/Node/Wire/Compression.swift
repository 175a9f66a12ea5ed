import CZlib
package import Contracts

/// The content codings of the link (RFC 9110 section 8.4.1): compressing, and inflating within a hard bound.
package enum Compression: String, Sendable, CaseIterable {
    /// RFC 1952.
    case gzip
    /// RFC 1950, which HTTP calls deflate.
    case deflate

    /// The least effort: a batch of events shrinks to about a tenth with it already, and more costs an edge its one
    /// core.
    private static let level: Int32 = 1

    private var windowBits: Int32 {
        switch self {
        case .gzip: 15 + 16
        case .deflate: 15
        }
    }

    /// The compressed bytes. Throws ``NodeFailures/compression`` where the library cannot work (no memory).
    package func compress(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        guard bytes.count <= Int(UInt32.max), millwright_deflate_begin(&stream, Self.level, windowBits) == Z_OK else {
            throw Failure(NodeFailures.compression, "\(bytes.count) bytes cannot be compressed")
        }
        defer { deflateEnd(&stream) }
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
        var input = bytes
        let code = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                return CZlib.deflate(&stream, Z_FINISH)
            }
        }
        guard code == Z_STREAM_END else {
            throw Failure(NodeFailures.compression, "\(bytes.count) bytes cannot be compressed (zlib says \(code))")
        }
        output.removeLast(Int(stream.avail_out))
        return output
    }

    /// The inflated bytes, at most `limit` of them.
    ///
    /// Nothing beyond the bound is ever inflated, however small the input. Throws ``NodeFailures/tooLarge`` at the
    /// bound, and ``NodeFailures/compression`` for bytes that are no whole stream, or that go on behind its end.
    package func inflate(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        guard bytes.count <= Int(UInt32.max), millwright_inflate_begin(&stream, windowBits) == Z_OK else {
            throw Failure(NodeFailures.compression, "\(bytes.count) bytes cannot be inflated")
        }
        defer { inflateEnd(&stream) }
        var input = bytes
        var output: [UInt8] = []
        output.reserveCapacity(min(limit, bytes.count * 8))
        // One byte of room beyond the bound tells a body that just fits from one that goes on.
        var chunk = [UInt8](repeating: 0, count: min(64 << 10, limit + 1))
        let outcome = input.withUnsafeMutableBufferPointer { source -> Result<Void, Failure> in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            while true {
                let (code, made) = Self.step(&stream, &chunk)
                output.append(contentsOf: chunk[..<made])
                guard output.count <= limit else {
                    return .failure(
                        Failure(NodeFailures.tooLarge, "\(source.count) compressed bytes inflate to more than \(limit)")
                    )
                }
                if code == Z_STREAM_END { return .success(()) }
                guard code == Z_OK, made > 0 || stream.avail_in > 0 else {
                    return .failure(
                        Failure(
                            NodeFailures.compression,
                            "the body is no whole \(rawValue) data: it breaks \(stream.avail_in) bytes before its end"
                        ))
                }
            }
        }
        try outcome.get()
        guard stream.avail_in == 0 else {
            throw Failure(NodeFailures.compression, "\(stream.avail_in) bytes follow behind the compressed body")
        }
        return output
    }

    private static func step(_ stream: inout z_stream, _ chunk: inout [UInt8]) -> (code: Int32, made: Int) {
        chunk.withUnsafeMutableBufferPointer { target in
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            let code = CZlib.inflate(&stream, Z_NO_FLUSH)
            return (code, target.count - Int(stream.avail_out))
        }
    }
}
