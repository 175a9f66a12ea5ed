package import Canonical
package import Contracts
import ExactJSON
package import World

/// Makes a new API key in place of the one that a target uses: made in Odoo, written to where the target reads its
/// secret, tried, and only then the old one is revoked. At each point one of the two keys works and is written down.
///
/// Odoo 19 has public methods for it (`res.users.apikeys.generate` and `revoke`), in its newer releases, and where the
/// system parameter `base.enable_programmatic_api_keys` is set or the user is an administrator.
package struct OdooKeyRotation: Sendable {
    /// What became of it.
    package struct Report: Sendable, Hashable {
        package let name: String
        package let ends: Instant
        /// Why the old key still works, where it could not be revoked.
        package let kept: Failure?
    }

    private let address: OdooAddress
    private let world: World
    private let read: @Sendable () throws(Failure) -> String
    private let write: @Sendable (String) throws(Failure) -> Void

    /// `read` and `write`: the target's secret where it is kept. Never connects.
    package init(
        settings: Settings, world: World, read: @escaping @Sendable () throws(Failure) -> String,
        write: @escaping @Sendable (String) throws(Failure) -> Void
    ) throws {
        self.init(address: try OdooAddress(settings, secret: try read()), world: world, read: read, write: write)
    }

    init(
        address: OdooAddress, world: World, read: @escaping @Sendable () throws(Failure) -> String,
        write: @escaping @Sendable (String) throws(Failure) -> Void
    ) {
        self.address = address
        self.world = world
        self.read = read
        self.write = write
    }

    /// Changes the key for one that is good for `days`.
    package func run(days: Int) async throws(Failure) -> Report {
        let old = address.secret
        let ends = world.clock.now() + .seconds(days * 86_400)
        let name = "millwright \(String(world.clock.now().description.prefix(10)))"
        let new = try await generate(name, ends: ends, with: old)
        do throws(Failure) {
            try write(new)
        } catch {
            // Nobody will ever know this key.
            _ = try? await revoke(new, with: old)
            throw error
        }
        do throws(Failure) {
            // As it is written down now, the way the node will read it.
            let written = try read()
            guard written == new else {
                throw Failure(OdooFailures.keyRotation, "the secret's file does not hold what was written to it")
            }
            try await check(written)
        } catch {
            try write(old)
            _ = try? await revoke(new, with: old)
            throw error
        }
        do throws(Failure) {
            try await revoke(old, with: new)
            return Report(name: name, ends: ends, kept: nil)
        } catch {
            return Report(name: name, ends: ends, kept: error)
        }
    }

    private func generate(_ name: String, ends: Instant, with key: String) async throws(Failure) -> String {
        do throws(OdooError) {
            let made = try await connection(key).call(
                OdooCall(
                    "res.users.apikeys", "generate",
                    [
                        "key": .string(key), "scope": "rpc", "name": .string(name),
                        "expiration_date": .string(ends.odooText),
                    ]))
            guard let text = made.string, text.utf8.count >= 20 else {
                throw .reject(OdooFailures.keyRotation, "Odoo answered without a key")
            }
            return text
        } catch {
            guard Self.saysItIsMissing(error) else { throw Self.plain(error.failure) }
            let version = (try? await connection(key).dialect().version).map(String.init) ?? ""
            throw Failure(OdooFailures.keyRotation, "this Odoo \(version) has no public way to make a key")
        }
    }

    private func revoke(_ key: String, with other: String) async throws(Failure) {
        do throws(OdooError) {
            _ = try await connection(other).call(OdooCall("res.users.apikeys", "revoke", ["key": .string(key)]))
        } catch {
            throw Self.plain(error.failure)
        }
    }

    private func check(_ key: String) async throws(Failure) {
        do throws(OdooError) {
            _ = try await connection(key).call(OdooCall("res.users", "search_count", ["domain": []], isWrite: false))
        } catch {
            throw Self.plain(error.failure)
        }
    }

    private func connection(_ key: String) -> OdooConnection {
        OdooConnection(address.with(secret: key), network: world.network)
    }

    private static func saysItIsMissing(_ error: OdooError) -> Bool {
        [OdooFailures.badRequest, OdooFailures.missingModel].contains(error.failure.kind)
    }

    /// Without the server's traceback: nobody knows what a customisation writes into it.
    private static func plain(_ failure: Failure) -> Failure {
        Failure(failure.kind, failure.message, suggestion: failure.suggestion)
    }
}
