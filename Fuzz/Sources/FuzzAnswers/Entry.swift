public import FuzzDriver

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt { run(AnswersInput.check, start, count) }

@_cdecl("FuzzAnswers_main")
public func main(_ count: CInt, _ arguments: CArguments) -> CInt { fuzz(count, arguments, testOneInput) }
