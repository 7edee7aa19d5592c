// Package stream is one gRPC call on an HTTP/2 connection of its own, read and written by one goroutine. It leaves out all that
// a load client does not need, so that a thousand of them take little of the machine that also runs the server.
package stream

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// Window is what Envoy offers an xDS server for the answers of a stream.
const Window = 16 << 20

const (
	connectionWindow = 24 << 20
	// usualWindow is what both sides begin with, by the standard.
	usualWindow = 65535
	maxFrame    = 16384
	only        = 1 // the number of the one stream
)

// Received counts bytes that came from sockets, HTTP/2 framing included.
var Received atomic.Int64

// Frames counts frames that came, but for pings: of a thousand streams that do nothing some are pinged at any time.
var Frames atomic.Int64

// Handler takes the messages of a stream, piece by piece.
type Handler interface {
	Begin()
	// Piece is only valid during the call.
	Piece(bytes []byte) error
	// End of a message.
	End() error
}

// Stream is one open call.
type Stream struct {
	conn    net.Conn
	framer  *http2.Framer
	out     *bufio.Writer
	handler Handler

	// What may be sent still, by the windows that the server gave.
	streamCredit, connectionCredit int
	initialWindow                  int
	pending                        [][]byte
	unsent                         atomic.Int64
	// What was received and not given back yet.
	taken int

	prefix []byte // of a gRPC message, as far as it came
	left   int    // of the message that is coming
}

type countingConn struct{ net.Conn }

func (c countingConn) Read(to []byte) (int, error) {
	n, err := c.Conn.Read(to)
	Received.Add(int64(n))
	return n, err
}

// Open connects and begins the call; nothing of the server's is read before Run.
// Window is how many bytes of answers the server may send before they are taken; with 0 it can send none.
func Open(ctx context.Context, address, method string, window uint32, handler Handler) (*Stream, error) {
	dialer := net.Dialer{}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	counted := countingConn{conn}
	out := bufio.NewWriterSize(counted, maxFrame+64)
	s := &Stream{
		conn: conn, out: out, handler: handler, framer: http2.NewFramer(out, bufio.NewReaderSize(counted, 32<<10)),
		streamCredit: usualWindow, connectionCredit: usualWindow, initialWindow: usualWindow,
	}
	s.framer.SetReuseFrames()
	s.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if err := s.begin(address, method, window); err != nil {
		conn.Close()
		return nil, err
	}
	return s, nil
}

func (s *Stream) begin(address, method string, window uint32) error {
	if _, err := s.out.WriteString(http2.ClientPreface); err != nil {
		return err
	}
	if err := s.framer.WriteSettings(
		http2.Setting{ID: http2.SettingInitialWindowSize, Val: window},
		http2.Setting{ID: http2.SettingEnablePush, Val: 0},
	); err != nil {
		return err
	}
	if err := s.framer.WriteWindowUpdate(0, connectionWindow-usualWindow); err != nil {
		return err
	}
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, field := range [][2]string{
		{":method", "POST"}, {":scheme", "http"}, {":path", method}, {":authority", address},
		{"te", "trailers"}, {"content-type", "application/grpc"},
	} {
		if err := encoder.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]}); err != nil {
			return err
		}
	}
	if err := s.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: only, BlockFragment: block.Bytes(), EndHeaders: true}); err != nil {
		return err
	}
	return s.out.Flush()
}

// Close cuts the connection; Run ends with an error.
func (s *Stream) Close() { s.conn.Close() }

// Unsent is how many bytes wait for the server to read what was sent before. Safe from any goroutine.
func (s *Stream) Unsent() int64 { return s.unsent.Load() }

// Send queues a message that is given in pieces, which must not change any more. It is written by Flush.
func (s *Stream) Send(pieces ...[]byte) {
	length := 0
	for _, piece := range pieces {
		length += len(piece)
	}
	prefix := make([]byte, 5)
	binary.BigEndian.PutUint32(prefix[1:], uint32(length))
	s.pending = append(append(s.pending, prefix), pieces...)
	s.unsent.Add(int64(length + 5))
}

var frames = sync.Pool{New: func() any { return new([maxFrame]byte) }}

// Flush writes what was queued, as far as the windows of the server allow.
func (s *Stream) Flush() error {
	frame := frames.Get().(*[maxFrame]byte)
	defer frames.Put(frame)
	for len(s.pending) > 0 {
		room := min(maxFrame, s.streamCredit, s.connectionCredit)
		filled := 0
		for filled < room && len(s.pending) > 0 {
			n := copy(frame[filled:room], s.pending[0])
			filled += n
			if s.pending[0] = s.pending[0][n:]; len(s.pending[0]) == 0 {
				s.pending = s.pending[1:]
			}
		}
		if filled == 0 {
			break
		}
		s.streamCredit -= filled
		s.connectionCredit -= filled
		s.unsent.Add(int64(-filled))
		if err := s.framer.WriteData(only, false, frame[:filled]); err != nil {
			return err
		}
	}
	return s.out.Flush()
}

// Run reads until the call or the connection ends, and gives the reason.
func (s *Stream) Run() error {
	for {
		frame, err := s.framer.ReadFrame()
		if err != nil {
			return err
		}
		if frame.Header().Type != http2.FramePing {
			Frames.Add(1)
		}
		if err := s.take(frame); err != nil {
			return err
		}
		if err := s.Flush(); err != nil {
			return err
		}
	}
}

func (s *Stream) take(frame http2.Frame) error {
	switch frame := frame.(type) {
	case *http2.DataFrame:
		return s.data(frame)
	case *http2.MetaHeadersFrame:
		if !frame.StreamEnded() {
			return nil
		}
		var status, message string
		for _, field := range frame.Fields {
			switch field.Name {
			case "grpc-status":
				status = field.Value
			case "grpc-message":
				message = field.Value
			}
		}
		return fmt.Errorf("the server ended the call: grpc-status %s %s", status, message)
	case *http2.SettingsFrame:
		if frame.IsAck() {
			return nil
		}
		if window, ok := frame.Value(http2.SettingInitialWindowSize); ok {
			s.streamCredit += int(window) - s.initialWindow
			s.initialWindow = int(window)
		}
		return s.framer.WriteSettingsAck()
	case *http2.WindowUpdateFrame:
		if frame.StreamID == 0 {
			s.connectionCredit += int(frame.Increment)
		} else {
			s.streamCredit += int(frame.Increment)
		}
	case *http2.PingFrame:
		if !frame.IsAck() {
			return s.framer.WritePing(true, frame.Data)
		}
	case *http2.RSTStreamFrame:
		return fmt.Errorf("the server reset the call: %v", frame.ErrCode)
	case *http2.GoAwayFrame:
		return fmt.Errorf("the server is going away: %v", frame.ErrCode)
	}
	return nil
}

func (s *Stream) data(frame *http2.DataFrame) error {
	if err := s.messages(frame.Data()); err != nil {
		return err
	}
	s.taken += int(frame.Length)
	if s.taken >= Window/2 {
		given := uint32(s.taken)
		s.taken = 0
		if err := s.framer.WriteWindowUpdate(0, given); err != nil {
			return err
		}
		return s.framer.WriteWindowUpdate(only, given)
	}
	if frame.StreamEnded() {
		return errors.New("the server ended the call without a status")
	}
	return nil
}

func (s *Stream) messages(data []byte) error {
	for len(data) > 0 {
		if s.left == 0 {
			n := min(5-len(s.prefix), len(data))
			s.prefix = append(s.prefix, data[:n]...)
			data = data[n:]
			if len(s.prefix) < 5 {
				return nil
			}
			if s.prefix[0] != 0 {
				return errors.New("a compressed message, which nobody asked for")
			}
			s.left = int(binary.BigEndian.Uint32(s.prefix[1:]))
			s.prefix = s.prefix[:0]
			s.handler.Begin()
		}
		n := min(s.left, len(data))
		if err := s.handler.Piece(data[:n]); err != nil {
			return err
		}
		data = data[n:]
		if s.left -= n; s.left > 0 {
			return nil
		}
		if err := s.handler.End(); err != nil {
			return err
		}
	}
	return nil
}
