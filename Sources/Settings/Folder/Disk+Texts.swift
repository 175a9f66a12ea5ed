import Contracts
package import World

extension Disk {
    /// All bytes of a file. Throws where it cannot be read, and where it has more than `limit` of them.
    package func bytes(of path: String, upTo limit: Int) throws(ScalarRefusal) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            while bytes.count <= limit {
                let more = try read(path, from: bytes.count, upTo: limit + 1 - bytes.count)
                if more.isEmpty { return bytes }
                bytes += more
            }
        } catch {
            throw ScalarRefusal(SettingsFailures.unreadable, "cannot be read: \(error.detail)")
        }
        throw ScalarRefusal(SettingsFailures.tooLarge, "is larger than \(ByteCountText.format(limit))")
    }

    /// The text of a file, which errors call `name`. Throws where it cannot be read, is no UTF-8, or has more than
    /// `limit` bytes.
    package func text(of path: String, as name: String, upTo limit: Int) throws(ScalarRefusal) -> SourceText {
        let bytes = try bytes(of: path, upTo: limit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ScalarRefusal(SettingsFailures.notUTF8, "is not UTF-8")
        }
        return SourceText(path: name, text: text)
    }
}
