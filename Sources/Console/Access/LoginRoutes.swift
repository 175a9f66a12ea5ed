package import Contracts
package import World

/// Signing in and out: `/login`, `/logout`.
package enum LoginRoutes {
    /// The longest token that is looked at.
    private static let maximumBody = 8 << 10

    /// The pages; none where nobody could sign in.
    package static func routes(_ access: ConsoleAccess, node: PageFrame.Node, entropy: any Entropy) -> [Route] {
        guard access.hasTokens else { return [] }
        return [
            Route("GET", "/login", maximumBody: 0) { request, _ in
                page(node, entropy, to: place(request.query["to"]), wasWrong: false)
            },
            Route("POST", "/login", maximumBody: maximumBody) { request, _ in
                let form = FormText.decode(String(decoding: request.body, as: UTF8.self))
                let to = place(form.first { $0.name == "to" }?.value)
                let token = form.first { $0.name == "token" }?.value ?? ""
                guard let cookie = access.signIn(token) else {
                    return page(node, entropy, to: to, wasWrong: true)
                }
                return HTTPResponse(
                    status: 303, headers: ["Location": to, "Set-Cookie": cookie, "Cache-Control": "no-store"])
            },
            Route("POST", "/logout", maximumBody: maximumBody) { request, _ in
                let form = Form(request)
                switch access.admit(page: request, .viewer, form: form.values) {
                case .failure(let turned): return turned.response
                case .success:
                    return HTTPResponse(
                        status: 303,
                        headers: [
                            "Location": "/", "Set-Cookie": access.signOut(request), "Cache-Control": "no-store",
                        ])
                }
            },
        ]
    }

    /// Where to go afterwards: a page of this console, and nothing else.
    static func place(_ text: String?) -> String {
        guard let text, text.hasPrefix("/"), !text.hasPrefix("//"), !text.contains("\\"), text.utf8.count <= 2_000,
            text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F })
        else { return "/" }
        return text
    }

    private static func page(_ node: PageFrame.Node, _ entropy: any Entropy, to: String, wasWrong: Bool) -> HTTPResponse
    {
        let nonce = entropy.hexadecimal(16)
        let frame = PageFrame(
            node: node, title: "Sign in · \(node.name)", tab: nil, visitor: nil, hasTokens: false,
            style: DeskStyle.text)
        let wrong: HTML =
            wasWrong
            ? "<p class=\"said trouble\" role=\"alert\">Nobody has this token here. Check it and try again.</p>" : ""
        let content: HTML = """
            <section class="card narrow"><h1>Sign in</h1>\(wrong)
            <form method="post" action="/login">
            <input type="hidden" name="to" value="\(to)">
            <p><label for="token">Your token</label>
            <input id="token" name="token" type="password" autocomplete="current-password" required autofocus></p>
            <p><button>Sign in</button></p>
            </form>
            <p class="sub">Tokens are set in millwright.yaml under <code>console.tokens</code>.</p></section>

            """
        return PageFrame.response(frame.render(content, nonce: nonce), nonce: nonce, status: wasWrong ? 401 : 200)
    }
}

/// What a form of a page sent.
struct Form {
    /// All fields, in their order: those that are chosen several times among them.
    let fields: [(name: String, value: String)]
    /// The first value of each name.
    let values: [String: String]

    init(_ request: HTTPRequest) {
        fields = FormText.decode(String(decoding: request.body, as: UTF8.self))
        values = Dictionary(fields.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// The text of a field without blanks around it; nil where there is none.
    subscript(name: String) -> String? {
        guard let text = values[name] else { return nil }
        let trimmed = text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
        return trimmed.isEmpty ? nil : String(trimmed)
    }

    /// Every value of a name.
    func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
}
