// Package chat is the wire protocol utvag.1 as spec/protocol.md defines it: frames, codes, limits, ids, and the little
// of an MLS message that a relay may know. It does no I/O, keeps nothing, and can decrypt nothing.
//
// Decoding is strict: what decodes encodes to the same bytes. Byte slices in a decoded value share the memory of the
// input.
package chat

//go:generate go run ./internal/generate/write ..
