/// Every metric that a node has.
package enum MetricCatalog {
    /// In the order in which they are shown.
    package static let all: [Metric] = node + sources + flows + targets + store + listener + telemetry

    /// The parts of the catalogue with their headings.
    package static let parts: [(title: String, metrics: [Metric])] = [
        ("The node", node), ("Sources", sources), ("Flows", flows), ("Targets", targets), ("The store", store),
        ("The listener", listener), ("Telemetry itself", telemetry),
    ]

    // MARK: - The node

    static let node = [
        buildInfo, nodeInfo, settingsInfo, settingsRefused, residentMemory, virtualMemory, processorTime,
        openDescriptors, maximumDescriptors, startTime,
    ]

    package static let buildInfo = Metric(
        "millwright_build_info", .info, .none, ["version"], "The version of Millwright that runs.")
    package static let nodeInfo = Metric(
        "millwright_node_info", .info, .none, ["node", "role"], "The node's name, and what it is: hub, edge or single.")
    package static let settingsInfo = Metric(
        "millwright_settings_info", .info, .none, ["version", "digest"],
        "The version of the settings that runs, and the beginning of its digest.")
    package static let settingsRefused = Metric(
        "millwright_settings_refused", .gauge, .none, [],
        "1 where the settings folder as it stands was refused and the node goes on with those before, else 0.",
        action: "Run `millwright check`; it says what is wrong.")
    package static let residentMemory = Metric(
        "process_resident_memory_bytes", .gauge, .bytes, [], "Memory that the process holds in RAM.")
    package static let virtualMemory = Metric(
        "process_virtual_memory_bytes", .gauge, .bytes, [], "Address space of the process.")
    package static let processorTime = Metric(
        "process_cpu_seconds_total", .counter, .seconds, [], "Processor time that the process has used.")
    package static let openDescriptors = Metric(
        "process_open_fds", .gauge, .none, [], "File descriptors that the process has open.",
        action: "Close to `process_max_fds` no connection is taken any more: raise the limit.")
    package static let maximumDescriptors = Metric(
        "process_max_fds", .gauge, .none, [], "File descriptors that the process may have open.")
    package static let startTime = Metric(
        "process_start_time_seconds", .gauge, .seconds, [], "When the process began, in seconds since 1970.")

    // MARK: - Sources

    static let sources = [
        sourceUp, sourceSilent, sourceLastHeard, sourceReadings, sourceDocuments, sourceEvents, sourceDuplicates,
        sourceExceptions, sourceRestarts, sourceWarnings, edgeLastSeen,
    ]

    package static let sourceUp = Metric(
        "millwright_source_up", .gauge, .none, ["source"],
        "1 while the source works, 0 while something keeps it from working.",
        action: "`/health` and the overview say what keeps it.")
    package static let sourceSilent = Metric(
        "millwright_source_silent", .gauge, .none, ["source"],
        "1 while the source has brought nothing for longer than its setting `silentAfter` allows, else 0.",
        action: "Look whether the machine runs, and whether its adapter still sends.")
    package static let sourceLastHeard = Metric(
        "millwright_source_last_heard_timestamp_seconds", .gauge, .seconds, ["source"],
        "When the source last brought something that was stored, in seconds since 1970; missing before the first time.")
    package static let sourceReadings = Metric(
        "millwright_source_readings_total", .counter, .none, ["source"], "Readings that the source brought.")
    package static let sourceDocuments = Metric(
        "millwright_source_documents_total", .counter, .none, ["source"], "Events that the source brought ready-made.")
    package static let sourceEvents = Metric(
        "millwright_source_events_total", .counter, .none, ["source"],
        "Events that were stored for the first time, those among them that signals made of readings.")
    package static let sourceDuplicates = Metric(
        "millwright_source_duplicates_total", .counter, .none, ["source"],
        "Events that came again and were stored before: nothing is done with them.",
        action: "Many of them mean that a sender gets no answer in time.")
    package static let sourceExceptions = Metric(
        "millwright_source_exceptions_total", .counter, .none, ["source"],
        "Inputs that could not be read or did not fit, and wait for a person.",
        action: "`millwright exceptions` lists them with what to do.")
    package static let sourceRestarts = Metric(
        "millwright_source_restarts_total", .counter, .none, ["source"],
        "How often the source gave up and was started again.", action: "The log says why.")
    package static let sourceWarnings = Metric(
        "millwright_source_warnings", .gauge, .none, ["source"],
        "What will stop the source unless somebody does something in time: keys and certificates that end.",
        action: "The overview says what.")
    package static let edgeLastSeen = Metric(
        "millwright_edge_last_seen_timestamp_seconds", .gauge, .seconds, ["node"],
        "When an edge was last heard of, in seconds since 1970. It asks every ten minutes, also where nothing happens; "
            + "of the time before the node started, when its last events came.",
        action: "Look at the edge and at the network between.")
}
