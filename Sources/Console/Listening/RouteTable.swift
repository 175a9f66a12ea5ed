import Contracts
import World

/// Finds the route of a request by method and path. A literal segment goes before a `{parameter}`.
struct RouteTable: Sendable {
    enum Endpoint: Sendable {
        case plain(Route)
        case streaming(StreamingRoute)
    }

    enum Match: Sendable {
        /// `omitsBody`: a HEAD request, which the GET route answers.
        case found(Endpoint, parameters: [String: String], omitsBody: Bool)
        case methodNotAllowed(allowed: [String])
        case notFound

        /// The path of the route as it is described; nil where none is meant.
        var route: String? {
            switch self {
            case .found(.plain(let route), _, _): route.path
            case .found(.streaming(let route), _, _): route.path
            case .methodNotAllowed, .notFound: nil
            }
        }
    }

    private enum Segment: Hashable {
        case literal(String)
        case parameter(String)
    }

    /// One path with what answers each of its methods.
    private struct Entry {
        let segments: [Segment]
        var endpoints: [String: Endpoint]

        /// Paths that only differ in their parameters' names are the same path.
        var shape: [String?] { segments.map { if case .literal(let text) = $0 { text } else { nil } } }
    }

    private var entries: [Entry] = []

    /// Throws ``ListenerFailures/routes`` where two routes have the same method and path.
    init(_ routes: [Route], _ streams: [StreamingRoute]) throws(Failure) {
        for route in routes { try add(route.method, route.path, .plain(route)) }
        for route in streams { try add("GET", route.path, .streaming(route)) }
        // Literals first, segment by segment, so that the first entry that fits is the one that says most.
        entries.sort { a, b in
            guard a.segments.count == b.segments.count else { return a.segments.count < b.segments.count }
            for (x, y) in zip(a.shape, b.shape) where (x == nil) != (y == nil) { return y == nil }
            return false
        }
    }

    private mutating func add(_ method: String, _ path: String, _ endpoint: Endpoint) throws(Failure) {
        let segments = Self.split(path).map { text -> Segment in
            text.hasPrefix("{") && text.hasSuffix("}")
                ? .parameter(String(text.dropFirst().dropLast())) : .literal(text)
        }
        let entry = Entry(segments: segments, endpoints: [method: endpoint])
        guard let index = entries.firstIndex(where: { $0.shape == entry.shape }) else {
            entries.append(entry)
            return
        }
        guard entries[index].endpoints[method] == nil else {
            throw Failure(ListenerFailures.routes, "\(method) \(path) is wanted twice")
        }
        entries[index].endpoints[method] = endpoint
    }

    func match(method: String, path: String) -> Match {
        let segments = Self.split(path)
        for entry in entries {
            guard let parameters = Self.fit(entry.segments, segments) else { continue }
            if let endpoint = entry.endpoints[method] {
                return .found(endpoint, parameters: parameters, omitsBody: false)
            }
            if method == "HEAD", case .plain(let route) = entry.endpoints["GET"] {
                return .found(.plain(route), parameters: parameters, omitsBody: true)
            }
            var allowed = Set(entry.endpoints.keys)
            if case .plain = entry.endpoints["GET"] { allowed.insert("HEAD") }
            return .methodNotAllowed(allowed: allowed.sorted())
        }
        return .notFound
    }

    private static func fit(_ pattern: [Segment], _ segments: [String]) -> [String: String]? {
        guard pattern.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (part, text) in zip(pattern, segments) {
            switch part {
            case .literal(let literal): guard literal == text else { return nil }
            case .parameter(let name):
                guard !text.isEmpty else { return nil }
                parameters[name] = PercentCoding.decode(text)
            }
        }
        return parameters
    }

    private static func split(_ path: String) -> [String] {
        path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
    }
}
