// Probe runs two backends, asks one Envoy again and again, moves the only endpoint of a Service from one to the other, and
// tells how long it takes until an answer comes from there.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"sluice/bench/xds/internal/change"
)

// result is what was seen.
type result struct {
	// TimesMs in the order of the changes.
	TimesMs []float64 `json:"timesMs"`
	// Failed counts requests that no backend answered.
	Failed int `json:"failed"`
}

const (
	// pause between two requests, so that Envoy has time for its configuration.
	pause = 200 * time.Microsecond
	// gap after a change.
	gap = 300 * time.Millisecond
	// warmUp changes are not counted.
	warmUp  = 2
	timeout = 30 * time.Second
)

func main() {
	address := flag.String("envoy", "", "HOST:PORT of the listener")
	host := flag.String("host", "", "host name that leads to Service 0")
	first := flag.Int("first", 0, "port of a backend")
	second := flag.Int("second", 0, "port of the other")
	count := flag.Int("changes", 20, "how many are counted")
	url := flag.String("change-url", "", "see load")
	file := flag.String("change-file", "", "see load")
	template := flag.String("change-template", "", "see load")
	flag.Parse()
	maker := change.ByCall(*url)
	if *file != "" {
		text, err := os.ReadFile(*template)
		exitOn(err)
		maker = change.ToFile(*file, string(text))
	}
	for _, port := range []int{*first, *second} {
		exitOn(backend(port))
	}
	found, err := measure(*address, *host, [2]int{*first, *second}, *count, maker)
	exitOn(err)
	exitOn(json.NewEncoder(os.Stdout).Encode(found))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// backend answers its port.
func backend(port int) error {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return err
	}
	go http.Serve(listener, http.HandlerFunc(func(response http.ResponseWriter, _ *http.Request) { fmt.Fprint(response, port) }))
	return nil
}

func measure(address, host string, ports [2]int, count int, maker *change.Maker) (result, error) {
	var answered atomic.Int64 // by which port the last request was answered
	var failed atomic.Int64
	moved := make(chan time.Time, 1)
	var awaited atomic.Int64
	broken := make(chan error, 1)
	go func() {
		broken <- ask(address, host, func(port int, at time.Time) {
			if port != ports[0] && port != ports[1] {
				failed.Add(1)
				return
			}
			answered.Store(int64(port))
			if awaited.CompareAndSwap(int64(port), 0) {
				moved <- at
			}
		})
	}()
	for start := time.Now(); answered.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Since(start) > timeout {
			return result{}, fmt.Errorf("no answer of a backend through %s", address)
		}
	}
	failed.Store(0)
	var times []float64
	for i := range count + warmUp {
		next := ports[0]
		if answered.Load() == int64(next) {
			next = ports[1]
		}
		awaited.Store(int64(next))
		var begun time.Time
		if err := maker.Make(change.Change{Service: 0, Address: "127.0.0.1", Port: next}, func() { begun = time.Now() }); err != nil {
			return result{}, err
		}
		select {
		case at := <-moved:
			if i >= warmUp {
				times = append(times, float64(at.Sub(begun).Microseconds())/1e3)
			}
		case err := <-broken:
			return result{}, err
		case <-time.After(timeout):
			return result{}, fmt.Errorf("traffic did not move to port %d", next)
		}
		time.Sleep(gap)
	}
	return result{TimesMs: times, Failed: int(failed.Load())}, nil
}

// ask sends one request after the other on one connection, and tells who answered each; 0 is nobody.
func ask(address, host string, told func(port int, at time.Time)) error {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	request := []byte("GET / HTTP/1.1\r\nhost: " + host + "\r\n\r\n")
	reader := bufio.NewReader(connection)
	for {
		if _, err := connection.Write(request); err != nil {
			return err
		}
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return err
		}
		at := time.Now()
		port := 0
		if response.StatusCode == http.StatusOK {
			port, _ = strconv.Atoi(string(body))
		}
		told(port, at)
		time.Sleep(pause)
	}
}
