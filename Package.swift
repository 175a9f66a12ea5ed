// swift-tools-version: 6.1
// The house: one target a boundary. What a target may import is listed here and checked by the tidy test.
import PackageDescription

let package = Package(
    name: "millwright",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // Core: what everything speaks.
        .target(
            name: "ExactJSON",
            dependencies: ["BigInt", .product(name: "OrderedCollections", package: "swift-collections")],
            path: "Sources/Core/ExactJSON"),
        .target(name: "Canonical", dependencies: ["ExactJSON"], path: "Sources/Core/Canonical"),
        .target(name: "World", dependencies: ["Canonical"], path: "Sources/Core/World"),
        .target(name: "Contracts", dependencies: ["Canonical", "World", "ExactJSON"], path: "Sources/Core/Contracts"),
        // Engine: the way of an event.
        .target(
            name: "Store",
            dependencies: ["Canonical", "Contracts", "World", "ExactJSON", .product(name: "GRDB", package: "GRDB.swift")],
            path: "Sources/Engine/Store"),
        .target(
            name: "Delivery", dependencies: ["Canonical", "Contracts", "World", "ExactJSON", "Store"],
            path: "Sources/Engine/Delivery"),
        // Simulation: one thread, one seed.
        .target(
            name: "SimulatedWorld", dependencies: ["Canonical", "World"], path: "Sources/Simulation/SimulatedWorld"),
        .testTarget(
            name: "EngineTests",
            dependencies: ["Canonical", "Contracts", "ExactJSON", "World", "Store", "Delivery", "SimulatedWorld"]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = (target.swiftSettings ?? []) + [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
    ]
}
