package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"golang.org/x/net/http2"
)

// calls sends unary gRPC calls, or requests of HTTP/2. One goes to one HTTP/2 connection and stays there: grpc-go and the transport of net/http2
// would send one again of which they believe that the server did not see it.
type calls struct {
	options
	transport *http2.Transport
	mutex     sync.Mutex
	turn      int
	open      []*http2.ClientConn
	closed    int
}

// callsEach is how many connections carry one call each in HTTP/1.1: a client of gRPC has few.
const callsEach = 8

func newCalls(o options) *calls {
	return &calls{options: o, transport: &http2.Transport{AllowHTTP: true}, open: make([]*http2.ClientConn, max(1, o.connections/callsEach))}
}

func (c *calls) ended() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	closed := c.closed
	for _, connection := range c.open {
		if connection != nil && isEnding(connection) {
			closed++
		}
	}
	return closed
}

func (c *calls) send(id, method, path string) outcome {
	connection, err := c.take()
	if err != nil {
		return outcome{why: "connect: " + reason(err)}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if c.protocol == "http2" {
		return c.request(ctx, connection, id, path)
	}
	return c.call(ctx, connection, id, method)
}

func (c *calls) request(ctx context.Context, connection *http2.ClientConn, id, path string) outcome {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.host+path, nil)
	if err != nil {
		return outcome{why: err.Error()}
	}
	request.Header = http.Header{"X-Bench-Id": {id}}
	response, err := connection.RoundTrip(request)
	if err != nil {
		return outcome{why: "request: " + reason(err)}
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return outcome{why: "cut off: " + reason(err)}
	}
	if response.StatusCode != http.StatusOK {
		return outcome{why: fmt.Sprintf("%d %.140s", response.StatusCode, oneLine(answer)), byProxy: true}
	}
	if string(answer) != id {
		return outcome{why: "not the answer to this request"}
	}
	return outcome{backend: response.Header.Get("x-backend")}
}

func (c *calls) call(ctx context.Context, connection *http2.ClientConn, id, method string) outcome {
	message := []byte(id)
	body := make([]byte, 5, 5+len(message))
	binary.BigEndian.PutUint32(body[1:], uint32(len(message)))
	body = append(body, message...)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.host+"/bench.Shop/"+method, bytes.NewReader(body))
	if err != nil {
		return outcome{why: err.Error()}
	}
	request.Header = http.Header{"Content-Type": {"application/grpc"}, "Te": {"trailers"}, "X-Bench-Id": {id}}
	response, err := connection.RoundTrip(request)
	if err != nil {
		return outcome{why: "call: " + reason(err)}
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return outcome{why: "cut off: " + reason(err)}
	}
	code := response.Trailer.Get("Grpc-Status")
	said := response.Trailer.Get("Grpc-Message")
	if code == "" {
		code, said = response.Header.Get("Grpc-Status"), response.Header.Get("Grpc-Message")
	}
	if response.StatusCode != http.StatusOK || code != "0" {
		return outcome{why: fmt.Sprintf("%d, grpc-status %s %.140s", response.StatusCode, code, said), byProxy: true}
	}
	if !bytes.Equal(answer, body) {
		return outcome{why: "not the answer to this call"}
	}
	return outcome{backend: response.Header.Get("x-backend")}
}

// take gives the next connection in turn that takes one more call, and keeps the place for it. One that ends gives way to a new one; where all are
// full there is one more.
func (c *calls) take() (*http2.ClientConn, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for range c.open {
		place := c.turn % len(c.open)
		c.turn++
		connection := c.open[place]
		if connection != nil && connection.ReserveNewRequest() {
			return connection, nil
		}
		if connection == nil || isEnding(connection) {
			if connection != nil {
				c.closed++
			}
			made, err := c.connect()
			c.open[place] = made
			return made, err
		}
	}
	made, err := c.connect()
	if err == nil {
		c.open = append(c.open, made)
	}
	return made, err
}

func isEnding(connection *http2.ClientConn) bool {
	state := connection.State()
	return state.Closed || state.Closing
}

func (c *calls) connect() (*http2.ClientConn, error) {
	dialed, err := dial(c.options)
	if err != nil {
		return nil, err
	}
	connection, err := c.transport.NewClientConn(dialed)
	if err != nil {
		return nil, err
	}
	// Its settings come with the first bytes; before that it allows fewer calls than it will.
	if err := connection.Ping(withTimeout(5 * time.Second)); err != nil {
		return nil, err
	}
	if !connection.ReserveNewRequest() {
		return nil, errors.New("a new connection takes no call")
	}
	return connection, nil
}

func withTimeout(d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	time.AfterFunc(d, cancel)
	return ctx
}
