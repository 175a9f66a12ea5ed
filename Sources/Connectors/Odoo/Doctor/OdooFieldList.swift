package import Contracts
import ExactJSON
package import World

/// What a model of an Odoo has, as its user sees it: for whoever writes a map with `record.*`.
package struct OdooFieldList: Sendable {
    /// One field, as `fields_get` tells of it.
    package struct Field: Sendable, Hashable {
        /// The technical name.
        package let name: String
        /// Odoo's type; with the model that it points to: `many2one res.partner`.
        package let type: String
        package let label: String
        package let isRequired: Bool
        package let isReadOnly: Bool
        /// A selection's values.
        package let values: [String]
    }

    private let address: OdooAddress
    private let network: any Network

    /// From checked settings and the secret that they point to. Never connects.
    package init(settings: Settings, secret: String, world: World) throws(SettingFault) {
        address = try OdooAddress(settings, secret: secret)
        network = world.network
    }

    /// From values, for a test.
    package init(address: OdooAddress, network: any Network) {
        (self.address, self.network) = (address, network)
    }

    /// The model's fields by name. Throws ``Failure`` where Odoo does not answer, or has no such model.
    package func fields(of model: String) async throws(Failure) -> [Field] {
        let attributes: JSON = ["type", "string", "required", "readonly", "relation", "selection"]
        do {
            let answer = try await OdooConnection(address, network: network).call(
                OdooCall(model, "fields_get", named: ["attributes": attributes], isWrite: false))
            return (answer.object ?? [:]).map { name, field in
                Field(
                    name: name,
                    type: [field["type"]?.string, field["relation"]?.string].compactMap { $0 }.joined(separator: " "),
                    label: field["string"]?.string ?? "", isRequired: field["required"]?.bool ?? false,
                    isReadOnly: field["readonly"]?.bool ?? false,
                    values: (field["selection"]?.array ?? []).compactMap { $0[0]?.string })
            }.sorted { $0.name < $1.name }
        } catch {
            throw error.failure
        }
    }
}
