/// Contacts, as far as an integration with manufacturing meets them.
enum OdooPartnerModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        [
            partner(version),
            OdooModelDeclaration(
                "res.country", "Country", [.char("name", "Country Name").required, .char("code", "Country Code")]
            ).with {
                $0.access = .readOnly; $0.order = "name"
            },
            OdooModelDeclaration(
                "res.partner.category", "Partner Tags", [.char("name", "Name").required, .integer("color", "Color")]
            ).with { $0.order = "name" },
        ]
    }

    private static func partner(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        let fields: [OdooField] = [
            .char("name", "Name").indexed, .char("ref", "Reference").indexed, .boolean("active", "Active").or(true),
            .boolean("is_company", "Is a Company"), .many2one("parent_id", "Related Company", "res.partner"),
            .one2many("child_ids", "Contact", "res.partner", "parent_id"), .char("email", "Email"),
            .char("phone", "Phone"),
            .char("street", "Street"), .char("street2", "Street2"), .char("zip", "Zip"), .char("city", "City"),
            .char("vat", "Tax ID"), .char("website", "Website Link"), .html("comment", "Notes"),
            .float("credit_limit", "Credit Limit"), .many2one("country_id", "Country", "res.country"),
            .many2many("category_id", "Tags", "res.partner.category"),
            .many2one("company_id", "Company", "res.company"),
            .many2one("user_id", "Salesperson", "res.users"), .char("lang", "Language").or("en_US"),
            .char("tz", "Timezone"),
            .selection(
                "type", "Address Type",
                [("contact", "Contact"), ("invoice", "Invoice"), ("delivery", "Delivery"), ("other", "Other")]
            )
            .or("contact"),
            .char("barcode", "Barcode"), .integer("color", "Color Index"), .binary("image_128", "Image 128").unstored,
            .char("complete_name", "Complete Name").computed { .text($0.displayName("res.partner", $1)) },
        ]
        return OdooModelDeclaration("res.partner", "Contact", fields).with {
            $0.order = "display_name, id desc"
            $0.behaviour.displayName = { env, id in
                let name = env.text("res.partner", id, "name")
                guard let parent = env.one("res.partner", id, "parent_id"), parent != id,
                    !env.flag("res.partner", id, "is_company")
                else { return name }
                return "\(env.text("res.partner", parent, "name")), \(name)"
            }
            $0.behaviour.created = { (env, id, _) throws(OdooFault) in try requireName(env, [id]) }
            $0.behaviour.written = { (env, ids, _) throws(OdooFault) in try requireName(env, ids) }
        }
    }

    /// The CHECK constraint `check_name`.
    private static func requireName(_ env: OdooEnvironment, _ ids: [Int]) throws(OdooFault) {
        for id in ids where env.text("res.partner", id, "name").isEmpty {
            throw .validation("The operation cannot be completed: Contacts require a name")
        }
    }
}
