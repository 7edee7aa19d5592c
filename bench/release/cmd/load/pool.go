package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// pool sends HTTP/1.1 over connections that are kept. net/http is not used for it: its transport sends a request again when a
// kept connection turns out to be dead, which would hide what this program is to count.
type pool struct {
	options
	free   chan struct{} // a token for each request that may be under way
	mutex  sync.Mutex
	idle   []*kept // the one that rested longest comes first, so that all are used
	closed int
}

// kept is one connection. Its reader waits for bytes all the time, as that of a browser does, so that one that the proxy ends
// while it rests is not used again.
type kept struct {
	net.Conn
	waiting chan outcome // holds the place of the one answer that is due
	due     bool         // guarded by the mutex of the pool
}

func newPool(o options) *pool {
	p := &pool{options: o, free: make(chan struct{}, o.connections)}
	for range o.connections {
		p.free <- struct{}{}
	}
	return p
}

func (p *pool) ended() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.closed
}

func (p *pool) send(id, method, path string) outcome {
	<-p.free
	defer func() { p.free <- struct{}{} }()
	connection, err := p.take()
	if err != nil {
		return outcome{why: "connect: " + reason(err)}
	}
	if _, err := connection.Write(p.request(id, method, path)); err != nil {
		_ = connection.Close()
		return outcome{why: "write: " + reason(err)}
	}
	select {
	case made := <-connection.waiting:
		if made.why == "" && made.body != id {
			return outcome{why: "not the answer to this request"}
		}
		return made
	case <-time.After(patience):
		_ = connection.Close()
		return outcome{why: fmt.Sprintf("no answer within %s", patience)}
	}
}

func (p *pool) request(id, method, path string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nx-bench-id: %s\r\n", method, path, p.host, id)
	if method == http.MethodPost {
		b.WriteString("Content-Length: 6\r\n\r\na body")
	} else {
		b.WriteString("\r\n")
	}
	return b.Bytes()
}

// take gives a connection that waits for an answer from now on.
func (p *pool) take() (*kept, error) {
	p.mutex.Lock()
	if len(p.idle) > 0 {
		connection := p.idle[0]
		p.idle = p.idle[1:]
		connection.due = true
		p.mutex.Unlock()
		return connection, nil
	}
	p.mutex.Unlock()
	dialed, err := dial(p.options)
	if err != nil {
		return nil, err
	}
	connection := &kept{Conn: dialed, waiting: make(chan outcome, 1), due: true}
	go p.read(connection)
	return connection, nil
}

// read delivers answers until the connection ends, by whichever side.
func (p *pool) read(connection *kept) {
	defer connection.Close()
	input := bufio.NewReader(connection)
	for {
		_, err := input.Peek(1)
		if err != nil {
			p.end(connection, "the connection ended without an answer: "+reason(err))
			return
		}
		response, err := http.ReadResponse(input, nil)
		if err != nil {
			p.end(connection, "answer: "+reason(err))
			return
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			p.end(connection, "cut off: "+reason(err))
			return
		}
		made := outcome{backend: response.Header.Get("x-backend"), body: string(body)}
		if response.StatusCode != http.StatusOK {
			made = outcome{why: fmt.Sprintf("%d %.140s", response.StatusCode, oneLine(body)), byProxy: true}
		}
		p.mutex.Lock()
		isDue := connection.due
		connection.due = false
		if response.Close {
			p.closed++
		} else if isDue {
			p.idle = append(p.idle, connection)
		}
		p.mutex.Unlock()
		if !isDue {
			return
		}
		connection.waiting <- made
		if response.Close {
			return
		}
	}
}

// end notes that a connection is over, and fails the request that waits on it.
func (p *pool) end(connection *kept, why string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for place, other := range p.idle {
		if other == connection {
			p.idle = append(p.idle[:place:place], p.idle[place+1:]...)
			break
		}
	}
	p.closed++
	if connection.due {
		connection.waiting <- outcome{why: why}
	}
}

func oneLine(text []byte) []byte { return bytes.Join(bytes.Fields(text), []byte(" ")) }

// reason leaves out addresses, so that equal failures have equal words.
func reason(err error) string {
	var operation *net.OpError
	if errors.As(err, &operation) {
		return operation.Err.Error()
	}
	return err.Error()
}
