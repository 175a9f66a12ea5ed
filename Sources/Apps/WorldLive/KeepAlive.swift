import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How soon a connection on which nothing is said finds out that its peer is gone: a machine that lost its power, a
/// network that was cut while the peer closed. Without it such a connection stands for hours (RFC 1122, section
/// 4.2.3.6).
enum KeepAlive {
    /// Seconds of silence before the peer is asked.
    static let idle: Int = 10
    /// Seconds between further questions.
    static let interval: Int = 5
    /// Questions without an answer after which the connection is broken.
    static let probes: Int = 3

    /// The options of a socket: 25 seconds after the last sign of life at the latest its peer is given up.
    static let options: [(ChannelOptions.Types.SocketOption, Int)] = [
        (.init(level: .socket, name: .so_keepalive), 1),
        (option(idleOption), idle), (option(TCP_KEEPINTVL), interval), (option(TCP_KEEPCNT), probes),
    ]

    #if canImport(Darwin)
        private static let idleOption = TCP_KEEPALIVE
    #else
        private static let idleOption = TCP_KEEPIDLE
    #endif

    private static func option(_ name: CInt) -> ChannelOptions.Types.SocketOption {
        .init(level: .tcp, name: .init(rawValue: name))
    }
}
