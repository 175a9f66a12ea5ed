public import FuzzDriver

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt { run(SchemaInput.check, start, count) }

@_cdecl("FuzzSchema_main")
public func main(_ count: CInt, _ arguments: CArguments) -> CInt { fuzz(count, arguments, testOneInput) }
