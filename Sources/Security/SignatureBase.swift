package import Contracts
package import World

/// The bytes that a message signature is made over (RFC 9421 section 2.5).
package enum SignatureBase {
    /// The base of `request` for these parameters. Throws ``SecurityFailures/signature`` where a covered component is
    /// not there.
    package static func bytes(_ parameters: SignatureParameters, of request: HTTPRequest) throws(Failure) -> [UInt8] {
        var lines = ""
        for component in parameters.components {
            let value = try component.hasPrefix("@") ? derived(component, request) : field(component, request.headers)
            guard !value.contains(where: \.isNewline) else {
                throw Failure(SecurityFailures.signature, "the component \(component) has a line break in it")
            }
            lines += "\"\(component)\": \(value)\n"
        }
        return Array((lines + "\"@signature-params\": \(parameters.text)").utf8)
    }

    /// Derived components (RFC 9421 section 2.2).
    private static func derived(_ component: String, _ request: HTTPRequest) throws(Failure) -> String {
        switch component {
        case "@method": return request.method
        case "@path":
            let path = Self.path(of: request.target)
            return path.isEmpty ? "/" : path
        case "@query":
            guard let mark = request.target.firstIndex(of: "?") else { return "?" }
            return String(request.target[mark...])
        case "@authority":
            if let authority = authority(of: request.target) ?? request.headers["Host"] {
                return authority.lowercased()
            }
            throw Failure(SecurityFailures.signature, "the request names no host, which must be signed")
        default: throw Failure(SecurityFailures.signature, "the component \(component) is not known here")
        }
    }

    /// A field's value (RFC 9421 section 2.1). One that comes twice is refused: who reads only the first would read
    /// another message than the one that was signed.
    private static func field(_ name: String, _ headers: HTTPHeaders) throws(Failure) -> String {
        let values = headers.fields.filter { $0.name.lowercased() == name }.map(\.value)
        guard let value = values.first else {
            throw Failure(SecurityFailures.signature, "the field \(name), which must be signed, is missing")
        }
        guard values.count == 1 else {
            throw Failure(SecurityFailures.signature, "the field \(name) comes \(values.count) times")
        }
        let inner = value.drop { $0 == " " || $0 == "\t" }
        let end = inner.lastIndex { $0 != " " && $0 != "\t" }
        return end.map { String(inner[...$0]) } ?? ""
    }

    private static func authority(of target: String) -> String? {
        guard let scheme = target.firstRange(of: "://") else { return nil }
        return String(target[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" })
    }

    /// The path of an absolute target or of an incoming one, still encoded.
    private static func path(of target: String) -> String {
        let whole = target.prefix { $0 != "?" }
        guard let scheme = whole.firstRange(of: "://") else { return String(whole) }
        return String(whole[scheme.upperBound...].drop { $0 != "/" })
    }
}
