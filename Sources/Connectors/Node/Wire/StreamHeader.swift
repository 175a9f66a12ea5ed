package import Canonical
package import Contracts
import NodeSecurity

/// `Millwright-Stream: epoch="…", lane=normal, first=123, count=200`: the place of a batch in its edge's stream, as a
/// structured field (RFC 8941).
package struct StreamHeader: Sendable, Hashable {
    package static let field = "Millwright-Stream"

    /// The edge store's epoch: 1 to 64 characters.
    package let epoch: String
    package let lane: Lane
    /// Sequence of the first event, from 1.
    package let first: Int64
    /// Events in the batch, from 1.
    package let count: Int
    /// `oldest`: the edge holds nothing before ``first`` any more, though the hub asked for it.
    package var isOldest = false

    package init(epoch: String, lane: Lane, first: Int64, count: Int, isOldest: Bool = false) {
        self.isOldest = isOldest
        self.epoch = epoch
        self.lane = lane
        self.first = first
        self.count = count
    }

    /// The field's value.
    package var text: String {
        var members: [(key: String, value: StructuredMember)] = [
            ("epoch", .item(StructuredItem(.string(epoch)))), ("lane", .item(StructuredItem(.token(lane.name)))),
            ("first", .item(StructuredItem(.integer(first)))), ("count", .item(StructuredItem(.integer(Int64(count))))),
        ]
        if isOldest { members.append(("oldest", .item(StructuredItem(.boolean(true))))) }
        return StructuredDictionary(members).text
    }

    /// Reads the field. Throws ``NodeFailures/batch`` with what is wrong. Members that are not known are passed over,
    /// so that a later version may add some.
    package init(_ text: String, maximumCount: Int) throws(Failure) {
        func refusal(_ reason: String) -> Failure { Failure(NodeFailures.batch, "\(Self.field) \(reason)") }
        let members: StructuredDictionary
        do {
            members = try StructuredFieldReader.dictionary(text)
        } catch {
            throw refusal("cannot be read: \(error)")
        }
        guard let epoch = members["epoch"]?.bare?.string, (1...64).contains(epoch.utf8.count) else {
            throw refusal("has no epoch of 1 to 64 characters")
        }
        guard let word = members["lane"]?.bare?.token, let lane = Lane(name: word) else {
            throw refusal("has no lane critical, normal or bulk")
        }
        guard let first = members["first"]?.bare?.integer, first >= 1 else { throw refusal("has no first from 1") }
        guard let count = members["count"]?.bare?.integer, count >= 1 else { throw refusal("has no count from 1") }
        guard count <= Int64(maximumCount) else {
            throw Failure(
                NodeFailures.tooLarge, "a batch of \(count) events is more than the \(maximumCount) that are taken")
        }
        let isOldest = members["oldest"]?.bare == .boolean(true)
        self.init(epoch: epoch, lane: lane, first: first, count: Int(count), isOldest: isOldest)
    }
}
