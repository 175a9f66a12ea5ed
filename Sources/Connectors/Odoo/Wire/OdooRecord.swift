package import Contracts

/// One record of an Odoo, by its model and database id.
package struct OdooRecord: Sendable, Hashable {
    /// The technical name: `mrp.production`.
    package let model: String
    /// The database id.
    package let id: Int

    package init(_ model: String, _ id: Int) {
        self.model = model
        self.id = id
    }

    /// Reads a reference such as `mrp.production,42`; nil for anything else.
    package init?(reference: String) {
        let parts = reference.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let id = Int(parts[1]), id > 0 else { return nil }
        self.init(String(parts[0]), id)
    }

    /// What a failure says of it, with its page in the web client of the Odoo at `endpoint`; nil where there is no such
    /// page.
    package func subject(at endpoint: String) -> FailureSubject? {
        guard id > 0, let base = Self.base(of: endpoint) else { return nil }
        // Odoo 16 and 17 write addresses so; 18 and 19 know them and lead on to their own.
        let page = "\(base)/web#id=\(id)&model=\(Self.escaped(model))&view_type=form"
        return FailureSubject(system: "Odoo", title: "\(model),\(id)", url: page)
    }

    /// The endpoint without what no link may hold: user, password and query.
    private static func base(of endpoint: String) -> String? {
        let small = endpoint.lowercased()
        guard let scheme = ["https://", "http://"].first(where: { small.hasPrefix($0) }) else { return nil }
        let rest = endpoint.dropFirst(scheme.count).prefix { $0 != "?" && $0 != "#" }
        let authority = rest.prefix { $0 != "/" }
        guard let host = authority.split(separator: "@", omittingEmptySubsequences: false).last, !host.isEmpty else {
            return nil
        }
        var path = rest.dropFirst(authority.count)
        while path.hasSuffix("/") { path.removeLast() }
        return "\(scheme)\(host)\(path)"
    }

    /// Percent-encoded, but for what is left as it is everywhere in an address (RFC 3986, 2.3).
    private static func escaped(_ text: String) -> String {
        var output = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "~"):
                output.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                output += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return output
    }
}
