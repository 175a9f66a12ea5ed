import Console
import Contracts
import NodeSettings

/// Finds a listener that others than this machine reach and that has no certificate: a node does not begin with it.
struct ListenerCheck {
    private let folder: NodeFolder

    init(_ folder: NodeFolder) { self.folder = folder }

    var faults: [CheckFault] {
        guard let listen = folder.node.listen, folder.node.security.tls == nil,
            !ListenerSettings(host: listen.host, port: listen.port).isLoopback
        else { return [] }
        return [
            CheckFault(
                ListenerFailures.unprotected, at: folder.node.places["listen"] ?? folder.node.location,
                "\(listen) can be reached from outside, and no TLS is set",
                suggestion: "write listen: 127.0.0.1:\(listen.port), or give the listener a certificate and a key: "
                    + "security: { tls: { certificate: tls/node.pem, key: tls/node.key } }")
        ]
    }
}
