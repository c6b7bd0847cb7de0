package chat

import (
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
)

// Class names the way in which bytes break the encoding; the vectors use the same names.
type Class string

const (
	Truncated   Class = "truncated"    // the bytes end before the value does
	Trailing    Class = "trailing"     // bytes follow the value
	NotMinimal  Class = "not_minimal"  // a vector's length in a longer form than needed, or in the form of 8 bytes
	UnknownKind Class = "unknown_kind" // no frame has this kind in this direction
	OverLimit   Class = "too_large"    // over a limit of spec §9
	RefZero     Class = "ref_zero"     // a request, or an answer, without its ref
	NotText     Class = "not_text"     // text that is not UTF-8
	NoMeaning   Class = "no_meaning"   // a value that the spec gives no meaning
)

// FormatError says that bytes are no valid encoding. Its text holds nothing of the bytes.
type FormatError struct {
	Class Class
	Limit uint64 // for OverLimit
	Ref   uint32 // of the request, where it could be read, else 0
}

func (e *FormatError) Error() string { return "bad encoding: " + string(e.Class) }

// coder is either a reader or a writer, so that each structure states its layout once and the two directions cannot
// differ.
type coder interface {
	uint8(*uint8)
	uint16(*uint16)
	uint32(*uint32)
	uint64(*uint64)
	fixed([]byte)
	opaque(value *[]byte, limit int)
	text(value *string, limit int)
	devices(*[]Device)
	// vector codes elements until the bytes end (reader) or n are written (writer).
	vector(n, limit int, element func(k coder, i int))
	fail(Class, int)
}

// noLimit is the longest vector that a 4-byte length can name.
const noLimit = 1<<30 - 1

// reader decodes. The first failure stays; later reads do nothing.
type reader struct {
	rest  cryptobyte.String
	class Class
	limit int
}

func (r *reader) fail(class Class, limit int) {
	if r.class == "" {
		r.class, r.limit = class, limit
	}
	r.rest = nil
}

func (r *reader) check(ok bool) {
	if !ok {
		r.fail(Truncated, 0)
	}
}

func (r *reader) uint8(v *uint8)     { r.check(r.rest.ReadUint8(v)) }
func (r *reader) uint16(v *uint16)   { r.check(r.rest.ReadUint16(v)) }
func (r *reader) uint32(v *uint32)   { r.check(r.rest.ReadUint32(v)) }
func (r *reader) uint64(v *uint64)   { r.check(r.rest.ReadUint64(v)) }
func (r *reader) fixed(value []byte) { r.check(r.rest.CopyBytes(value)) }

// length reads the variable-size integer of RFC 9420 §2.1.2.
func (r *reader) length(limit int) int {
	if len(r.rest) == 0 {
		r.fail(Truncated, 0)
		return 0
	}
	var n uint32
	switch r.rest[0] >> 6 {
	case 0:
		var short uint8
		r.uint8(&short)
		n = uint32(short)
	case 1:
		var medium uint16
		r.uint16(&medium)
		if n = uint32(medium & 0x3fff); n < 1<<6 && r.class == "" {
			r.fail(NotMinimal, 0)
		}
	case 2:
		r.uint32(&n)
		if n &= 0x3fffffff; n < 1<<14 && r.class == "" {
			r.fail(NotMinimal, 0)
		}
	default:
		r.fail(NotMinimal, 0)
	}
	if r.class != "" {
		return 0
	}
	if int(n) > limit {
		r.fail(OverLimit, limit)
		return 0
	}
	return int(n)
}

func (r *reader) opaque(value *[]byte, limit int) {
	n := r.length(limit)
	if r.class == "" {
		r.check(r.rest.ReadBytes(value, n))
	}
}

func (r *reader) text(value *string, limit int) {
	var bytes []byte
	r.opaque(&bytes, limit)
	if !utf8.Valid(bytes) {
		r.fail(NotText, 0)
	}
	*value = string(bytes)
}

func (r *reader) vector(_, limit int, element func(coder, int)) {
	var bytes []byte
	r.opaque(&bytes, noLimit)
	if len(bytes) == 0 {
		return // as most are: nothing is made for it
	}
	inner := reader{rest: bytes}
	for i := 0; len(inner.rest) > 0; i++ {
		if i == limit {
			inner.fail(OverLimit, limit)
			break
		}
		element(&inner, i)
	}
	if inner.class != "" {
		r.fail(inner.class, inner.limit)
	}
}

func (r *reader) devices(list *[]Device) {
	*list = nil
	r.vector(0, LimitDevices, func(k coder, _ int) {
		var d Device
		k.fixed(d[:])
		*list = append(*list, d)
	})
}

// end refuses what is left over and reports the first failure.
func (r *reader) end() error {
	if len(r.rest) > 0 {
		r.fail(Trailing, 0)
	}
	if r.class == "" {
		return nil
	}
	return &FormatError{Class: r.class, Limit: uint64(r.limit)}
}

// writer encodes into a buffer of its own; like reader, it keeps the first failure.
type writer struct {
	out   cryptobyte.Builder
	class Class
	limit int
}

func (w *writer) fail(class Class, limit int) {
	if w.class == "" {
		w.class, w.limit = class, limit
	}
}

func (w *writer) uint8(v *uint8)     { w.out.AddUint8(*v) }
func (w *writer) uint16(v *uint16)   { w.out.AddUint16(*v) }
func (w *writer) uint32(v *uint32)   { w.out.AddUint32(*v) }
func (w *writer) uint64(v *uint64)   { w.out.AddUint64(*v) }
func (w *writer) fixed(value []byte) { w.out.AddBytes(value) }

func (w *writer) opaque(value *[]byte, limit int) {
	if w.length(len(*value), limit) {
		w.out.AddBytes(*value)
	}
}

// length is what stands before n bytes. It reports whether there may be as many.
func (w *writer) length(n, limit int) bool {
	switch {
	case n > limit || n > noLimit:
		w.fail(OverLimit, limit)
		return false
	case n < 1<<6:
		w.out.AddUint8(uint8(n))
	case n < 1<<14:
		w.out.AddUint16(1<<14 | uint16(n))
	default:
		w.out.AddUint32(1<<31 | uint32(n))
	}
	return true
}

func (w *writer) text(value *string, limit int) {
	if !utf8.ValidString(*value) {
		w.fail(NotText, 0)
		return
	}
	bytes := []byte(*value)
	w.opaque(&bytes, limit)
}

func (w *writer) vector(n, limit int, element func(coder, int)) {
	if n > limit {
		w.fail(OverLimit, limit)
		return
	}
	if n == 0 {
		w.opaque(new([]byte), noLimit)
		return
	}
	var inner writer
	for i := range n {
		element(&inner, i)
	}
	bytes, err := inner.end()
	if err != nil {
		w.fail(inner.class, inner.limit)
		return
	}
	w.opaque(&bytes, noLimit)
}

func (w *writer) devices(list *[]Device) {
	w.vector(len(*list), LimitDevices, func(k coder, i int) { k.fixed((*list)[i][:]) })
}

func (w *writer) end() ([]byte, error) {
	if w.class != "" {
		return nil, &FormatError{Class: w.class, Limit: uint64(w.limit)}
	}
	return w.out.Bytes()
}
