package import World

/// A GET route that is answered piece by piece until the pieces end, the client goes, or the listener stops.
package struct StreamingRoute: Sendable {
    /// What a handler says: a stream, or a plain answer where there is nothing to stream.
    package enum Answer: Sendable {
        /// Each chunk is sent as it comes; the next one is asked for when the client has taken the last one.
        case stream(contentType: String, chunks: AsyncStream<[UInt8]>)
        case response(HTTPResponse)
    }

    /// As ``Route/path``.
    package let path: String
    package let open: @Sendable (HTTPRequest, _ parameters: [String: String]) async -> Answer

    package init(
        _ path: String, open: @escaping @Sendable (HTTPRequest, _ parameters: [String: String]) async -> Answer
    ) {
        self.path = path
        self.open = open
    }
}
