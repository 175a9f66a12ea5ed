// External ids: the names under which `ir.model.data` knows records.
extension OdooEnvironment {
    /// The rows of `ir.model.data` that point to a record.
    func externalRows(_ model: String, _ id: Int) -> [Int] {
        let table = table("ir.model.data")
        guard let slot = self.model("ir.model.data").fields["res_id"]?.slot else { return [] }
        return (table.ids(where: slot, is: .integer(id)) ?? []).filter { text("ir.model.data", $0, "model") == model }
    }

    /// The external id of a record, with its module.
    func externalID(_ model: String, _ id: Int) -> String? {
        externalRows(model, id).first.map {
            "\(text("ir.model.data", $0, "module")).\(text("ir.model.data", $0, "name"))"
        }
    }

    /// The row of `ir.model.data` for an external id; without a module it belongs to `__import__`.
    func externalRow(_ external: String) -> Int? {
        let (module, name) = Self.split(external)
        let table = table("ir.model.data")
        guard let slot = self.model("ir.model.data").fields["name"]?.slot else { return nil }
        return (table.ids(where: slot, is: .text(name)) ?? []).first { text("ir.model.data", $0, "module") == module }
    }

    func record(_ external: String) -> Int? {
        externalRow(external).map { value("ir.model.data", $0, "res_id").integer }
    }

    mutating func bind(_ external: String, to model: String, _ id: Int) {
        let (module, name) = Self.split(external)
        if let row = externalRow(external) {
            stamp("ir.model.data", row, ["model": .text(model), "res_id": .integer(id)])
        } else {
            _ = insert(
                "ir.model.data",
                ["module": .text(module), "name": .text(name), "model": .text(model), "res_id": .integer(id)])
        }
    }

    mutating func makeExternalID(_ model: String, _ id: Int) -> String {
        let name = "__export__.\(model.split(separator: ".").joined(separator: "_"))_\(id)"
        bind(name, to: model, id)
        return name
    }

    static func split(_ external: String) -> (module: String, name: String) {
        guard let dot = external.firstIndex(of: ".") else { return ("__import__", external) }
        return (String(external[..<dot]), String(external[external.index(after: dot)...]))
    }
}
