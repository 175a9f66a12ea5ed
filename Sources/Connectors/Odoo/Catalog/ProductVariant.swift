import Contracts
import ExactJSON

extension RecordChange.Subject {
    /// One variant of a product, by the values that tell it from the others.
    static let variant = RecordChange.Subject(
        model: "product.product",
        arguments: [
            OperationArgument(
                "product", .any, required: true,
                "The product, by `default_code`, `barcode` or `name` of `product.template`."),
            OperationArgument(
                "values", .any, required: true,
                "What the variant is: attributes with their values, by their English names: `{\"Color\": \"Red\"}`. "
                    + "Attributes that are left out may have any value, as long as one variant fits."),
        ]
    ) { (arguments, session) async throws(OdooError) -> Int in
        let given = try arguments.required("product")
        guard let wanted = arguments.json["values"]?.object, !wanted.isEmpty else { throw arguments.missing("values") }
        let template = try await session.directory.record(.named("product.template"), given)
        let variants = try await ProductVariant.all(of: template, in: session)
        let fitting = variants.filter { $0.fits(wanted) }
        guard let variant = fitting.first, fitting.count == 1 else {
            let names = (fitting.isEmpty ? variants : fitting).prefix(5).map(\.words).joined(separator: "; ")
            throw .reject(
                fitting.isEmpty ? OdooFailures.recordNotFound : OdooFailures.recordAmbiguous,
                "\(arguments.operation): \(fitting.isEmpty ? "no variant fits; there are" : "several variants fit"): "
                    + names)
        }
        if let code = try arguments.text("item") {
            let others = try await session.rows(
                .find(
                    "product.product", [["default_code", "=", .string(code)], ["id", "!=", .int(variant.id)]],
                    ["display_name"], limit: 1))
            if let other = others.first {
                throw .reject(
                    OdooFailures.recordAmbiguous,
                    "\(other.text("display_name") ?? "#\(other.id)") has the internal reference \"\(code)\" already")
            }
        }
        return variant.id
    }
}

/// A variant with its values, by attribute.
struct ProductVariant: Sendable {
    /// Variants of one product that are looked at.
    private static let maximum = 2_000

    let id: Int
    let values: [String: String]

    var words: String {
        values.isEmpty
            ? "#\(id)" : values.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }

    /// Pure.
    func fits(_ wanted: JSONObject) -> Bool {
        wanted.allSatisfy { name, value in
            values[name] != nil && values[name] == (value.string ?? value.number?.description)
        }
    }

    static func all(of template: Int, in session: OdooSession) async throws(OdooError) -> [ProductVariant] {
        let link = "product_template_attribute_value_ids"
        let products = try await session.rows(
            .find("product.product", [["product_tmpl_id", "=", .int(template)]], [link], limit: maximum))
        let values = try await session.rows(
            .find(
                "product.template.attribute.value", [["product_tmpl_id", "=", .int(template)]],
                ["name", "attribute_id"], limit: maximum))
        let byID = Dictionary(values.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return products.map { product in
            let own = product.links(link).compactMap { byID[$0] }
            let pairs = own.map { ($0.label("attribute_id") ?? "", $0.text("name") ?? "") }
            return ProductVariant(id: product.id, values: Dictionary(pairs, uniquingKeysWith: { first, _ in first }))
        }
    }
}
