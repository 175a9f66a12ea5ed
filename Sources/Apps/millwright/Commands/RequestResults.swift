import Store
import World

// What the node made of what an operator asked of it.
extension StoreReader {
    /// What is said of a request that the node has not carried out yet.
    static let noted = "noted; the node carries it out when it runs"

    /// The results of `requests`, as soon as the node has carried them out; those that are there after `seconds`. It
    /// looks once at least.
    func results(of requests: [Int64], clock: any WorldClock, seconds: Int) async throws -> [Int64: String] {
        var results: [Int64: String] = [:]
        for _ in 0..<max(1, seconds * 5) where results.count < requests.count {
            try await clock.sleep(for: .milliseconds(200))
            try read { transaction in
                for request in requests where results[request] == nil {
                    results[request] = try transaction.requestResult(request)
                }
            }
        }
        return results
    }
}
