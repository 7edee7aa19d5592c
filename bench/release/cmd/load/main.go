// Load sends requests at a steady rate whatever becomes of them, each once: it never sends one again. It tells what failed and
// how, which connections the proxy ended, and how long answers took, counted from when each request was due.
package main

import (
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// patience is how long an answer may take.
const patience = 15 * time.Second

// outcome is what became of one request.
type outcome struct {
	// Who answered what.
	backend, body string
	// Why it failed, empty where it did not.
	why string
	// byProxy says that the failure is an answer of the proxy, else the client has none.
	byProxy bool
}

// sender sends one request, and says what became of it.
type sender interface {
	send(id, method, path string) outcome
	// ended counts the connections that the other side ended.
	ended() int
}

type options struct {
	target, protocol, host string
	paths                  []string
	rate, connections      int
	encrypted              bool
	readyWithin            time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.target, "target", "", "HOST:PORT of the proxy")
	flag.StringVar(&o.protocol, "protocol", "http1", "http1, http2 or grpc")
	flag.StringVar(&o.host, "host", "", "host name that is asked for")
	paths := flag.String("paths", "/", "paths that take turns, with commas between")
	flag.IntVar(&o.rate, "rate", 1000, "requests a second; 0: each connection sends the next when it has its answer")
	flag.IntVar(&o.connections, "connections", 48, "connections at the most")
	flag.BoolVar(&o.encrypted, "tls", false, "TLS, whoever signed the certificate")
	flag.DurationVar(&o.readyWithin, "ready-within", 20*time.Second, "how long the proxy may take to answer at all")
	flag.Parse()
	o.paths = strings.Split(*paths, ",")
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run sends until its input ends.
func run(o options) error {
	if err := ready(newSender(o), o); err != nil {
		return err
	}
	fmt.Println(`{"ready":true}`)
	over := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(over)
	}()
	return json.NewEncoder(os.Stdout).Encode(steady(newSender(o), o, over))
}

func newSender(o options) sender {
	if o.protocol == "http1" {
		return newPool(o)
	}
	return newCalls(o)
}

// ready asks until the proxy answers as it shall, a few times in a row; these requests are not counted.
func ready(s sender, o options) error {
	const wanted = 20
	deadline := time.Now().Add(o.readyWithin)
	for good, asked := 0, 0; good < wanted; asked++ {
		made := s.send(fmt.Sprintf("ready-%d", asked), "GET", o.paths[asked%len(o.paths)])
		if made.why == "" {
			good++
			continue
		}
		if good = 0; time.Now().After(deadline) {
			return fmt.Errorf("the proxy does not answer: %s", made.why)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil
}

func dial(o options) (net.Conn, error) {
	plain, err := net.DialTimeout("tcp", o.target, 5*time.Second)
	if err != nil || !o.encrypted {
		return plain, err
	}
	protocol := "h2"
	if o.protocol == "http1" {
		protocol = "http/1.1"
	}
	secure := tls.Client(plain, &tls.Config{ServerName: o.host, InsecureSkipVerify: true, NextProtos: []string{protocol}})
	if err := secure.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return nil, err
	}
	if err := secure.Handshake(); err != nil {
		_ = plain.Close()
		return nil, err
	}
	return secure, secure.SetDeadline(time.Time{})
}
