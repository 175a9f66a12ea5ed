/// What the codes of a plant stand for in Odoo: the records that a crosswalk leads to.
package enum CodeTable: String, Sendable, CaseIterable {
    case products
    case workCenters = "work-centers"
    case locations
    case units
    case losses
    case partners
}
