// swift-tools-version: 6.1
// The house: one target a boundary. What a target may import is listed here and checked by scripts/tidy.
import PackageDescription

let package = Package(
    name: "millwright",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "millwright", targets: ["millwright"]),
        .library(name: "JQ", targets: ["JQ"]),
        .library(name: "JSONSchema", targets: ["JSONSchema"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        // Core: what everything speaks.
        .target(name: "ExactJSON", dependencies: ["BigInt"], path: "Sources/Core/ExactJSON"),
        .target(name: "Canonical", dependencies: ["ExactJSON"], path: "Sources/Core/Canonical"),
        .target(name: "World", dependencies: ["Canonical"], path: "Sources/Core/World"),
        .target(name: "Contracts", dependencies: ["Canonical", "World", "ExactJSON"], path: "Sources/Core/Contracts"),
        .target(
            name: "JQ",
            dependencies: ["ExactJSON", .product(name: "OrderedCollections", package: "swift-collections")],
            path: "Sources/JQ", exclude: ["README.md"]),
        .target(
            name: "JSONSchema", dependencies: ["ExactJSON", "JQ"], path: "Sources/JSONSchema",
            exclude: ["README.md", "METASCHEMA-LICENSE"]),

        // Engine: the way of an event.
        .target(
            name: "Store",
            dependencies: [
                "CCheckedVFS", "Canonical", "Contracts", "World", "ExactJSON", "NodeSecurity",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            path: "Sources/Engine/Store"),
        .target(name: "CCheckedVFS", path: "Sources/C/CCheckedVFS", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(
            name: "Routing",
            dependencies: [
                "Canonical", "Contracts", "World", "ExactJSON", "JQ", "JSONSchema", "NodeSettings", "Store",
                "Telemetry",
            ],
            path: "Sources/Engine/Routing"),
        .target(
            name: "Delivery", dependencies: ["Canonical", "Contracts", "World", "ExactJSON", "Store", "Telemetry"],
            path: "Sources/Engine/Delivery"),

        .target(
            name: "NodeSettings", dependencies: ["Canonical", "Contracts", "World", "ExactJSON", "JSONSchema", "Yams"],
            path: "Sources/Settings"),
        .target(
            name: "Telemetry", dependencies: ["Canonical", "Contracts", "World", "ExactJSON", "NodeSecurity"],
            path: "Sources/Telemetry"),
        .systemLibrary(name: "CZlib", path: "Sources/C/CZlib"),
        // Not `Security`: packages ask whether a module of that name, Apple's, is there.
        .target(
            name: "NodeSecurity",
            dependencies: [
                "Canonical", "Contracts", "World", "ExactJSON", .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Sources/Security"),
        .target(
            name: "NodeConnector",
            dependencies: ["Canonical", "Contracts", "World", "ExactJSON", "NodeSecurity", "CZlib"],
            path: "Sources/Connectors/Node", exclude: ["README.md", "example.yaml"]),
        .target(
            name: "OdooConnector", dependencies: ["Canonical", "Contracts", "World", "ExactJSON"],
            path: "Sources/Connectors/Odoo", exclude: ["README.md", "example.yaml"]),
        .target(
            name: "Signals", dependencies: ["Canonical", "Contracts", "ExactJSON"], path: "Sources/Engine/Signals"),
        .target(
            name: "Intake",
            dependencies: [
                "Canonical", "Contracts", "World", "ExactJSON", "JSONSchema", "Signals", "Store", "Telemetry",
            ],
            path: "Sources/Engine/Intake"),
        .target(
            name: "Runtime",
            dependencies: [
                "Canonical", "Contracts", "World", "ExactJSON", "Store", "Intake", "Routing", "Delivery", "Telemetry",
            ],
            path: "Sources/Engine/Runtime"),
        .target(
            name: "OdooStandIn", dependencies: ["Canonical", "World", "ExactJSON"],
            path: "Sources/Simulation/OdooStandIn", exclude: ["README.md"]),
        .target(
            name: "WorldLive",
            dependencies: [
                "Canonical", "World", .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Sources/Apps/WorldLive"),
        .target(
            name: "Console",
            dependencies: [
                "Canonical", "Contracts", "World", "ExactJSON", "NodeSecurity", "Store", "Delivery", "Telemetry",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Sources/Console"),

        // Simulation: one thread, one seed.
        .target(name: "CFaultVFS", path: "Sources/C/CFaultVFS", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(name: "FaultDisk", dependencies: ["CFaultVFS"], path: "Sources/Simulation/FaultDisk"),
        .target(
            name: "SimulatedWorld", dependencies: ["Canonical", "World"], path: "Sources/Simulation/SimulatedWorld"),

        .target(
            name: "FilesConnector", dependencies: ["Canonical", "Contracts", "World", "ExactJSON"],
            path: "Sources/Connectors/Files", exclude: ["README.md", "example.yaml"]),
        .target(
            name: "HTTPConnector", dependencies: ["Canonical", "Contracts", "World", "ExactJSON", "NodeSecurity"],
            path: "Sources/Connectors/HTTP", exclude: ["README.md", "example.yaml"]),
        .target(
            name: "MTConnectConnector", dependencies: ["Canonical", "Contracts", "World", "ExactJSON"],
            path: "Sources/Connectors/MTConnect", exclude: ["README.md", "example.yaml"]),
        .executableTarget(
            name: "millwright",
            dependencies: [
                "Canonical", "Contracts", "World", "ExactJSON", "JQ", "NodeSettings", "NodeSecurity", "Store",
                "Signals",
                "Intake",
                "Routing", "Delivery", "Runtime", "Console", "WorldLive", "FilesConnector", "HTTPConnector",
                "MTConnectConnector", "NodeConnector", "OdooConnector", "OdooStandIn", "Scenarios", "SimulatedWorld",
                "FaultDisk", "Telemetry",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            path: "Sources/Apps/millwright"),
        .target(
            name: "Scenarios",
            dependencies: [
                "Canonical", "Contracts", "World", "ExactJSON", "JQ", "NodeSettings", "NodeSecurity", "Store",
                "Signals",
                "Intake", "Routing", "Delivery", "Runtime", "NodeConnector", "OdooConnector", "OdooStandIn",
                "SimulatedWorld", "FaultDisk",
            ],
            path: "Sources/Simulation/Scenarios"),
        .testTarget(
            name: "ConsoleTests",
            dependencies: [
                "Canonical",
                "Console",
                "Contracts",
                "Delivery",
                "ExactJSON",
                "Store",
                "Telemetry",
                "World",
                "WorldLive",
            ]),
        .testTarget(
            name: "CoreTests",
            dependencies: [
                "Canonical", "ExactJSON", .product(name: "OrderedCollections", package: "swift-collections"),
            ]),
        .testTarget(
            name: "DemoTests",
            dependencies: [
                "ExactJSON", "JSONSchema", "NodeSettings", "OdooConnector", "Store", "Telemetry", "World", "WorldLive",
                "millwright",
            ]),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "Canonical",
                "Contracts",
                "Delivery",
                "ExactJSON",
                "FaultDisk",
                "Intake",
                "JQ",
                "JSONSchema",
                "NodeSettings",
                "OdooConnector",
                "OdooStandIn",
                "Routing",
                "Runtime",
                "Scenarios",
                "Signals",
                "SimulatedWorld",
                "Store",
                "Telemetry",
                "World",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .testTarget(
            name: "FaultDiskTests",
            dependencies: [
                "Canonical",
                "Contracts",
                "ExactJSON",
                "FaultDisk",
                "SimulatedWorld",
                "Store",
                "World",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .testTarget(
            name: "FilesTests",
            dependencies: [
                "Canonical",
                "Contracts",
                "ExactJSON",
                "FilesConnector",
                "World",
            ]),
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "Canonical", "Contracts", "ExactJSON", "FilesConnector", "HTTPConnector", "JQ", "JSONSchema",
                "MTConnectConnector", "NodeConnector", "NodeSettings", "OdooConnector", "NodeSecurity", "Signals",
                "Telemetry", "World",
            ]),
        .testTarget(
            name: "HTTPTests",
            dependencies: [
                "Canonical",
                "Console",
                "Contracts",
                "ExactJSON",
                "HTTPConnector",
                "NodeSecurity",
                "World",
                "WorldLive",
            ]),
        .testTarget(
            name: "JQTests",
            dependencies: [
                "ExactJSON",
                "JQ",
            ],
            exclude: ["Corpus"]),
        .testTarget(
            name: "JSONSchemaTests",
            dependencies: [
                "Canonical",
                "ExactJSON",
                "JSONSchema",
            ],
            exclude: ["Corpus"]),
        .testTarget(
            name: "MTConnectTests",
            dependencies: [
                "Canonical",
                "Contracts",
                "ExactJSON",
                "MTConnectConnector",
                "Signals",
                "World",
            ]),
        .testTarget(
            name: "NodeTests",
            dependencies: [
                "Canonical",
                "Contracts",
                "ExactJSON",
                "NodeConnector",
                "NodeSecurity",
                "SimulatedWorld",
                "World",
            ]),
        .testTarget(
            name: "OdooTests",
            dependencies: [
                "Canonical",
                "Contracts",
                "ExactJSON",
                "OdooConnector",
                "OdooStandIn",
                "SimulatedWorld",
                "World",
                "WorldLive",
            ]),
        .testTarget(
            name: "SecurityTests",
            dependencies: [
                "Canonical",
                "Contracts",
                "NodeSecurity",
                "SimulatedWorld",
                "World",
            ]),
        .testTarget(
            name: "SettingsTests",
            dependencies: [
                "Canonical",
                "Contracts",
                "ExactJSON",
                "NodeSettings",
                "World",
            ]),
        .testTarget(
            name: "SignalsTests",
            dependencies: [
                "Canonical",
                "Contracts",
                "ExactJSON",
                "Signals",
            ]),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Canonical",
                "Contracts",
                "Delivery",
                "ExactJSON",
                "FaultDisk",
                "NodeSettings",
                "OdooStandIn",
                "Scenarios",
                "SimulatedWorld",
                "World",
            ]),
        .testTarget(
            name: "TelemetryTests",
            dependencies: [
                "Canonical",
                "Contracts",
                "ExactJSON",
                "Telemetry",
                "World",
            ]),
        .testTarget(
            name: "WorldLiveTests",
            dependencies: [
                "Canonical",
                "World",
                "WorldLive",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            .enableUpcomingFeature("InferIsolatedConformances"),
        ]
}
