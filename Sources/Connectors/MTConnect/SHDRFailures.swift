package import Contracts

/// What can be wrong with what an adapter sends: the `SHDR` part of the error reference.
package enum SHDRFailures {
    package static let badTime = FailureKind(
        "SHDR-001", "A line begins with no time",
        remedy: "Look at the adapter's clock and time format; `time: arrival` takes the node's own clock instead")
    package static let notText = FailureKind(
        "SHDR-002", "A line is not in the stated encoding",
        remedy: "Set `encoding: latin-1` if the adapter sends that; the line was passed over")
    package static let tooLong = FailureKind(
        "SHDR-003", "A line is longer than the limit",
        remedy: "Its beginning is kept here; check that the peer is an SHDR adapter, or raise the limit for lines")
    package static let halfLine = FailureKind(
        "SHDR-004", "The connection ended within a line",
        remedy: "Nothing to do: the adapter sends the present values again after the reconnect")
    package static let missingFields = FailureKind(
        "SHDR-005", "A key has no value",
        remedy: "Look at the original; list keys of conditions, messages and time series in the settings")
    package static let badLevel = FailureKind(
        "SHDR-006", "A condition has no known level",
        remedy: "Take the key out of `conditions:` if it is none, or correct the adapter")
    package static let badSeries = FailureKind(
        "SHDR-007", "A time series cannot be read",
        remedy: "Its count must be the number of values, and each value a number")
    package static let badDataSet = FailureKind(
        "SHDR-008", "A data set cannot be read",
        remedy: "Entries are key=value, separated by spaces; values with spaces stand in quotes or braces")
    package static let unknownDevice = FailureKind(
        "SHDR-009", "A key names a device that no asset stands for",
        remedy: "Add the device to the source's `devices:`")
    package static let badAsset = FailureKind(
        "SHDR-010", "An asset line cannot be read", remedy: "Look at the original; it was passed over")
    package static let cannotConnect = FailureKind(
        "SHDR-011", "The adapter cannot be reached", remedy: "Check `endpoint:`, the adapter's service and the network")
    package static let noModel = FailureKind(
        "SHDR-012", "The device model cannot be read", remedy: "Check `model:`; it must be the agent's Devices.xml")

    /// All of them, for the generated reference.
    package static let all: [FailureKind] = [
        badTime, notText, tooLong, halfLine, missingFields, badLevel, badSeries, badDataSet, unknownDevice, badAsset,
        cannotConnect, noModel,
    ]
}
