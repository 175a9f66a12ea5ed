package import Canonical
package import Store

/// What the overview page and `/v1/status` show: one moment of a node, as plain values.
package struct OverviewSnapshot: Sendable, Hashable {
    /// The moment that the snapshot shows.
    package var time: Instant
    /// The node that shows it.
    package var node: String
    /// `hub`, `edge`, `single`.
    package var role: String
    package var version: String
    package var started: Instant
    /// This node first, then the ones that it has enrolled.
    package var nodes: [Node]
    /// The plants of the settings, in their order.
    package var plants: [Plant] = []
    package var sources: [Source]
    package var targets: [Target]
    /// Events per second now.
    package var rates: Rates
    /// Rates of the last minutes, oldest first, evenly spaced; at most ``maximumHistory`` are drawn.
    package var history: [Rates]
    package var totals: Totals
    package var exceptions: Exceptions
    /// From stored to accepted by the target; nil while nothing was delivered.
    package var latency: Latency?
    /// Why the settings folder as it stands does not run; nil where it does.
    package var refusedSettings: String?
    /// What a person has paused.
    package var pauses: [Pause] = []

    /// The points of the rates' curve.
    package static let maximumHistory = 120

    package init(
        time: Instant, node: String, role: String, version: String, started: Instant, nodes: [Node] = [],
        sources: [Source] = [], targets: [Target] = [], rates: Rates = Rates(), history: [Rates] = [],
        totals: Totals = Totals(), exceptions: Exceptions = Exceptions(), latency: Latency? = nil
    ) {
        self.time = time
        self.node = node
        self.role = role
        self.version = version
        self.started = started
        self.nodes = nodes
        self.sources = sources
        self.targets = targets
        self.rates = rates
        self.history = history
        self.totals = totals
        self.exceptions = exceptions
        self.latency = latency
    }
}

extension OverviewSnapshot {
    /// A node of the plant.
    package struct Node: Sendable, Hashable {
        package var name: String
        package var role: String
        /// When it was last heard of; nil before the first time.
        package var lastSeen: Instant?
        /// How far its clock is ahead of this node's; negative where it is behind; nil where it is not known.
        package var clockSkew: Duration?
        package var buffer: Buffer?
        /// Silent for longer than this, it counts as offline. Who watches cannot have heard of it before it started.
        package var offlineAfter: Duration

        package init(
            name: String, role: String, lastSeen: Instant?, clockSkew: Duration? = nil, buffer: Buffer? = nil,
            offlineAfter: Duration = .seconds(60)
        ) {
            self.name = name
            self.role = role
            self.lastSeen = lastSeen
            self.clockSkew = clockSkew
            self.buffer = buffer
            self.offlineAfter = offlineAfter
        }
    }

    /// How full a node's store is.
    package struct Buffer: Sendable, Hashable {
        package var usedBytes: Int
        /// Intake stops here.
        package var ceilingBytes: Int
        /// Events that wait to be forwarded or delivered.
        package var waitingEvents: Int

        package init(usedBytes: Int, ceilingBytes: Int, waitingEvents: Int) {
            self.usedBytes = usedBytes
            self.ceilingBytes = ceilingBytes
            self.waitingEvents = waitingEvents
        }

        /// From 0 to 1.
        var fill: Double { ceilingBytes > 0 ? min(1, Double(max(0, usedBytes)) / Double(ceilingBytes)) : 0 }
    }

    /// One source of this node.
    package struct Source: Sendable, Hashable {
        package enum State: Sendable, Hashable {
            case running
            /// Works, and has no connection or input now; the reason is shown.
            case waiting(reason: String)
            /// Cannot work; a person is needed.
            case failed(reason: String)
        }
        package var name: String
        package var connector: String
        package var state: State
        package var lastReading: Instant?
        package var readingsPerSecond: Double

        package init(name: String, connector: String, state: State, lastReading: Instant?, readingsPerSecond: Double) {
            self.name = name
            self.connector = connector
            self.state = state
            self.lastReading = lastReading
            self.readingsPerSecond = readingsPerSecond
        }
    }

    /// One target of this node.
    package struct Target: Sendable, Hashable {
        package enum Breaker: Sendable, Hashable {
            case closed
            /// One try is under way to see whether the target is back.
            case halfOpen
            /// Nothing is sent until then.
            case open(until: Instant?)
        }
        package struct LastError: Sendable, Hashable {
            package var code: String
            package var message: String
            package var time: Instant
            /// Whether the target has taken something since.
            package var isOver: Bool
            package init(code: String, message: String, time: Instant, isOver: Bool = false) {
                self.code = code
                self.message = message
                self.time = time
                self.isOver = isOver
            }
        }
        package var name: String
        package var connector: String
        /// Commands or events that wait.
        package var waiting: Int
        package var inFlight: Int
        /// Keys whose commands wait behind an exception.
        package var blockedKeys: Int
        package var breaker: Breaker
        package var lastError: LastError?
        /// When the oldest of the waiting ones was stored.
        package var oldestWaiting: Instant?
        /// Waiting for longer than this is late.
        package var lateAfter: Duration
        /// Until when the settings let nothing go; nil outside the quiet hours.
        package var quietUntil: Instant?
        /// What will stop it unless somebody does something in time.
        package var warnings: [String]

        package init(
            name: String, connector: String, waiting: Int, inFlight: Int, blockedKeys: Int = 0,
            breaker: Breaker = .closed,
            lastError: LastError? = nil, oldestWaiting: Instant? = nil, lateAfter: Duration = .seconds(60),
            quietUntil: Instant? = nil, warnings: [String] = []
        ) {
            self.warnings = warnings
            self.quietUntil = quietUntil
            self.name = name
            self.connector = connector
            self.waiting = waiting
            self.inFlight = inFlight
            self.blockedKeys = blockedKeys
            self.breaker = breaker
            self.lastError = lastError
            self.oldestWaiting = oldestWaiting
            self.lateAfter = lateAfter
        }
    }

    /// Per second: what sources brought, events stored, commands accepted.
    package struct Rates: Sendable, Hashable {
        package var captured: Double
        package var stored: Double
        package var delivered: Double
        package init(captured: Double = 0, stored: Double = 0, delivered: Double = 0) {
            self.captured = captured
            self.stored = stored
            self.delivered = delivered
        }
    }

    /// Counts: what is stored since the store was made, the others since the node started.
    package struct Totals: Sendable, Hashable {
        /// Readings and ready-made events.
        package var captured: Int
        package var stored: Int
        package var delivered: Int
        package init(captured: Int = 0, stored: Int = 0, delivered: Int = 0) {
            self.captured = captured
            self.stored = stored
            self.delivered = delivered
        }
    }

    /// What waits for a person.
    package struct Exceptions: Sendable, Hashable {
        package struct Cause: Sendable, Hashable {
            /// Names the cause for who wants to see all of them.
            package var id: String
            package var code: String
            package var title: String
            package var count: Int
            package init(id: String = "", code: String, title: String, count: Int) {
                self.id = id
                self.code = code
                self.title = title
                self.count = count
            }
        }
        package struct Entry: Sendable, Hashable {
            package var id: String
            package var time: Instant
            package var code: String
            /// What it is about: an order, a file, a source.
            package var subject: String
            package var reason: String
            package var suggestion: String
            package init(id: String, time: Instant, code: String, subject: String, reason: String, suggestion: String) {
                self.id = id
                self.time = time
                self.code = code
                self.subject = subject
                self.reason = reason
                self.suggestion = suggestion
            }
        }
        /// How many are open in all.
        package var open: Int
        /// The most frequent ones first.
        package var causes: [Cause]
        /// The newest ones first; a handful.
        package var newest: [Entry]
        package init(open: Int = 0, causes: [Cause] = [], newest: [Entry] = []) {
            self.open = open
            self.causes = causes
            self.newest = newest
        }
    }

    /// Quantiles of the time from stored to accepted.
    package struct Latency: Sendable, Hashable {
        package var p50: Duration
        package var p99: Duration
        package init(p50: Duration, p99: Duration) {
            self.p50 = p50
            self.p99 = p99
        }
    }
}
