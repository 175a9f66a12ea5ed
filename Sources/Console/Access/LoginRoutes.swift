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
                page(node, entropy, to: place(request.query["to"]))
            },
            Route("POST", "/login", maximumBody: maximumBody) { request, _ in
                let form = FormText.decode(String(decoding: request.body, as: UTF8.self))
                let to = place(form.first { $0.name == "to" }?.value)
                let token = form.first { $0.name == "token" }?.value ?? ""
                switch access.signIn(token, by: request) {
                case .begun(let cookies):
                    var fields = [(name: "Location", value: to), (name: "Cache-Control", value: "no-store")]
                    for cookie in cookies { fields.append((name: "Set-Cookie", value: cookie)) }
                    return HTTPResponse(status: 303, headers: HTTPHeaders(fields))
                case .nobody:
                    return page(
                        node, entropy, to: to, status: 401,
                        trouble: "Nobody has this token here. Check it and try again.")
                case .heldUp(let wait):
                    // Whole seconds, and never less than what is left.
                    let seconds = wait.components.seconds + 1
                    var answer = page(
                        node, entropy, to: to, status: 429,
                        trouble: """
                            There were too many wrong tokens, so this one was not looked at. Try again in \(seconds) \
                            s, or use the command line on the node's own machine.
                            """)
                    answer.headers["Retry-After"] = String(seconds)
                    return answer
                }
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

    /// `trouble`: why nobody was signed in; nil where nobody tried.
    private static func page(
        _ node: PageFrame.Node, _ entropy: any Entropy, to: String, status: Int = 200, trouble: String? = nil
    ) -> HTTPResponse {
        let nonce = entropy.hexadecimal(16)
        let frame = PageFrame(
            node: node, title: "Sign in · \(node.name)", tab: nil, visitor: nil, hasTokens: false,
            style: DeskStyle.text)
        let wrong: HTML = trouble.map { HTML("<p class=\"said trouble\" role=\"alert\">\($0)</p>") } ?? ""
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
        return PageFrame.response(frame.render(content, nonce: nonce), nonce: nonce, status: status)
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
