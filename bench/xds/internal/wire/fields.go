package wire

import (
	"bytes"
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// Fields cuts a message into its fields while its bytes come in. An answer of megabytes is never held as a whole: a field that
// lies within one piece is handed on in place, any other is gathered, and a large one that is known is only compared.
type Fields struct {
	// Known gives a field value of this length that is likely the next one, or nil.
	Known func(length int) []byte
	// Field takes a length-delimited field. The value is only valid during the call.
	Field func(number protowire.Number, value []byte)

	head    []byte // of a field whose tag and length are not complete yet
	number  protowire.Number
	left    int    // bytes of the value that are still to come
	value   []byte // what was gathered of it
	guess   []byte // what it has been equal to so far
	guessed int    // how much of it
}

// largeField is worth a comparison with what is known.
const largeField = 32 << 10

var errMalformed = errors.New("malformed message")

// Feed takes the next piece of a message.
func (f *Fields) Feed(piece []byte) error {
	for len(piece) > 0 {
		if f.left > 0 {
			n := min(f.left, len(piece))
			f.gather(piece[:n])
			piece = piece[n:]
			continue
		}
		number, length, n, err := f.header(piece)
		if err != nil {
			return err
		}
		if n < 0 {
			return nil // the rest of the header is in the next piece
		}
		piece = piece[n:]
		if length <= len(piece) {
			f.Field(number, piece[:length])
			piece = piece[length:]
			continue
		}
		f.number, f.left, f.value, f.guessed = number, length, f.value[:0], 0
		if length >= largeField {
			f.guess = f.Known(length)
		}
	}
	return nil
}

// End says that the message is complete.
func (f *Fields) End() error {
	if f.left > 0 || len(f.head) > 0 {
		return errMalformed
	}
	return nil
}

// header reads tag and length; consumed is -1 where they are not complete.
func (f *Fields) header(piece []byte) (number protowire.Number, length, consumed int, err error) {
	from, before := piece, len(f.head)
	if before > 0 {
		f.head = append(f.head, piece[:min(len(piece), 20)]...)
		from = f.head
	}
	number, kind, n := protowire.ConsumeTag(from)
	size := -1
	if n > 0 {
		if kind != protowire.BytesType {
			return 0, 0, 0, errMalformed
		}
		var value uint64
		if value, size = protowire.ConsumeVarint(from[n:]); size > 0 {
			f.head = f.head[:0]
			return number, int(value), n + size - before, nil
		}
	}
	if len(from) >= 20 {
		return 0, 0, 0, errMalformed
	}
	if before == 0 {
		f.head = append(f.head, piece...)
	}
	return 0, 0, -1, nil
}

func (f *Fields) gather(part []byte) {
	if f.guess != nil {
		if bytes.Equal(part, f.guess[f.guessed:f.guessed+len(part)]) {
			f.guessed += len(part)
		} else {
			f.value = append(append(make([]byte, 0, len(f.guess)), f.guess[:f.guessed]...), part...)
			f.guess = nil
		}
	} else {
		if cap(f.value)-len(f.value) < f.left {
			f.value = append(make([]byte, 0, len(f.value)+f.left), f.value...)
		}
		f.value = append(f.value, part...)
	}
	if f.left -= len(part); f.left > 0 {
		return
	}
	if f.guess != nil {
		f.Field(f.number, f.guess)
		f.guess = nil
		return
	}
	f.Field(f.number, f.value)
	if cap(f.value) > largeField {
		f.value = nil // a thousand streams would keep as many route tables
	}
}
