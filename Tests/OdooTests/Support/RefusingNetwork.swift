import ExactJSON
import World

/// Answers one call of a method in Odoo's place, with a refusal: nothing of it is carried out.
actor RefusingNetwork: RequestNetwork {
    private let inner: any Network
    private let method: String
    private var left: Int

    /// The words of the refusal.
    static let words = "The quality check is missing."

    /// Refuses the call of that number, counted from 1.
    init(_ inner: any Network, _ method: String, number: Int = 1) {
        self.inner = inner
        self.method = method
        left = number
    }

    func send(_ request: HTTPRequest, timeout: Duration, maximumBody: Int) async throws(NetworkFailure) -> HTTPResponse
    {
        if OdooExchange.method(of: request) == method {
            left -= 1
            if left == 0 { return Self.refusal(of: request, method) }
        }
        return try await inner.send(request, timeout: timeout, maximumBody: maximumBody)
    }

    private static func refusal(of request: HTTPRequest, _ method: String) -> HTTPResponse {
        let isJSON2 = request.target.contains("/json/2/")
        guard method != "submit" else {
            let body = (try? JSONReader.read(request.body)) ?? .null
            let operations = isJSON2 ? body["operations"] : body["params"]?["args"]?[5]?[0]
            let result: JSON = [
                "answers": [
                    [
                        "index": 0, "key": operations?[0]?["key"] ?? .null, "status": "refused",
                        "code": "business_rule", "message": .string(words),
                    ]
                ]
            ]
            return HTTPResponse(
                status: 200, body: isJSON2 ? result.bytes : JSON.object(["jsonrpc": "2.0", "result": result]).bytes)
        }
        let data: JSON = ["name": "odoo.exceptions.UserError", "message": .string(words), "debug": ""]
        if isJSON2 { return HTTPResponse(status: 422, body: data.bytes) }
        return HTTPResponse(
            status: 200, body: JSON.object(["jsonrpc": "2.0", "error": ["code": 0, "data": data]]).bytes)
    }
}
