#ifndef MILLWRIGHT_CZLIB_SHIM_H
#define MILLWRIGHT_CZLIB_SHIM_H

#include <zlib.h>

// The initialisers are macros that pass the library's version and the struct's size, and Swift does not import those.
// window_bits: 15 for the zlib format (RFC 1950), 15 + 16 for gzip (RFC 1952); zlib.h, deflateInit2 and inflateInit2.
static inline int millwright_deflate_begin(z_stream *stream, int level, int window_bits) {
    return deflateInit2(stream, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
}

static inline int millwright_inflate_begin(z_stream *stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}

#endif
