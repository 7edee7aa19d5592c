// Witness sees all TCP of the loopback device, and writes down which requests that may not be done twice reached which port: `+ID PORT`
// before that side of the connection ended, `~ID PORT` after. A killed process cannot tell what it had not read yet. Told to end, it writes `=COUNT`
// first: how many packets it could not see.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

func main() {
	file := flag.String("file", "", "file that takes what is seen")
	flag.Parse()
	if err := run(*file); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run watches until it is ended.
func run(file string) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	const everything = syscall.ETH_P_ALL
	fd, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_DGRAM, int(bigEndian(everything)))
	if err != nil {
		return fmt.Errorf("packets of loopback cannot be seen: %w", err)
	}
	// Enough for a second in which this program does not run.
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUFFORCE, 32<<20); err != nil {
		_ = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, 32<<20)
	}
	// Told to end, it takes what is there first.
	if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &syscall.Timeval{Usec: 100_000}); err != nil {
		return err
	}
	var isOver atomic.Bool
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	go func() {
		<-told
		isOver.Store(true)
	}()
	fmt.Println("{\"ready\":true}")
	w := witness{out: out, ended: map[direction]bool{}}
	buffer := make([]byte, 1<<17)
	for {
		size, from, err := syscall.Recvfrom(fd, buffer, 0)
		if err == syscall.EAGAIN && isOver.Load() {
			return w.tellLost(fd)
		}
		if err == syscall.EINTR || err == syscall.EAGAIN {
			continue
		}
		if err != nil {
			return err
		}
		// Loopback shows each packet twice: as it goes and as it comes.
		if link, ok := from.(*syscall.SockaddrLinklayer); ok && link.Pkttype == syscall.PACKET_HOST {
			w.see(buffer[:size])
		}
	}
}

func bigEndian(value uint16) uint16 { return value<<8 | value>>8 }

// direction is one side of a connection: who sends to whom.
type direction struct{ from, to uint16 }

type witness struct {
	out   *os.File
	ended map[direction]bool
}

const (
	fin = 1 << iota
	syn
	rst
)

// tellLost writes how many packets there was no room for.
func (w *witness) tellLost(fd int) error {
	counts, err := unix.GetsockoptTpacketStats(fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.out, "=%d\n", counts.Drops)
	return err
}

// see takes a packet of IPv4.
func (w *witness) see(packet []byte) {
	if len(packet) < 20 || packet[0]>>4 != 4 || packet[9] != syscall.IPPROTO_TCP {
		return
	}
	segment := packet[int(packet[0]&15)*4 : min(len(packet), int(binary.BigEndian.Uint16(packet[2:])))]
	if len(segment) < 20 {
		return
	}
	way := direction{from: binary.BigEndian.Uint16(segment), to: binary.BigEndian.Uint16(segment[2:])}
	flags := segment[13]
	if flags&syn != 0 {
		delete(w.ended, way)
	}
	if payload := segment[int(segment[12]>>4)*4:]; len(payload) > 0 {
		for _, id := range onceOnly(payload) {
			mark := '+'
			if w.ended[direction{from: way.to, to: way.from}] {
				mark = '~'
			}
			fmt.Fprintf(w.out, "%c%s %d\n", mark, id, way.to)
		}
	}
	if flags&(fin|rst) != 0 {
		w.ended[way] = true
	}
}

// onceOnly gives the ids of the POST requests of HTTP/1.1, or of the messages of gRPC, that begin in these bytes.
func onceOnly(payload []byte) []string {
	if bytes.HasPrefix(payload, []byte("POST ")) {
		lines := bufio.NewScanner(bytes.NewReader(payload))
		for lines.Scan() {
			name, value, _ := bytes.Cut(lines.Bytes(), []byte(": "))
			if bytes.EqualFold(name, []byte("x-bench-id")) {
				return []string{string(bytes.TrimSpace(value))}
			}
		}
		return nil
	}
	var ids []string
	// A DATA frame whose message is a number: its length, its kind, flags, the stream; then five bytes of gRPC.
	const frame, prefix = 9, 5
	for at := 0; at+frame+prefix < len(payload); at++ {
		length := int(payload[at])<<16 | int(payload[at+1])<<8 | int(payload[at+2])
		end := at + frame + length
		if payload[at+3] != 0 || length <= prefix || end > len(payload) {
			continue
		}
		body := payload[at+frame : end]
		if body[0] != 0 || int(binary.BigEndian.Uint32(body[1:])) != length-prefix || !isNumber(body[prefix:]) {
			continue
		}
		ids = append(ids, string(body[prefix:]))
		at = end - 1
	}
	return ids
}

func isNumber(text []byte) bool {
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(text) > 0
}
