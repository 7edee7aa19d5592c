package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"sluice/bench/xds/internal/proc"
	"sluice/bench/xds/internal/stream"
	"sluice/bench/xds/internal/wire"

	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/protobuf/proto"
)

// spread is how a number is distributed over the nodes.
type spread struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	sorted := slices.Sorted(slices.Values(values))
	at := func(share float64) float64 { return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))] }
	return spread{P50: at(0.5), P99: at(0.99), Max: sorted[len(sorted)-1]}
}

// used is what was used between two moments.
type used struct {
	Answers        int64   `json:"answers"`
	Bytes          int64   `json:"bytes"`
	Resources      int64   `json:"resources"`
	ResourceBytes  int64   `json:"resourceBytes"`
	SocketBytes    int64   `json:"socketBytes"`
	ServerSeconds  float64 `json:"serverCpuSeconds"`
	ClientSeconds  float64 `json:"clientCpuSeconds"`
	ResidentMiB    float64 `json:"residentMiB"`
	PeakMiB        float64 `json:"peakMiB"`
	StreamsLost    int64   `json:"streamsLost"`
	LastLostReason string  `json:"lastLostReason,omitempty"`
}

func (f *fleet) used() used {
	now := used{
		Answers: f.answers.Load(), Bytes: f.bytes.Load(), Resources: f.resources.Load(), ResourceBytes: f.resourceBytes.Load(),
		SocketBytes: stream.Received.Load(), StreamsLost: f.lost.Load(),
		ServerSeconds: f.cpu(), ClientSeconds: proc.CPUSeconds([]int{os.Getpid()}),
	}
	if f.pid != 0 {
		now.ResidentMiB, now.PeakMiB = proc.ResidentMiB(proc.Tree(f.pid))
	}
	now.LastLostReason, _ = f.lastReason.Load().(string)
	return now
}

// since gives what was used since before; memory is as it is now.
func (u used) since(before used) used {
	u.Answers -= before.Answers
	u.Bytes -= before.Bytes
	u.Resources -= before.Resources
	u.ResourceBytes -= before.ResourceBytes
	u.SocketBytes -= before.SocketBytes
	u.ServerSeconds -= before.ServerSeconds
	u.ClientSeconds -= before.ClientSeconds
	return u
}

// connected is how a start of all nodes went.
type connected struct {
	used
	// Seconds until the last node had all that it asked for.
	Seconds float64 `json:"seconds"`
	// NodeMs is until each node had it.
	NodeMs spread `json:"nodeMs"`
	Missed int64  `json:"missed"`
}

// cold connects nodes that know nothing.
func (f *fleet) cold(timeout time.Duration) (connected, error) {
	before := f.used()
	if err := f.connect(false, timeout); err != nil {
		return connected{}, err
	}
	return f.whenSynced(before, timeout)
}

func (f *fleet) whenSynced(before used, timeout time.Duration) (connected, error) {
	select {
	case <-f.synced:
	case <-f.broken:
		return connected{}, fmt.Errorf("a stream ended while %d nodes had not got all: %v", f.unsynced.Load(), f.lastReason.Load())
	case <-time.After(timeout):
		return connected{used: f.used().since(before), Missed: f.unsynced.Load()}, nil
	}
	result := connected{Seconds: slices.Max(f.syncedAt) / 1e3, NodeMs: spreadOf(f.syncedAt)}
	_, err := f.quiet(timeout)
	result.used = f.used().since(before)
	return result, err
}

// storm is how it goes when all nodes come back at once.
type storm struct {
	used
	// Seconds until the server had read all that the nodes said and was done with it.
	Seconds float64 `json:"seconds"`
	// ChangeMs is until each node had what was changed while all were away; zero where nothing was.
	ChangeMs spread `json:"changeMs"`
	Missed   int    `json:"missed"`
}

// comeBack cuts all streams, changes an endpoint if so asked, and connects again with what the nodes know.
func (f *fleet) comeBack(withChange bool, timeout time.Duration) (storm, error) {
	f.disconnect()
	if _, err := f.quiet(timeout); err != nil {
		return storm{}, err
	}
	var change *mark
	if withChange {
		made, err := f.nextChange()
		if err != nil {
			return storm{}, err
		}
		change = made
		if _, err := f.quiet(timeout); err != nil {
			return storm{}, err
		}
		change.begin() // what counts is the time from the first connection on
	}
	before := f.used()
	if err := f.connect(true, timeout); err != nil {
		return storm{}, err
	}
	var result storm
	if change != nil {
		select {
		case <-change.done:
		case <-time.After(timeout):
		}
		times, missed := change.times()
		result.ChangeMs, result.Missed = spreadOf(times), missed
	}
	busyUntil, err := f.quiet(timeout)
	result.Seconds = busyUntil.Sub(f.start).Seconds()
	result.used = f.used().since(before)
	return result, err
}

// changed is how changes reached the nodes.
type changed struct {
	used
	// Each in the order of the changes.
	Each []reached `json:"each"`
	// Missed counts nodes that were not sent a change, over all changes.
	Missed int `json:"missed"`
}

// reached is how one change reached the nodes, in milliseconds.
type reached struct {
	spread
	First float64 `json:"first"`
}

func (c *changed) take(marks []*mark) {
	for _, m := range marks {
		times, missed := m.times()
		c.Missed += missed
		if len(times) > 0 {
			c.Each = append(c.Each, reached{spreadOf(times), slices.Min(times)})
		}
	}
}

// oneByOne makes a change when the one before has reached all and its cost is over.
func (f *fleet) oneByOne(count int, gap, timeout time.Duration) (changed, error) {
	var result changed
	var made []*mark
	before := f.used()
	for range count {
		m, err := f.nextChange()
		if err != nil {
			return result, err
		}
		made = append(made, m)
		select {
		case <-m.done:
		case <-time.After(timeout):
		}
		time.Sleep(gap)
	}
	result.used = f.used().since(before)
	result.take(made)
	return result, nil
}

// atRate makes changes at a fixed rate, whatever became of those before.
func (f *fleet) atRate(count int, perSecond float64, timeout time.Duration) (changed, error) {
	var result changed
	var made []*mark
	before := f.used()
	start := time.Now()
	for i := range count {
		time.Sleep(time.Until(start.Add(time.Duration(float64(i) / perSecond * float64(time.Second)))))
		m, err := f.nextChange()
		if err != nil {
			return result, err
		}
		made = append(made, m)
	}
	patience := time.After(timeout)
	for _, m := range made {
		select {
		case <-m.done:
		case <-patience:
			patience = time.After(0)
		}
	}
	result.used = f.used().since(before)
	result.take(made)
	return result, nil
}

// capture writes what the first node holds as a DeltaDiscoveryResponse, for servers that shall serve the same.
func (f *fleet) capture(file string) (map[string]int, error) {
	if !f.delta {
		return nil, fmt.Errorf("only delta tells the version of each resource")
	}
	var all discovery.DeltaDiscoveryResponse
	counts := map[string]int{}
	for t := range f.nodes[0].types {
		for _, number := range f.nodes[0].types[t].held {
			if number == 0 {
				continue
			}
			var resource discovery.Resource
			if err := proto.Unmarshal(f.catalog.tables[t].content(number).raw, &resource); err != nil {
				return nil, err
			}
			all.Resources = append(all.Resources, &resource)
			counts[wire.URLs[t]]++
		}
	}
	bytes, err := proto.Marshal(&all)
	if err != nil {
		return nil, err
	}
	return counts, os.WriteFile(file, bytes, 0o644)
}

// deaf is a client that asks for everything and lets nothing be sent to it.
type deaf struct{ *stream.Stream }

func (deaf) Begin()             {}
func (deaf) Piece([]byte) error { return nil }
func (deaf) End() error         { return nil }

// openDeaf opens one. It asks for what the first node holds.
func (f *fleet) openDeaf() (*deaf, error) {
	method := wire.MethodSotw
	if f.delta {
		method = wire.MethodDelta
	}
	opened, err := stream.Open(context.Background(), f.target, method, 0, deaf{})
	if err != nil {
		return nil, err
	}
	me := wire.Node("deaf", f.group)
	for t := range f.nodes[0].types {
		of := wire.Type(t)
		names := f.lists.names(of, f.nodes[0].types[t].names)
		if f.delta {
			opened.Send(wire.DeltaRequest(me, of, "", names)...)
		} else {
			opened.Send(wire.SotwRequest("", me, names, of, "")...)
		}
		me = nil
	}
	if err := opened.Flush(); err != nil {
		return nil, err
	}
	go opened.Run() // its windows are needed to say all that it has to say
	return &deaf{opened}, nil
}
