/// Everything a node can reach of the outside, handed in at its start, so that a simulation can hand in its own.
package struct World: Sendable {
    package let clock: any WorldClock
    package let disk: any Disk
    package let network: any Network
    package let entropy: any Entropy
    /// Runs the store's synchronous database work: a thread of its own in a plant, the one thread of a simulation.
    package let storeExecutor: any SerialExecutor

    package init(
        clock: any WorldClock, disk: any Disk, network: any Network, entropy: any Entropy,
        storeExecutor: any SerialExecutor
    ) {
        self.clock = clock
        self.disk = disk
        self.network = network
        self.entropy = entropy
        self.storeExecutor = storeExecutor
    }
}
