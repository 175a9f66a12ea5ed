import GRDB

extension StoreTransaction {
    /// How many open exceptions there are of each source, as they name it: a source of the settings where it is of an
    /// input, the `source` of the event where it is of one. The oldest `limit` exceptions are counted.
    package func openExceptionSources(limit: Int) throws -> [String: Int] {
        let rows = try Row.fetchAll(
            statement(
                """
                SELECT source, count(*) FROM (SELECT source FROM exception INDEXED BY exception_open
                WHERE state = 0 ORDER BY id LIMIT ?) WHERE source IS NOT NULL GROUP BY source
                """), arguments: [limit])
        return Dictionary(rows.map { ($0[0] as String, $0[1] as Int) }, uniquingKeysWith: +)
    }
}
