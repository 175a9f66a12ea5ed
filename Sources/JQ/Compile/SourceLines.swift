/// Turns byte offsets of a program into lines and columns.
struct SourceLines: Sendable {
    private let bytes: [UInt8]

    init(_ source: String) { bytes = Array(source.utf8) }

    /// Line, and column in characters (code points), both from 1.
    func position(of offset: Int) -> (line: Int, column: Int) {
        var (line, column) = (1, 1)
        for byte in bytes.prefix(max(offset, 0)) {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return (line, column)
    }
}
