import NIOCore
import Synchronization
package import World

/// A TCP connection.
package final class LiveByteStream: ByteStream {
    private let channel: any Channel
    private let handler: NIOLoopBound<StreamHandler>
    private let peer: String
    private let lastRead = Atomic<Int>(0)

    init(channel: any Channel, handler: NIOLoopBound<StreamHandler>, peer: String) {
        self.channel = channel
        self.handler = handler
        self.peer = peer
    }

    deinit { channel.close(promise: nil) }

    package func read(timeout: Duration?) async throws(NetworkFailure) -> [UInt8]? {
        let number = lastRead.add(1, ordering: .relaxed).newValue
        let promise = channel.eventLoop.makePromise(of: [UInt8]?.self)
        let handler = handler
        let amount = timeout.map { TimeAmount.nanoseconds(max(0, $0.microseconds) &* 1_000) }
        do {
            return try await withTaskCancellationHandler {
                channel.eventLoop.execute { handler.value.read(number: number, timeout: amount, promise: promise) }
                return try await promise.futureResult.get()
            } onCancel: {
                channel.eventLoop.execute { handler.value.cancel(number: number) }
            }
        } catch {
            throw NetworkFailure.wrapping(error, sent: true, peer: peer)
        }
    }

    package func write(_ bytes: [UInt8]) async throws(NetworkFailure) {
        do {
            try await withTaskCancellationHandler {
                try Task.checkCancellation()
                try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
            } onCancel: {
                // Part of the bytes may be out: the connection cannot be used further.
                channel.close(promise: nil)
            }
        } catch {
            if Task.isCancelled {
                throw NetworkFailure(.cancelled, mayHaveArrived: true, detail: "writing to \(peer) was cancelled")
            }
            throw NetworkFailure.wrapping(error, sent: true, peer: peer)
        }
    }

    package func close() async {
        // Closed already is closed; there is nothing else that a caller could do about an error here.
        try? await channel.close().get()
    }
}
