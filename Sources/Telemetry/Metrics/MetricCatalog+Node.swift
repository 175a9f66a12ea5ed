// The store, the listener and telemetry itself.
extension MetricCatalog {
    // MARK: - The store

    static let store = [
        storeWritable, storeUsed, storeCeiling, storeFiles, diskFree, storeEvents, storeCommits, storeWrites,
        storeCommitFailures, storeCommitTime, exceptionsOpen, exceptionsMade, exceptionsOldest,
    ]

    package static let storeWritable = Metric(
        "millwright_store_writable", .gauge, .none, [],
        "1 while the store takes what is written, 0 where its last commit failed or it was found damaged.",
        action: "Look at the disk: its space, and what the system's log says of it.")
    package static let storeUsed = Metric(
        "millwright_store_used_bytes", .gauge, .bytes, [], "Bytes of the store in use.")
    package static let storeCeiling = Metric(
        "millwright_store_ceiling_bytes", .gauge, .bytes, [],
        "Bytes that the store may use: bulk events are taken in up to 80 % of it, normal ones up to 90 %.",
        action: "See docs/overload.md for what happens on the way there.")
    package static let storeFiles = Metric(
        "millwright_store_file_bytes", .gauge, .bytes, ["file"],
        "Bytes of the store's files on the disk: the database, its write-ahead log, its checksums.")
    package static let diskFree = Metric(
        "millwright_disk_free_bytes", .gauge, .bytes, [], "Bytes that are free where the store is.",
        action: "A full disk stops intake: make room.")
    package static let storeEvents = Metric(
        "millwright_store_events_total", .counter, .none, [], "Events that were stored since the store was made.")
    package static let storeCommits = Metric(
        "millwright_store_commits_total", .counter, .none, [], "Transactions that are durable on the disk.")
    package static let storeWrites = Metric(
        "millwright_store_writes_total", .counter, .none, [],
        "Callers that those transactions were for: several that wait at one time share one.")
    package static let storeCommitFailures = Metric(
        "millwright_store_commit_failures_total", .counter, .none, [],
        "Transactions that could not be made durable; nobody was told that they were.",
        action: "Look at the disk: its space, and what the system's log says of it.")
    package static let storeCommitTime = Metric(
        "millwright_store_commit_seconds", .histogram, .seconds, [], "How long such a transaction took.",
        action: "A disk whose commits take long bounds everything that the node does.")
    package static let exceptionsOpen = Metric(
        "millwright_exceptions_open", .gauge, .none, ["kind", "code"],
        "Exceptions that wait for a person, by kind and code (docs/reference/errors.md); counted up to 100000.",
        action: "`millwright exceptions` lists them with what to do.")
    package static let exceptionsMade = Metric(
        "millwright_exceptions_total", .counter, .none, [], "Exceptions that were made since the store was made.")
    package static let exceptionsOldest = Metric(
        "millwright_exceptions_oldest_timestamp_seconds", .gauge, .seconds, [],
        "When the oldest of the open exceptions was made, in seconds since 1970; missing where none is open.")

    // MARK: - The listener

    static let listener = [requests, requestTime]

    package static let requests = Metric(
        "millwright_http_requests_total", .counter, .none, ["method", "route", "status"],
        "Requests that were answered, by the route's path as it is described, never by what a client wrote.")
    package static let requestTime = Metric(
        "millwright_http_request_seconds", .histogram, .seconds, ["route"],
        "How long such a request took, from its head to the end of its answer; open streams are not among them.")

    // MARK: - Telemetry itself

    static let telemetry = [telemetrySeriesDropped, telemetryQueue, telemetryDropped, telemetryExports]

    package static let telemetrySeriesDropped = Metric(
        "millwright_telemetry_series_dropped", .gauge, .none, [],
        "Series that were left out because their metric had 1000 already.")
    package static let telemetryQueue = Metric(
        "millwright_telemetry_queue", .gauge, .none, ["signal"], "Spans and log records that wait to be exported.")
    package static let telemetryDropped = Metric(
        "millwright_telemetry_dropped_total", .counter, .none, ["signal"],
        "Spans and log records that found no room or were given up, and what the collector refused.",
        action: "Look whether the collector is reachable and takes what it is sent; lower `telemetry.traces.sample`.")
    package static let telemetryExports = Metric(
        "millwright_telemetry_exports_total", .counter, .none, ["signal", "outcome"],
        "Requests to the collector: delivered, retried, refused.")
}
