package main

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// failure is one request that was not answered as it should be.
type failure struct {
	ID      string  `json:"id"`
	Method  string  `json:"method"`
	AtMs    float64 `json:"atMs"`
	Why     string  `json:"why"`
	ByProxy bool    `json:"byProxy"`
}

// result is what load says at the end.
type result struct {
	Sent     int       `json:"sent"`
	Seconds  float64   `json:"seconds"`
	Failures []failure `json:"failures"`
	// Closed counts the connections that the proxy ended, politely or not, while the load went on.
	Closed int `json:"closed"`
	// Latency in milliseconds of all good answers.
	Latency spread `json:"latencyMs"`
	// ByBackend has the good answers of each second.
	ByBackend map[string][]int `json:"byBackend"`
	// Slow has the p99 of each second, in milliseconds.
	P99EachSecond []float64 `json:"p99EachSecondMs"`
}

type spread struct {
	P50  float64 `json:"p50"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

// counts is filled by all requests.
type counts struct {
	sync.Mutex
	failures  []failure
	all       []float64
	bySecond  map[int][]float64
	byBackend map[string]map[int]int
}

// steady sends requests until over is closed, then waits for the answers that are due. Every second one is a POST.
// At the wanted rate, a request that cannot go out because all connections are busy waits, and its time runs.
func steady(s sender, o options, over <-chan struct{}) result {
	c := &counts{failures: []failure{}, bySecond: map[int][]float64{}, byBackend: map[string]map[int]int{}}
	var open sync.WaitGroup
	started := time.Now()
	sent := 0
	send := func(number int, due time.Time) {
		// Turns of methods and of paths that do not go in step.
		method := []string{"GET", "POST"}[number%2]
		id := fmt.Sprint(number)
		made := s.send(id, method, o.paths[number/2%len(o.paths)])
		c.note(id, method, made, due.Sub(started), time.Since(due))
	}
	if o.rate == 0 {
		sent = asFastAsAnswered(o.connections, over, send)
	}
	for isOver := o.rate == 0; !isOver; {
		due := started.Add(time.Duration(sent) * time.Second / time.Duration(o.rate))
		select {
		case <-over:
			isOver = true
			continue
		case <-time.After(time.Until(due)):
		}
		number := sent
		sent++
		open.Go(func() { send(number, due) })
	}
	closed := s.ended()
	seconds := time.Since(started).Seconds()
	open.Wait()
	r := result{Sent: sent, Seconds: seconds, Failures: c.failures, Closed: closed, Latency: spreadOf(c.all), ByBackend: map[string][]int{}}
	for second := range int(seconds) + 1 {
		r.P99EachSecond = append(r.P99EachSecond, spreadOf(c.bySecond[second]).P99)
	}
	for backend, seen := range c.byBackend {
		for second := range int(seconds) + 1 {
			r.ByBackend[backend] = append(r.ByBackend[backend], seen[second])
		}
	}
	return r
}

// asFastAsAnswered sends the next request of each of some when its last one is answered, and says how many were sent.
func asFastAsAnswered(workers int, over <-chan struct{}, send func(number int, due time.Time)) int {
	var sent atomic.Int64
	var open sync.WaitGroup
	for range workers {
		open.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
					send(int(sent.Add(1)-1), time.Now())
				}
			}
		})
	}
	open.Wait()
	return int(sent.Load())
}

func (c *counts) note(id, method string, made outcome, at, took time.Duration) {
	c.Lock()
	defer c.Unlock()
	if made.why != "" {
		c.failures = append(c.failures, failure{ID: id, Method: method, AtMs: milliseconds(at), Why: made.why, ByProxy: made.byProxy})
		return
	}
	second := int(at / time.Second)
	c.all = append(c.all, milliseconds(took))
	c.bySecond[second] = append(c.bySecond[second], milliseconds(took))
	seen := c.byBackend[made.backend]
	if seen == nil {
		seen = map[int]int{}
		c.byBackend[made.backend] = seen
	}
	seen[second]++
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	slices.Sort(values)
	at := func(share float64) float64 { return values[min(len(values)-1, int(share*float64(len(values))))] }
	return spread{P50: at(0.5), P99: at(0.99), P999: at(0.999), Max: values[len(values)-1]}
}
