package main

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"sluice/bench/xds/internal/wire"
)

// mark is a change that was made: an address that nothing else has, and when each node was sent it.
type mark struct {
	address string
	// start is nanoseconds since the epoch.
	start atomic.Int64
	// reached holds nanoseconds since the start by node; 0 is not yet.
	reached []atomic.Int64
	left    atomic.Int64
	done    chan struct{}
}

// epoch makes moments comparable between goroutines.
var epoch = time.Now()

func (m *mark) begin() { m.start.Store(int64(time.Since(epoch))) }

func (m *mark) reach(node int) {
	since := int64(time.Since(epoch)) - m.start.Load()
	if m.reached[node].CompareAndSwap(0, max(1, since)) && m.left.Add(-1) == 0 {
		close(m.done)
	}
}

// times are what is known so far, in milliseconds, and how many nodes are missing.
func (m *mark) times() (ms []float64, missed int) {
	for i := range m.reached {
		if ns := m.reached[i].Load(); ns > 0 {
			ms = append(ms, float64(ns)/1e6)
		} else {
			missed++
		}
	}
	return ms, missed
}

// marks are the changes that not every node has yet.
type marks struct {
	mutex sync.RWMutex
	made  int
	open  []*mark
}

// next makes an address that no node has seen.
func (ms *marks) next(nodes int) *mark {
	ms.mutex.Lock()
	defer ms.mutex.Unlock()
	n := ms.made
	ms.made++
	m := &mark{address: fmt.Sprintf("11.%d.%d.%d", 100+n/10000, 100+n/100%100, 100+n%100), reached: make([]atomic.Int64, nodes), done: make(chan struct{})}
	m.left.Store(int64(nodes))
	kept := ms.open[:0]
	for _, one := range ms.open {
		if one.left.Load() > 0 {
			kept = append(kept, one)
		}
	}
	ms.open = append(kept, m)
	return m
}

// in gives the change that a resource shows.
func (ms *marks) in(resource wire.Resource) *mark {
	if resource.Type != wire.Endpoints {
		return nil
	}
	ms.mutex.RLock()
	defer ms.mutex.RUnlock()
	for _, m := range ms.open {
		if bytes.Contains(resource.Body, []byte(m.address)) {
			return m
		}
	}
	return nil
}
