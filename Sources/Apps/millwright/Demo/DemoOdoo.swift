import Foundation
import OdooConnector
import OdooStandIn
import World

/// The Odoo that a demo posts to, and who it is there.
struct DemoOdoo: Sendable {
    /// Where the demo itself reads and provisions, past the front.
    let direct: OdooAddress
    /// Who provisions: may make products and work centers.
    let provisioner: OdooAddress
    let isStandIn: Bool

    static let settings = OdooStandInSettings()
}
