package import Contracts
package import World

/// Who may look at the pages of a node's console, and what stands around each of them: one for all its pages.
package struct PageDoor: Sendable {
    let access: ConsoleAccess
    let node: PageFrame.Node
    private let entropy: any Entropy

    package init(_ access: ConsoleAccess, node: PageFrame.Node, entropy: any Entropy) {
        self.access = access
        self.node = node
        self.entropy = entropy
    }

    /// A page for those who may look; a store that cannot be asked is said as a problem.
    func route(
        _ path: String,
        _ page: @escaping @Sendable (HTTPRequest, [String: String], Visitor) async throws -> HTTPResponse
    ) -> Route {
        Route("GET", path, maximumBody: 0) { request, parameters in
            switch access.admit(page: request, .viewer) {
            case .failure(let turned): return turned.response
            case .success(let visitor):
                do {
                    return try await page(request, parameters, visitor)
                } catch {
                    return Problem.store(error).response(["Retry-After": "2"])
                }
            }
        }
    }

    /// The page with what is around it. `title`: where the tab's name does not say it.
    func render(
        _ content: HTML, _ tab: PageFrame.Tab, _ visitor: Visitor, title: String? = nil,
        style: String = DeskStyle.text, script: String = "", status: Int = 200
    ) -> HTTPResponse {
        let nonce = entropy.hexadecimal(16)
        var frame = PageFrame(
            node: node, title: "\(title ?? tab.rawValue) · \(node.name)", tab: tab, visitor: visitor,
            hasTokens: access.hasTokens)
        frame.style = style
        frame.script = script
        return PageFrame.response(frame.render(content, nonce: nonce), nonce: nonce, status: status)
    }
}
