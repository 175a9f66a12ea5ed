import Canonical
import Contracts
import Foundation
import NodeSecurity
import SimulatedWorld
import Testing
import World

@Suite struct KeyTests {
    /// RFC 8410 section 10.3 and 10.1.
    static let sample = (
        pem:
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n",
        publicKey: "ed25519:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="
    )

    @Test("a published key file gives its published public key, and is written as it was read")
    func published() throws {
        let key = try #require(NodeKey(pem: Self.sample.pem))
        #expect(key.publicKey.description == Self.sample.publicKey)
        #expect(key.pem.reveal == Self.sample.pem)
        #expect(NodePublicKey(Self.sample.publicKey) == key.publicKey)
        #expect(key.publicKey.keyID.count == 16)
        #expect(key.publicKey.keyID == String(Digest.hex(key.publicKey.bytes).prefix(16)))
    }

    @Test("a key file comes back as it was saved, and is never overwritten")
    func saves() throws {
        let disk = SimulatedDisk()
        let key = NodeKey()
        try key.save("/keys/node.key", disk: disk)
        #expect(try NodeKey.load("/keys/node.key", disk: disk).publicKey == key.publicKey)
        let failure = #expect(throws: Failure.self) { try NodeKey().save("/keys/node.key", disk: disk) }
        #expect(failure?.kind == SecurityFailures.keyFile)
        #expect(try NodeKey.load("/keys/node.key", disk: disk).publicKey == key.publicKey)
        #expect(NodeKey().publicKey != NodeKey().publicKey)
        #expect("\(key)".contains(key.publicKey.keyID))
        #expect(!"\(key)".contains(key.pem.reveal.split(separator: "\n")[1]))
    }

    @Test(
        "a key that others may touch is refused",
        arguments: [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o660, false)])
    func permissions(_ mode: Int, _ isGood: Bool) throws {
        let disk = SimulatedDisk()
        try NodeKey().save("/k", disk: disk)
        do throws(Failure) {
            _ = try NodeKey.load("/k", disk: disk, permissions: { _ in UInt32(mode) })
            #expect(isGood)
        } catch {
            #expect(!isGood)
            #expect(error.kind == SecurityFailures.loosePermissions)
            #expect(error.suggestion.contains("chmod 600 /k"))
        }
    }

    @Test("the permission bits of a real file are seen")
    func realPermissions() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "key-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("x".utf8).write(to: URL(filePath: path))
        for mode in [0o600, 0o644, 0o640] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            #expect(FilePermissions.bits(path) == UInt32(mode))
        }
        #expect(FilePermissions.bits(path + "-missing") == nil)
    }

    static let badPEM = [
        "", "x", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        sample.pem.replacing("PRIVATE", with: "PUBLIC"),
        sample.pem.replacing("MC4C", with: "MC4D"), sample.pem.replacing("BHV", with: "") + "x",
        sample.pem.replacing("VhC", with: "Vh"), sample.pem + sample.pem,
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VuBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n",
    ]

    @Test("what is no Ed25519 key file is refused, and its content is not in the error", arguments: badPEM)
    func badFiles(_ text: String) throws {
        let disk = SimulatedDisk()
        try disk.replace("/k", with: Array(text.utf8), mode: 0o600)
        let failure = #expect(throws: Failure.self) { try NodeKey.load("/k", disk: disk) }
        #expect(failure?.kind == SecurityFailures.keyFile)
        #expect(failure.map { "\($0)".contains("MC4") } == false)
    }

    @Test(
        "what is no public key is refused",
        arguments: [
            "", "ed25519:", "ed25519:AAAA", "rsa:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
            "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=", "ed25519:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE",
            "ed25519:\(String(repeating: "A", count: 4_000))",
        ])
    func badPublicKeys(_ text: String) { #expect(NodePublicKey(text) == nil) }

    @Test("secrets are read without one line break, and errors name the place and never the value")
    func secrets() throws {
        let disk = SimulatedDisk()
        let hidden = "hunter2"
        let reader = SecretReader(disk: disk, environment: ["TOKEN": hidden, "EMPTY": "", "TWO": "a\n\n"])
        #expect(try reader.read(.environment("TOKEN")).reveal == hidden)
        #expect(try reader.read(.environment("TWO")).reveal == "a\n")
        for (bytes, text) in [
            ("a", "a"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), (" a ", " a "), ("a\r", "a\r"),
        ] {
            try disk.replace("/run/secrets/x", with: Array(bytes.utf8), mode: 0o600)
            #expect(try reader.read(.file("/run/secrets/x")).reveal == text)
        }
        let most = Array(repeating: UInt8(ascii: "a"), count: SecretReader.maximumBytes)
        try disk.replace("/big", with: most, mode: 0o600)
        #expect(try reader.read(.file("/big")).reveal.utf8.count == SecretReader.maximumBytes)
        try disk.replace("/big", with: most + [0x61], mode: 0o600)
        try disk.replace("/bytes", with: Array(hidden.utf8) + [0xFF], mode: 0o600)
        try disk.replace("/newline", with: [0x0A], mode: 0o600)
        let bad: [SecretReference] = [
            .environment("NONE"), .environment("EMPTY"), .file("/none"), .file("/big"), .file("/bytes"),
            .file("/newline"),
        ]
        for reference in bad {
            let failure = #expect(throws: Failure.self) { try reader.read(reference) }
            #expect(failure?.kind == SecurityFailures.secret)
            #expect(failure?.message.contains("\(reference)") == true)
            #expect(failure.map { "\($0)".contains(hidden) } == false)
        }
    }

    @Test("a secret shows as dots wherever it is printed")
    func redaction() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(["a": secret], to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\([secret])", "\(Optional(secret) as Any)", dumped] {
            #expect(text.contains("•••") || !text.contains("hunter2"))
            #expect(!text.contains("hunter2"))
        }
        #expect(secret == Secret("hunter2"))
        #expect(secret != Secret("hunter3"))
    }

    @Test("comparing takes in every byte and both lengths")
    func comparison() {
        #expect(Digest.constantTimeEquals([], []))
        #expect(Digest.constantTimeEquals([1, 2], [1, 2]))
        #expect(!Digest.constantTimeEquals([1, 2], [1, 3]))
        #expect(!Digest.constantTimeEquals([1, 2], [1, 2, 0]))
        #expect(Digest.hex([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(Digest.hex(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
