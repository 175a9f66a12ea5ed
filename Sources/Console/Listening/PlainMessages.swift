import World

// The HTTP library has types of the same names; these names are free of doubt where both are imported.
typealias PlainRequest = HTTPRequest
typealias PlainResponse = HTTPResponse
typealias PlainHeaders = HTTPHeaders
