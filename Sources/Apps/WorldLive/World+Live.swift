package import World

extension World {
    /// The real world: this machine's clocks, disk, network and random numbers, and a thread of its own for the store.
    /// Made once, where the process begins.
    package static func live(_ network: LiveNetworkLimits = LiveNetworkLimits()) -> World {
        World(
            clock: LiveClock(), disk: LiveDisk(), network: LiveNetwork(network), entropy: LiveEntropy(),
            storeExecutor: StoreExecutor())
    }
}
