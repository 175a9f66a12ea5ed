/// Every bound of a node in one value. What happens at each bound is said beside it.
package struct Limits: Sendable, Hashable {
    /// Bytes of one event document; a longer one is refused as bad input.
    package var eventBytes = 1 << 20
    /// Nesting of JSON that comes in; a deeper one is refused as bad input.
    package var jsonDepth = 64
    /// Events of one intake call; connectors split what is more.
    package var batchEvents = 5_000
    /// Bytes of one HTTP request's body; a longer one is answered 413.
    package var requestBytes = 8 << 20
    /// Bytes that a compressed batch may inflate to; a larger one is refused before it is inflated further.
    package var inflatedBytes = 32 << 20
    /// Bytes of one line or section of a text protocol; a longer one is kept in part as bad input and passed over.
    package var lineBytes = 1 << 20
    /// Bytes of the original that an exception keeps.
    package var originalBytes = 64 << 10
    /// Rows that one group commit takes.
    package var groupRows = 20_000
    /// Deliveries of one target and lane that are held in memory; the others wait in the store.
    package var pendingDeliveries = 5_000
    /// Commands of one target and lane that are under way, those that wait for their next try among them; further ones
    /// wait in the store.
    package var openCommands = 1_000
    /// Events that one coalesced command may stand for.
    package var coalescedEvents = 500
    /// Events of one uplink batch.
    package var uplinkEvents = 2_000
    /// Bytes of one uplink batch before compression.
    package var uplinkBytes = 1 << 20
    /// Open connections of the HTTP listener; further ones wait to be accepted.
    package var connections = 256

    package init() {}
}
