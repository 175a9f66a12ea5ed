import World

/// A network over which requests go, and no streams.
protocol RequestNetwork: Network {}

extension RequestNetwork {
    func connect(host: String, port: Int, timeout: Duration) async throws(NetworkFailure) -> any ByteStream {
        throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "no streams")
    }
}
