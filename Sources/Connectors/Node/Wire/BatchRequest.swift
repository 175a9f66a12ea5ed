package import Canonical
package import Contracts
import NodeSecurity
package import World

/// An edge's batch as the request that carries it.
package enum BatchRequest {
    /// The signed request for these documents. `now` is the edge's clock, `nonce` any printable text.
    package static func make(
        _ documents: some Collection<EventDocument>, header: StreamHeader, hub: HubAddress, compression: Compression,
        now: Instant, nonce: String
    ) throws(Failure) -> HTTPRequest {
        var body: [UInt8] = []
        body.reserveCapacity(documents.reduce(2) { $0 + $1.bytes.count + 1 })
        body.append(UInt8(ascii: "["))
        var isFirst = true
        for document in documents {
            if !isFirst { body.append(UInt8(ascii: ",")) }
            isFirst = false
            body.append(contentsOf: document.bytes)
        }
        body.append(UInt8(ascii: "]"))
        var request = HTTPRequest(
            method: "POST", target: hub.url + NodeLink.batchPath(hub.node),
            headers: [
                "Content-Type": NodeLink.batchType, "Content-Encoding": compression.rawValue,
                StreamHeader.field: header.text, NodeLink.timeField: now.description,
            ], body: try compression.compress(body), trust: hub.trust)
        try NodeLink.batchSignature.sign(&request, key: hub.key, created: now, nonce: nonce)
        return request
    }
}
