// Backend is a server behind the proxies: HTTP/1.1, or gRPC. It writes each request that may not be done twice to a file as it
// comes and when its answer is written, so that a killed process leaves behind what it had begun.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// backend is what both kinds share.
type backend struct {
	name  string
	delay time.Duration
	seen  *os.File
}

func main() {
	kind := flag.String("kind", "http", "http or grpc")
	name := flag.String("name", "", "what it calls itself in its answers")
	delay := flag.Duration("delay", 10*time.Millisecond, "time that an answer takes")
	seen := flag.String("seen", "", "file that takes the ids of what may not be done twice")
	ending := flag.String("ending", "graceful", "what it does at SIGTERM: graceful, or reset its connections")
	flag.Parse()
	if err := run(*kind, *name, *seen, *ending, *delay); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(kind, name, file, ending string, delay time.Duration) error {
	seen, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	listener := &listener{Listener: inner, open: map[*connection]struct{}{}}
	b := &backend{name: name, delay: delay, seen: seen}
	var serve func(net.Listener) error
	var shutdown func()
	if kind == "grpc" {
		server := grpc.NewServer(grpc.ForceServerCodec(raw{}), grpc.UnknownServiceHandler(b.call))
		serve, shutdown = server.Serve, server.GracefulStop
	} else {
		server := &http.Server{Handler: b}
		serve = server.Serve
		shutdown = func() { _ = server.Shutdown(context.Background()) }
	}
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	failed := make(chan error, 1)
	go func() { failed <- serve(listener) }()
	fmt.Printf("{\"port\":%d}\n", inner.Addr().(*net.TCPAddr).Port)
	select {
	case err := <-failed:
		return err
	case <-told:
	}
	if ending == "reset" {
		_ = inner.Close()
		listener.reset()
		return nil
	}
	shutdown()
	return nil
}

func (b *backend) begin(id string) { fmt.Fprintf(b.seen, "+%s\n", id) }

func (b *backend) end(id string) { fmt.Fprintf(b.seen, "-%s\n", id) }

// ServeHTTP answers with the id of the request.
func (b *backend) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	id := request.Header.Get("x-bench-id")
	once := request.Method == http.MethodPost
	if once {
		b.begin(id)
	}
	_, _ = io.Copy(io.Discard, request.Body)
	time.Sleep(b.delay)
	response.Header().Set("x-backend", b.name)
	response.Header().Set("content-length", strconv.Itoa(len(id)))
	_, _ = io.WriteString(response, id)
	if once && http.NewResponseController(response).Flush() == nil {
		b.end(id)
	}
}

// call answers any unary call with its own message.
func (b *backend) call(_ any, stream grpc.ServerStream) error {
	fields, _ := metadata.FromIncomingContext(stream.Context())
	ids := fields.Get("x-bench-id")
	if len(ids) == 0 {
		return status.Error(codes.InvalidArgument, "no x-bench-id")
	}
	b.begin(ids[0])
	var message []byte
	if err := stream.RecvMsg(&message); err != nil {
		return err
	}
	time.Sleep(b.delay)
	if err := stream.SetHeader(metadata.Pairs("x-backend", b.name)); err != nil {
		return err
	}
	if err := stream.SendMsg(&message); err != nil {
		return err
	}
	b.end(ids[0])
	return nil
}

// raw passes messages as they are.
type raw struct{}

func (raw) Name() string { return "raw" }

func (raw) Marshal(message any) ([]byte, error) { return *message.(*[]byte), nil }

func (raw) Unmarshal(data []byte, message any) error {
	*message.(*[]byte) = append([]byte(nil), data...)
	return nil
}

// listener knows its open connections.
type listener struct {
	net.Listener
	mutex sync.Mutex
	open  map[*connection]struct{}
}

type connection struct {
	*net.TCPConn
	of *listener
}

func (l *listener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &connection{TCPConn: accepted.(*net.TCPConn), of: l}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.open[c] = struct{}{}
	return c, nil
}

func (c *connection) Close() error {
	c.of.mutex.Lock()
	delete(c.of.open, c)
	c.of.mutex.Unlock()
	return c.TCPConn.Close()
}

// reset ends all connections as a crash of the machine's network would: with RST, whatever is under way.
func (l *listener) reset() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for c := range l.open {
		_ = c.SetLinger(0)
		_ = c.TCPConn.Close()
	}
}
