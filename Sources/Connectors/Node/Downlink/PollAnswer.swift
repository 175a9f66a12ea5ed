package import Canonical
package import Contracts
package import ExactJSON
package import NodeSecurity

/// What a hub answers when an edge asks for commands. It is signed together with the question's nonce, so that an
/// answer that was recorded cannot be played back: its `hubTime` would make an old command look fresh.
package struct PollAnswer: Sendable {
    /// The hub's clock when it answered.
    package let hubTime: Instant
    package let commands: [DownlinkCommand]
    /// Commands of which the hub wants to know whether the edge has them.
    package let asked: [CommandToken]
    private let signature: [UInt8]

    /// Commands of one answer; the others come with the next.
    package static let maximumCommands = 32
    /// Commands asked about in one answer.
    static let maximumAsked = PollReport.maximumTokens

    package init(
        hubTime: Instant, commands: [DownlinkCommand], asked: [CommandToken], node: NodeID, nonce: String, key: NodeKey
    ) throws(Failure) {
        self.hubTime = hubTime
        self.commands = commands
        self.asked = asked
        signature = try key.sign(Self.signedBytes(node, nonce, hubTime))
    }

    /// Whether `key` answered so to the question with this nonce.
    package func isSigned(by key: NodePublicKey, for node: NodeID, nonce: String) -> Bool {
        key.verifies(signature, of: Self.signedBytes(node, nonce, hubTime))
    }

    private static func signedBytes(_ node: NodeID, _ nonce: String, _ hubTime: Instant) -> [UInt8] {
        Array("millwright-answer|\(node)|\(nonce)|\(hubTime)".utf8)
    }

    /// The answer as JSON: `{hubTime, signature, commands, asked}`.
    package var json: JSON {
        [
            "hubTime": .string(hubTime.description), "signature": .string(Base64.encode(signature)),
            "commands": .array(commands.map(\.json)), "asked": .array(asked.map { .string($0.description) }),
        ]
    }

    /// Reads an answer; nil for anything else. Commands that cannot be read are handed to `broken` and left out.
    package init?(_ body: [UInt8], maximumDepth: Int, broken: (JSON) -> Void) {
        guard let json = try? JSONReader.read(body, maximumDepth: 8),
            let hubTime = json["hubTime"]?.string.flatMap({ Instant(text: $0) }),
            let signature = json["signature"]?.string.flatMap({ Base64.decode($0) }),
            let rows = json["commands"]?.array,
            rows.count <= Self.maximumCommands, let tokens = json["asked"]?.array, tokens.count <= Self.maximumAsked
        else { return nil }
        self.hubTime = hubTime
        self.signature = signature
        var commands: [DownlinkCommand] = []
        for row in rows {
            if let command = DownlinkCommand(row, maximumDepth: maximumDepth) {
                commands.append(command)
            } else {
                broken(row)
            }
        }
        self.commands = commands
        asked = tokens.compactMap { $0.string.flatMap { CommandToken($0) } }
    }
}
