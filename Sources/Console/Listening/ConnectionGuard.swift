import Contracts
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Sits between HTTP's codec and the request's handling: cuts slow clients off, answers what is no HTTP, and ends a
/// connection after an answer that says `Connection: close` in such a way that the client gets to read it.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// What the reader of a body is told that did not come in time.
    struct SlowRequest: Error {}

    private var watch: ConnectionWatch
    private var timer: Scheduled<Void>?
    private var hasResponseBegun = false
    private var closesAfterResponse = false
    private var isClosing = false

    init(_ limits: ListenerLimits) {
        watch = ConnectionWatch(limits, now: Self.now)
    }

    private static var now: Duration { .nanoseconds(Int64(NIODeadline.now().uptimeNanoseconds)) }

    func handlerAdded(context: ChannelHandlerContext) { arm(context) }
    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        switch unwrapInboundIn(data) {
        case .head: watch.requestBegan(now: Self.now)
        case .body: break
        case .end: watch.requestEnded()
        }
        arm(context)
        context.fireChannelRead(data)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        watch.writable(context.channel.isWritable, now: Self.now)
        arm(context)
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError, error != .invalidEOFState {
            answer(error == .headerOverflow ? .headersTooLarge : .malformed, context)
        }
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isClosing else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head):
            hasResponseBegun = head.status.kind != .informational
            if head.headerFields[.connection]?.lowercased() == "close" { closesAfterResponse = true }
            context.write(data, promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            hasResponseBegun = false
            watch.responseEnded(now: Self.now)
            context.write(data, promise: promise)
            if closesAfterResponse { finish(context) }
            arm(context)
        }
    }

    /// Answers instead of the request's handler, unless that has begun to.
    private func answer(_ problem: Problem, _ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        guard !hasResponseBegun else {
            context.close(promise: nil)
            return
        }
        let response = problem.response()
        var head = HTTPTypes.HTTPResponse(status: .init(code: response.status))
        head.headerFields[.contentType] = "application/problem+json"
        head.headerFields[.contentLength] = String(response.body.count)
        head.headerFields[.connection] = "close"
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: response.body))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        finish(context)
    }

    /// Sends what is written, then ends the sending side; what the client still sends is thrown away for a while,
    /// because closing over unread bytes would reset the connection and destroy the answer on its way.
    private func finish(_ context: ChannelHandlerContext) {
        isClosing = true
        context.flush()
        context.close(mode: .output, promise: nil)
        context.read()
        watch.lingering(now: Self.now)
        arm(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        if isClosing { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isClosing, case ChannelEvent.inputClosed = event {
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Sets the timer to what is due next. A timer that is early looks again; only one due sooner replaces it.
    private func arm(_ context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        guard context.channel.isActive || !isClosing, let due = watch.nextDue else { return }
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(max(0, due / .nanoseconds(1))))
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(deadline: deadline) {
            let (me, context) = bound.value
            me.timerFired(context)
        }
    }

    private func timerFired(_ context: ChannelHandlerContext) {
        timer = nil
        switch watch.expired(now: Self.now) {
        case nil: arm(context)
        case .slowRequest:
            answer(.slow, context)
            context.fireErrorCaught(SlowRequest())
        case .idle, .stalledReader, .lingered: context.close(promise: nil)
        }
    }
}
