package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"sluice/bench/xds/internal/change"
	"sluice/bench/xds/internal/proc"
	"sluice/bench/xds/internal/stream"
)

// fleet is the nodes of one run with all that they share.
type fleet struct {
	target, group string
	delta         bool
	pid           int
	maker         *change.Maker
	services      int

	catalog *catalog
	lists   *lists
	marks   *marks
	nodes   []*node

	answers, bytes, resources, resourceBytes atomic.Int64
	lost                                     atomic.Int64 // streams that ended by themselves
	lastReason                               atomic.Value

	// Of the streams that are open now.
	streams  sync.WaitGroup
	stopping atomic.Bool
	start    time.Time
	unsynced atomic.Int64
	syncedAt []float64 // milliseconds since the start, by node
	synced   chan struct{}
	// broken says that a stream ended by itself, so that nobody waits for what its node cannot get any more.
	broken chan struct{}
}

func newFleet(target, group string, delta bool, pid, nodes int, maker *change.Maker, services int) *fleet {
	f := &fleet{target: target, group: group, delta: delta, pid: pid, maker: maker, services: services, marks: &marks{}}
	f.catalog = newCatalog(delta, f.marks)
	f.lists = &lists{catalog: f.catalog}
	for i := range nodes {
		f.nodes = append(f.nodes, newNode(i, f))
	}
	return f
}

func (f *fleet) count(a *answer) {
	f.answers.Add(1)
	f.bytes.Add(int64(a.size))
	f.resources.Add(int64(len(a.listed)))
	f.resourceBytes.Add(int64(a.resourceBytes))
}

func (f *fleet) nodeSynced(n *node) {
	f.syncedAt[n.number] = float64(time.Since(f.start).Microseconds()) / 1e3
	if f.unsynced.Add(-1) == 0 {
		close(f.synced)
	}
}

// connect opens all streams at once; it returns when each is open.
func (f *fleet) connect(known bool, timeout time.Duration) error {
	f.stopping.Store(false)
	f.start, f.synced, f.syncedAt = time.Now(), make(chan struct{}), make([]float64, len(f.nodes))
	f.unsynced.Store(int64(len(f.nodes)))
	f.broken = make(chan struct{}, 1)
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	var opening sync.WaitGroup
	failures := make([]error, len(f.nodes))
	for _, n := range f.nodes {
		opening.Add(1)
		f.streams.Add(1)
		go func() {
			defer f.streams.Done()
			failures[n.number] = n.open(ctx, known)
			opening.Done()
			if failures[n.number] != nil {
				return
			}
			if err := n.run(); !f.stopping.Load() {
				f.lost.Add(1)
				f.lastReason.Store(fmt.Sprintf("node %d: %v", n.number, err))
				select {
				case f.broken <- struct{}{}:
				default:
				}
			}
		}()
	}
	opening.Wait()
	return errors.Join(failures...)
}

// disconnect cuts all streams.
func (f *fleet) disconnect() {
	f.stopping.Store(true)
	for _, n := range f.nodes {
		if n.stream != nil {
			n.stream.Close()
		}
	}
	f.streams.Wait()
	// What they had still to say will not be said.
	for _, n := range f.nodes {
		n.stream = nil
	}
}

// unsent is how much of what the nodes have to say the server has not read yet.
func (f *fleet) unsent() (bytes int64) {
	for _, n := range f.nodes {
		if n.stream != nil {
			bytes += n.stream.Unsent()
		}
	}
	return bytes
}

const (
	lookEvery = 20 * time.Millisecond
	// quietFor is how long neither side does anything before a state counts as reached.
	quietFor = 500 * time.Millisecond
	// idleShare of one processor is what a server may use and still counts as doing nothing.
	idleShare = 0.1
)

// quiet waits until nothing comes any more, all is sent and the server idles; gives when the last of it was.
func (f *fleet) quiet(timeout time.Duration) (busyUntil time.Time, err error) {
	deadline := time.Now().Add(timeout)
	busyUntil = time.Now()
	frames, cpu, looked := stream.Frames.Load(), f.cpu(), time.Now()
	for time.Since(busyUntil) < quietFor {
		time.Sleep(lookEvery)
		now := time.Now()
		if now.After(deadline) {
			return busyUntil, fmt.Errorf("not quiet after %v", timeout)
		}
		if count := stream.Frames.Load(); count != frames || f.unsent() > 0 {
			frames, busyUntil = count, now
		}
		// The clock of /proc ticks every 10 ms, so that a short look would take one tick for work.
		if since := now.Sub(looked); since >= 10*lookEvery {
			used := f.cpu()
			if (used-cpu)/since.Seconds() > idleShare {
				busyUntil = now
			}
			cpu, looked = used, now
		}
	}
	return busyUntil, nil
}

func (f *fleet) cpu() float64 {
	if f.pid == 0 {
		return 0
	}
	return proc.CPUSeconds(proc.Tree(f.pid))
}

// nextChange makes a mark and changes a Service so that it shows; each Service has its turn.
func (f *fleet) nextChange() (*mark, error) {
	m := f.marks.next(len(f.nodes))
	return m, f.maker.Make(change.Change{Service: (f.marks.made - 1) % f.services, Address: m.address, Port: 8080}, m.begin)
}
