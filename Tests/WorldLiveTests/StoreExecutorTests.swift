import Glibc
import Synchronization
import Testing
import WorldLive

@Suite("the store's executor", .timeLimit(.minutes(2)))
struct StoreExecutorTests {
    actor Counter {
        let executor: StoreExecutor
        private(set) var count = 0
        private(set) var threads: Set<UInt> = []
        init(_ executor: StoreExecutor) { self.executor = executor }
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
        func add() {
            count += 1
            threads.insert(UInt(pthread_self()))
        }
        func assume() -> Int { assumeIsolated { $0.count } }
    }

    @Test("thousands of callers at once are served one after the other, all on one thread")
    func serial() async {
        let executor = StoreExecutor()
        let counter = Counter(executor)
        await withDiscardingTaskGroup { group in
            for _ in 0..<5_000 { group.addTask { await counter.add() } }
        }
        #expect(await counter.count == 5_000)
        #expect(await counter.threads.count == 1)
        #expect(await counter.assume() == 5_000)
        executor.shutdown()
    }

    @Test("two executors have two threads")
    func separate() async {
        let executors = [StoreExecutor(), StoreExecutor()]
        var threads: Set<UInt> = []
        for executor in executors {
            let counter = Counter(executor)
            await counter.add()
            threads.formUnion(await counter.threads)
        }
        #expect(threads.count == 2)
        for executor in executors { executor.shutdown() }
    }

    @Test("work that blocks its thread keeps nobody else waiting")
    func blocking() async {
        actor Sleeper {
            let executor: StoreExecutor
            init(_ executor: StoreExecutor) { self.executor = executor }
            nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
            func wait(_ signal: borrowing Mutex<Bool>) {
                while !signal.withLock({ $0 }) { usleep(1_000) }
            }
        }
        final class Flag: Sendable { let mutex = Mutex(false) }
        let executor = StoreExecutor()
        let sleeper = Sleeper(executor)
        let flag = Flag()
        await withDiscardingTaskGroup { group in
            group.addTask { await sleeper.wait(flag.mutex) }
            // Runs on the shared pool while the store's thread is held up; otherwise this test would never end.
            group.addTask { flag.mutex.withLock { $0 = true } }
        }
        executor.shutdown()
    }
}
