import NIOCore
import World

/// The pipeline's end of a ``LiveByteStream``: reads from the socket only while somebody waits for bytes, so that a
/// consumer that is slow slows the peer down (TCP back-pressure) and at most one chunk lies in memory.
///
/// All of it runs on the channel's event loop.
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias Reading = EventLoopPromise<[UInt8]?>

    /// The most that one read returns.
    static let chunkBytes = 64 << 10

    private enum End {
        case closed
        case failed(NetworkFailure)
    }

    private let peer: String
    private var context: ChannelHandlerContext?
    private var pending: [UInt8] = []
    private var end: End?
    private var waiting: (number: Int, promise: Reading, timeout: Scheduled<Void>?)?
    /// A read that was cancelled before it got here.
    private var cancelledNumber = -1
    /// The socket was asked for bytes and has not answered.
    private var isAsked = false

    init(peer: String) {
        self.peer = peer
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pending.append(contentsOf: unwrapInboundIn(data).readableBytesView)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isAsked = false
        deliver()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end =
            end
            ?? .failed(
                NetworkFailure(
                    .broken, mayHaveArrived: true, detail: "connection to \(peer) broke: \(NetworkFailure.words(error))"
                ))
        context.close(promise: nil)
        deliver()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end = end ?? .closed
        deliver()
    }

    /// Completes `promise` with the next bytes. One reader at a time.
    func read(number: Int, timeout: TimeAmount?, promise: Reading) {
        precondition(waiting == nil, "two readers on one byte stream")
        if number == cancelledNumber {
            promise.fail(Self.cancelled)
            return
        }
        waiting = (number, promise, nil)
        deliver()
        guard waiting != nil, let timeout, let context else { return }
        waiting?.timeout = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            let detail = "\(self.peer) sent nothing for \(timeout.nanoseconds / 1_000_000) ms"
            self.take(number)?.fail(NetworkFailure(.timeout, mayHaveArrived: true, detail: detail))
        }
    }

    /// Ends the wait of read `number`; what comes later waits for the next read.
    func cancel(number: Int) {
        cancelledNumber = number
        take(number)?.fail(Self.cancelled)
    }

    private func take(_ number: Int) -> Reading? {
        guard let reading = waiting, reading.number == number else { return nil }
        reading.timeout?.cancel()
        waiting = nil
        return reading.promise
    }

    private func deliver() {
        guard let number = waiting?.number else { return }
        if !pending.isEmpty {
            let bytes = Array(pending.prefix(Self.chunkBytes))
            pending.removeFirst(bytes.count)
            take(number)?.succeed(bytes)
        } else {
            switch end {
            case .closed: take(number)?.succeed(nil)
            case .failed(let failure): take(number)?.fail(failure)
            case nil:
                guard !isAsked, let context else { return }
                isAsked = true
                context.read()
            }
        }
    }

    private static let cancelled = NetworkFailure(.cancelled, mayHaveArrived: true, detail: "the read was cancelled")
}
