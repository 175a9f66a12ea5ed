import Contracts
import ExactJSON

/// The name under which a record is found again: made of the command's key alone, so that the same command makes the
/// same record.
enum ExternalID {
    /// The module part of all external ids of this connector's; no installed module has it, so no upgrade removes them.
    static let module = "__millwright__"
    /// Bytes of a name; a longer one is cut and told apart by a hash of the whole.
    static let maximumBytes = 200

    /// `scrap_lyon-hub_2Fodoo_2F17`: letters, digits and `-` as they are, every other byte as `_` and two hexadecimal
    /// digits.
    static func name(_ kind: String, _ key: String) -> String {
        var output = kind + "_"
        for byte in key.utf8 {
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x2D
            if isPlain {
                output.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                output += "_" + (hex.utf8.count == 1 ? "0" + hex : hex)
            }
        }
        guard output.utf8.count > maximumBytes else { return output }
        return String(output.prefix(maximumBytes - 18)) + "__" + String(fingerprint(key), radix: 16)
    }

    static func qualified(_ name: String) -> String { "\(module).\(name)" }

    /// The name of the line at `index` of a record that has lines.
    static func line(_ name: String, _ field: String, _ index: Int) -> String { "\(name)__\(field)_\(index)" }

    /// FNV-1a, 64 bits (RFC 9923): tells long keys apart that begin alike.
    private static func fingerprint(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }
}

extension OdooConnection {
    /// The model and id of the record under an external id; nil where there is none, or where it was deleted.
    ///
    /// `check_object_reference` reads, needs no rights on `ir.model.data`, and exists in every version.
    func reference(module: String, name: String) async throws(OdooError) -> (model: String, id: Int)? {
        let call = OdooCall(
            "ir.model.data", "check_object_reference", ["module": .string(module), "xml_id": .string(name)],
            isWrite: false)
        do {
            let answer = try await self.call(call)
            guard let model = answer[0]?.string, let id = answer[1]?.int else { return nil }
            return (model, id)
        } catch {
            // Odoo raises a plain ValueError where the name is not known, and nowhere else in this method.
            if error.exception?.hasSuffix("ValueError") == true { return nil }
            throw error
        }
    }
}

extension OdooSession {
    /// The record of this connector's under the name; nil where there is none, or where it was deleted.
    func record(externalID name: String) async throws(OdooError) -> Int? {
        try await connection.reference(module: ExternalID.module, name: name)?.id
    }
}

/// Reads what `load` answers: ids, or messages in an answer that is otherwise a success. Pure.
enum LoadAnswer {
    static func id(_ answer: JSON, model: String) throws(OdooError) -> Int {
        if let id = answer["ids"]?[0]?.int { return id }
        let messages = (answer["messages"]?.array ?? []).compactMap { $0["message"]?.string }
        let words = OdooAnswer.plain(messages.joined(separator: "; "))
        // `load` catches lost races and reports them as text, in PostgreSQL's own words, which are not translated.
        let races = ["could not serialize", "deadlock detected", "could not obtain lock"]
        if races.contains(where: { race in messages.contains { $0.contains(race) } }) {
            throw OdooError(
                .deferred(after: nil, isTargetDown: false), Failure(OdooFailures.busy, "\(model): \(words)"))
        }
        throw .reject(
            OdooFailures.constraint, "\(model): \(words.isEmpty ? "Odoo took the record, and gave no id" : words)")
    }
}
