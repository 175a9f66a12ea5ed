import Contracts
import ExactJSON
import Testing
import World

@testable import HTTPConnector

/// What commands become, and what they must not become.
@Suite("requests of the HTTP target")
struct TargetRequestTests {
    private static func request(_ arguments: JSON, _ settings: JSON = [:]) throws -> PlannedRequest {
        try Target.maker(settings).request(arguments)
    }

    @Test("a list of segments keeps each whole, text is cut at its slashes, and queries keep their order")
    func addresses() throws {
        let base = "http://mes.example:8080/api"
        let cases: [(JSON, String)] = [
            (["path": ["orders", "WH/MO/00042", "lines", 3]], "/orders/WH%2FMO%2F00042/lines/3"),
            (["path": "/orders/a b/ü?x#y%41"], "/orders/a%20b/%C3%BC%3Fx%23y%2541"),
            (["path": "orders/"], "/orders/"), ([:], ""), (["path": .null, "query": .null], ""),
            (
                ["path": "o", "query": ["b": ["1", 2, true], "a": "x&y=z", "left": .null, "q": "é +"]],
                "/o?b=1&b=2&b=true&a=x%26y%3Dz&q=%C3%A9%20%2B"
            ),
        ]
        for (arguments, expected) in cases {
            #expect(try Self.request(arguments).address == base + expected)
        }
    }

    @Test("bodies are JSON with exact numbers, text, or forms, with their types; one at a time")
    func bodies() throws {
        let json = try Self.request(["body": .object(["n": .number(try #require(ExactNumber(text: "1.10")))])])
        #expect(String(decoding: json.body, as: UTF8.self) == #"{"n":1.10}"#)
        #expect(HTTPHeaders(json.headers)["content-type"] == "application/json")
        let text = try Self.request(["text": "<a/>", "headers": ["content-type": "application/xml"]])
        #expect(String(decoding: text.body, as: UTF8.self) == "<a/>")
        #expect(text.headers.filter { $0.name.lowercased() == "content-type" }.map(\.value) == ["application/xml"])
        let form = try Self.request(["form": ["a b": "ü&", "n": 2]])
        #expect(String(decoding: form.body, as: UTF8.self) == "a%20b=%C3%BC%26&n=2")
        #expect(HTTPHeaders(form.headers)["content-type"] == "application/x-www-form-urlencoded")
        #expect(try Self.request([:]).body.isEmpty)
        #expect(try Self.request(["body": .bool(false)]).body == Array("false".utf8))
    }

    @Test("a command's headers go before the settings' and the usual ones")
    func headers() throws {
        let request = try Self.request(
            ["headers": ["X-Plant": "graz", "accept": "text/csv"]], ["headers": ["x-plant": "lyon", "X-Line": "1"]])
        let headers = HTTPHeaders(request.headers)
        #expect(headers["X-Plant"] == "graz" && headers["X-Line"] == "1" && headers["Accept"] == "text/csv")
        #expect(request.headers.count == 3)
    }

    @Test(
        "what makes no request is refused, and says what is wrong",
        arguments: [
            (["method": "TRACE"], "method"), (["method": "GET /x HTTP/1.1\r\nHost: evil\r\n\r\nPOST"], "method"),
            (["path": "a/../../admin"], ".."), (["path": ["..", "x"]], ".."), (["path": "a//b"], "empty"),
            (["path": ["a", ""]], "segment"), (["path": ["a", ["b"]]], "segment"), (["path": 4], "path"),
            (["query": ["a": ["b": 1]]], "a"), (["query": "a=1"], "object"),
            (["body": ["x": 1], "text": "y"], "body and text"), (["method": "GET", "body": [:]], "GET"),
            (["headers": ["X-A": "a\r\nX-Evil: 1"]], "X-A"), (["headers": ["X-A": "a\nb"]], "X-A"),
            (["headers": ["X A": "a"]], "X A"), (["headers": ["X\r\nEvil": "a"]], "name"),
            (["headers": ["X-A": "ü"]], "ASCII"), (["headers": ["Host": "evil"]], "Host"),
            (["headers": ["Transfer-Encoding": "chunked"]], "Transfer-Encoding"),
            (["headers": ["content-length": "1"]], "content-length"),
            (["headers": ["AUTHORIZATION": "x"]], "AUTHORIZATION"),
            (["headers": ["Idempotency-Key": "mine"]], "Idempotency-Key"),
            (["headers": ["webhook-signature": "v1,x"]], "webhook-signature"),
            (["headers": ["x-api-key": "mine"]], "x-api-key"), (["text": ["a": 1]], "text"),
        ] as [(JSON, String)])
    func refused(_ arguments: JSON, _ word: String) throws {
        let settings: JSON = ["auth": ["kind": "header", "header": "X-API-Key", "secret": "MES"]]
        let failure = #expect(throws: Failure.self) { try Self.request(arguments, settings) }
        #expect(failure?.kind == HTTPTargetFailures.request)
        #expect(failure?.message.contains(word) == true, "\(failure?.message ?? "")")
    }

    @Test("addresses, fields and bodies are bounded")
    func bounds() throws {
        let long = String(repeating: "x", count: URLPieces.maximumBytes)
        #expect(throws: Failure.self) { try Self.request(["path": .string(long)]) }
        let many = JSONObject(uniqueKeysWithValues: (0...HeaderRules.maximumFields).map { ("X-\($0)", JSON.int($0)) })
        #expect(throws: Failure.self) { try Self.request(["headers": .object(many)]) }
        #expect(throws: Failure.self) { try Self.request(["text": .string(long)], ["maximumRequest": "1024"]) }
        #expect(throws: Failure.self) {
            try Self.request(["headers": ["X-A": .string(String(repeating: "x", count: HeaderRules.maximumBytes + 1))]])
        }
    }

    @Test(
        "settings that cannot be are refused with the place",
        arguments: [
            ["endpoint": "https://mes.example/?a=1"], ["endpoint": "https://mes.example/#a"],
            ["headers": ["X-A": "a\nb"]], ["headers": ["Host": "x"]], ["headers": ["Idempotency-Key": "x"]],
            ["keyHeader": "a b"], ["keyHeader": "Authorization"], ["reference": "id"], ["reference": "/a~2"],
            ["status": ["accepted": [409], "rejected": [409]]],
            ["auth": ["kind": "header", "header": "a b", "secret": "MES"]],
            ["auth": ["kind": "header", "header": "Authorization", "secret": "MES"]],
            ["auth": ["kind": "basic", "user": "a:b", "secret": "MES"]],
            ["auth": ["kind": "header", "header": "X-Key", "secret": "MES"], "headers": ["x-key": "1"]],
        ] as [JSON])
    func settings(_ more: JSON) {
        #expect(throws: SettingFault.self) { try HTTPSpec.check(target: Target.settings(Target.json(more))) }
    }

    @Test("a key is the same each time, printable, bounded, and another one where a person sends again")
    func keys() {
        let command = Target.command([:])
        #expect(IdempotencyKey.text(of: command) == "orders:/lyon/erp:e1")
        #expect(IdempotencyKey.text(of: Target.command([:], id: 8)) == "orders:/lyon/erp:e1")
        var decided = Target.command([:], id: 8)
        decided.isDecided = true
        #expect(IdempotencyKey.text(of: decided) == "orders:/lyon/erp:e1:again:8")
        #expect(IdempotencyKey.text(of: Target.command([:], key: "a:\"ü\r\n")) == "a%3A%22%C3%BC%0D%0A")
        let long = String(repeating: "k", count: 300)
        let (one, two) = (Target.command([:], key: long), Target.command([:], key: long + "2"))
        #expect(IdempotencyKey.text(of: one).utf8.count <= IdempotencyKey.maximumBytes)
        #expect(IdempotencyKey.text(of: one) != IdempotencyKey.text(of: two))
    }
}
