import ExactJSON

/// The companion addon's models, where the settings say that it is installed.
enum OdooGatewayModels {
    static func all() -> [OdooModelDeclaration] {
        [
            OdooModelDeclaration("millwright.gateway", "Millwright Gateway", []).with {
                $0.recordName = "id"
                $0.methods["health"] = .model { (env, _) throws(OdooFault) in
                    try env.requireService()
                    return .json(env.gatewayHealth)
                }
            },
            OdooModelDeclaration("millwright.outbox", "Recorded change", []).with {
                $0.recordName = "id"
                $0.methods["pull"] = .model("reader cursor? limit? skip_origin?") { (env, call) throws(OdooFault) in
                    .json(
                        try env.pull(
                            reader: call["reader"]?.string ?? "", cursor: call["cursor"]?.string,
                            limit: call["limit"]?.int ?? 1_000, skipping: call["skip_origin"]?.string))
                }
                $0.methods["acknowledge"] = .model("reader cursor") { (env, call) throws(OdooFault) in
                    .json(
                        try env.acknowledge(
                            reader: call["reader"]?.string ?? "", cursor: call["cursor"]?.string ?? ""))
                }
            },
            OdooModelDeclaration(
                "millwright.inbox", "Operation handed in",
                [
                    .char("key", "Key").required.readonly.indexed, .char("source", "Source").readonly,
                    .char("name", "Operation").readonly, .char("state", "State").readonly,
                    .char("code", "Code").readonly, .char("message", "Message").readonly,
                    .char("reference", "Record").readonly, .char("answer", "Answer").readonly,
                    .char("digest", "Digest").readonly,
                ]
            ).with {
                $0.recordName = "key"
                $0.access = OdooAccess(readers: [], writers: [.settings])
                $0.methods["submit"] = .model("operations source? seconds?") { (env, call) throws(OdooFault) in
                    try env.requireService()
                    let operations = call["operations"]?.array ?? []
                    guard operations.count <= OdooInbox.maximumOperations else {
                        throw .validation("operations is a list of at most \(OdooInbox.maximumOperations) operations")
                    }
                    return .json(env.submit(operations, source: call["source"]?.string ?? "millwright"))
                }
            },
        ]
    }
}

extension OdooEnvironment {
    /// Users who only look have not been given the addon's group.
    func requireService() throws(OdooFault) {
        guard settings.user(uid)?.role != .internalOnly else {
            throw .access("This call is for users of the group \"Millwright: service\".")
        }
    }

    fileprivate var gatewayHealth: JSON {
        ["addon": .string("\(version.series).1.0.0"), "protocol": 1, "series": .string(version.series)]
    }
}
