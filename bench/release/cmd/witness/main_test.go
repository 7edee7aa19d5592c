package main

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"reflect"
	"syscall"
	"testing"
)

func TestOnceOnly(t *testing.T) {
	for name, test := range map[string]struct {
		payload string
		want    []string
	}{
		"a POST":        {"POST /a HTTP/1.1\r\nhost: shop\r\nX-Bench-Id: 17\r\n\r\na body", []string{"17"}},
		"a GET":         {"GET /a HTTP/1.1\r\nx-bench-id: 16\r\n\r\n", nil},
		"an answer":     {"HTTP/1.1 200 OK\r\n\r\n17", nil},
		"calls of gRPC": {message(1, "17") + "\x00\x00\x00\x04\x01\x00\x00\x00\x00" + message(3, "105"), []string{"17", "105"}},
		"a page":        {"\x00\x00\x06\x00\x01\x00\x00\x00\x01abcdef", nil},
	} {
		if got := onceOnly([]byte(test.payload)); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %q, not %q", name, got, test.want)
		}
	}
}

// message is a DATA frame with one message of gRPC.
func message(stream byte, text string) string {
	size := byte(len(text))
	return string([]byte{0, 0, size + 5, 0, 0, 0, 0, 0, stream, 0, 0, 0, 0, size}) + text
}

func TestSee(t *testing.T) {
	const proxy, backend = 40000, 80
	file := filepath.Join(t.TempDir(), "seen")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w := witness{out: out, ended: map[direction]bool{}}
	post := func(id string) string { return "POST / HTTP/1.1\r\nx-bench-id: " + id + "\r\n\r\n" }
	w.see(packet(proxy, backend, syn, ""))
	w.see(packet(proxy, backend, 0, post("1")))
	w.see(packet(backend, proxy, fin, ""))
	w.see(packet(proxy, backend, 0, post("2")))
	w.see(packet(backend, proxy, syn, ""))
	w.see(packet(proxy, backend, 0, post("3")))
	w.see(packet(backend, proxy, rst, ""))
	w.see(packet(proxy, backend, fin, post("4")))
	if seen, want := read(t, file), "+1 80\n~2 80\n+3 80\n~4 80\n"; seen != want {
		t.Errorf("%q, not %q", seen, want)
	}
}

// packet is one of IPv4 with the fewest headers.
func packet(from, to uint16, flags byte, payload string) []byte {
	const headers = 20
	made := make([]byte, 2*headers, 2*headers+len(payload))
	made[0], made[9] = 4<<4|headers/4, syscall.IPPROTO_TCP
	binary.BigEndian.PutUint16(made[2:], uint16(2*headers+len(payload)))
	segment := made[headers:]
	binary.BigEndian.PutUint16(segment, from)
	binary.BigEndian.PutUint16(segment[2:], to)
	segment[12], segment[13] = headers/4<<4, flags
	return append(made, payload...)
}

func read(t *testing.T, file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
