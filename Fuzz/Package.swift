// swift-tools-version: 6.1
// Fuzz targets, one a parser, in a package of their own: the node's build never pays for them. `scripts/fuzz` builds and
// runs them. `Sources` holds links to the node's own source folders, because its declarations are package-private, and
// to `Tests/FuzzTests/Inputs`, which says what must hold of each input.
import PackageDescription

let parsers = [
    "FuzzAnswers", "FuzzBatch", "FuzzCrosswalk", "FuzzEnvelope", "FuzzEvents", "FuzzFiles", "FuzzJQ", "FuzzJSON",
    "FuzzOdoo", "FuzzSHDR", "FuzzSchema", "FuzzSettings", "FuzzSignature", "FuzzTimes", "FuzzYAML",
]
let needs: [String: [Target.Dependency]] = [
    "FuzzAnswers": ["Canonical", "Contracts", "ExactJSON", "HTTPConnector", "OdooConnector", "Telemetry", "World"],
    "FuzzBatch": ["Canonical", "Contracts", "NodeConnector", "NodeSecurity", "World"],
    "FuzzCrosswalk": ["NodeSettings", "ExactJSON"],
    "FuzzEnvelope": ["Canonical", "ExactJSON"],
    "FuzzEvents": ["Canonical", "Contracts", "ExactJSON", "HTTPConnector", "World"],
    "FuzzFiles": ["Canonical", "Contracts", "ExactJSON", "FilesConnector"],
    "FuzzJQ": ["ExactJSON", "JQ"],
    "FuzzJSON": ["ExactJSON"],
    "FuzzOdoo": ["Contracts", "ExactJSON", "OdooConnector", "World"],
    "FuzzSHDR": ["Canonical", "Contracts", "ExactJSON", "MTConnectConnector"],
    "FuzzSchema": ["ExactJSON", "JSONSchema"],
    "FuzzSettings": [
        "Canonical", "Contracts", "FilesConnector", "HTTPConnector", "JQ", "MTConnectConnector", "NodeConnector",
        "NodeSettings", "OdooConnector", "Signals", "World",
    ],
    "FuzzSignature": ["Canonical", "Contracts", "NodeSecurity", "World"],
    "FuzzTimes": ["Canonical", "ExactJSON", "FilesConnector", "MTConnectConnector", "NodeSettings"],
    "FuzzYAML": ["Contracts", "NodeSettings"],
]

let package = Package(
    name: "millwright-fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .target(name: "ExactJSON", dependencies: ["BigInt"]),
        .target(name: "Canonical", dependencies: ["ExactJSON"]),
        .target(name: "World", dependencies: ["Canonical"]),
        .target(name: "Contracts", dependencies: ["Canonical", "World", "ExactJSON"]),
        .target(
            name: "JQ",
            dependencies: ["ExactJSON", .product(name: "OrderedCollections", package: "swift-collections")],
            exclude: ["README.md"]),
        .target(
            name: "JSONSchema", dependencies: ["ExactJSON", "JQ"], exclude: ["README.md", "METASCHEMA-LICENSE"]),
        .target(name: "Signals", dependencies: ["Canonical", "Contracts", "ExactJSON"]),
        .target(
            name: "NodeSettings",
            dependencies: ["Canonical", "Contracts", "World", "ExactJSON", "JSONSchema", "Yams"]),
        .systemLibrary(name: "CZlib"),
        .target(
            name: "NodeSecurity",
            dependencies: [
                "Canonical", "Contracts", "World", "ExactJSON", .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .target(name: "Telemetry", dependencies: ["Canonical", "Contracts", "World", "ExactJSON", "NodeSecurity"]),
        .target(
            name: "NodeConnector",
            dependencies: ["Canonical", "Contracts", "World", "ExactJSON", "NodeSecurity", "CZlib"],
            exclude: ["README.md", "example.yaml"]),
        .target(
            name: "OdooConnector", dependencies: ["Canonical", "Contracts", "World", "ExactJSON"],
            exclude: ["README.md", "example.yaml"]),
        .target(
            name: "FilesConnector", dependencies: ["Canonical", "Contracts", "World", "ExactJSON"],
            exclude: ["README.md", "example.yaml"]),
        .target(
            name: "HTTPConnector", dependencies: ["Canonical", "Contracts", "World", "ExactJSON", "NodeSecurity"],
            exclude: ["README.md", "example.yaml"]),
        .target(
            name: "MTConnectConnector", dependencies: ["Canonical", "Contracts", "World", "ExactJSON"],
            exclude: ["README.md", "example.yaml"]),
        .target(name: "FuzzDriver"),
    ]
        + parsers.map { name in
            .executableTarget(name: name, dependencies: ["FuzzDriver"] + (needs[name] ?? []))
        },
    swiftLanguageModes: [.v6]
)

// `FUZZ_SANITIZE=fuzzer` leaves the address sanitizer out: several times as fast, for long runs.
let sanitizers = "-sanitize=" + (Context.environment["FUZZ_SANITIZE"] ?? "fuzzer,address")

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        // Coverage for libFuzzer and checks of every access; internal declarations are reached by @testable import.
        .unsafeFlags(
            ["-enable-testing", sanitizers] + (target.type == .executable ? ["-parse-as-library"] : [])),
    ]
    if target.type == .executable {
        target.linkerSettings = [.unsafeFlags([sanitizers])]
    }
}
