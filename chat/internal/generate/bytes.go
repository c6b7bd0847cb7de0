package generate

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strconv"
)

// vector is one case of a file in spec/vectors; README.md there describes the fields.
type vector map[string]any

// The generator writes its bytes by hand, so that the vectors judge the codec instead of repeating it.

func u8(v uint8) []byte   { return []byte{v} }
func u16(v uint16) []byte { return binary.BigEndian.AppendUint16(nil, v) }
func u32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }
func u64(v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v) }

func fill(b byte, n int) []byte { return bytes.Repeat([]byte{b}, n) }

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// vec is `opaque x<V>` with the shortest length.
func vec(parts ...[]byte) []byte {
	body := join(parts...)
	switch n := len(body); {
	case n < 64:
		return join(u8(uint8(n)), body)
	case n < 16384:
		return join(u16(0x4000|uint16(n)), body)
	default:
		return join(u32(0x80000000|uint32(n)), body)
	}
}

func text(s string) []byte { return vec([]byte(s)) }

func hexOf(b []byte) string { return hex.EncodeToString(b) }

func number(v uint64) string { return strconv.FormatUint(v, 10) }

func count(from byte, n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = from + byte(i)
	}
	return out
}
