package main

import (
	"context"
	"fmt"
	"slices"

	"sluice/bench/xds/internal/stream"
	"sluice/bench/xds/internal/wire"

	"google.golang.org/protobuf/encoding/protowire"
)

// node asks and answers as one Envoy does: clusters first; the endpoints that these name; listeners when all clusters are
// warm; the routes that these name. It acknowledges clusters when they are warm, all else at once.
type node struct {
	number   int
	fleet    *fleet
	identity []byte
	stream   *stream.Stream
	fields   wire.Fields
	types    [wire.TypeCount]subscription
	// said is whether this stream was told who the node is.
	said bool
	// cold counts what has to come before the clusters are warm.
	cold   int
	answer answer
	// synced is whether all that was asked for has come.
	synced bool
}

// subscription is what a node knows of one type. What it holds outlives its streams.
type subscription struct {
	asked    bool
	answered bool
	// names are the indexes of what is asked for by name, in the order in which they were met.
	names   []int32
	version string
	nonce   string
	// held has the number of the content of each index, 0 for none.
	held []uint32
	// waiting tells of each index whether it is asked for and has not come.
	waiting []bool
	left    int
	// withheld are the nonces of answers that are acknowledged when all clusters are warm.
	withheld []string
}

// answer is the one that is coming in.
type answer struct {
	version, nonce, typeURL string
	of                      wire.Type // TypeCount until a resource was read
	next                    int32
	listed                  []int32
	removed                 []string
	size                    int
	resourceBytes           int
	err                     error
}

func newNode(number int, fleet *fleet) *node {
	n := &node{number: number, fleet: fleet, identity: wire.Node(fmt.Sprintf("node-%d", number), fleet.group)}
	n.fields = wire.Fields{Known: fleet.catalog.known, Field: n.field}
	return n
}

// open connects. Known tells the server what the node has from before, as an Envoy that comes back does.
func (n *node) open(ctx context.Context, known bool) error {
	method := wire.MethodSotw
	if n.fleet.delta {
		method = wire.MethodDelta
	}
	opened, err := stream.Open(ctx, n.fleet.target, method, stream.Window, n)
	if err != nil {
		return err
	}
	n.stream, n.said, n.cold, n.synced, n.answer = opened, false, 0, false, answer{}
	n.fields = wire.Fields{Known: n.fleet.catalog.known, Field: n.field}
	for t := range n.types {
		s := &n.types[t]
		returning := known && s.asked
		*s = subscription{names: s.names, held: s.held, version: s.version}
		if !returning {
			*s = subscription{}
		} else {
			n.ask(wire.Type(t), known)
		}
	}
	if !n.types[wire.Clusters].asked {
		n.ask(wire.Clusters, false)
	}
	return n.stream.Flush()
}

// ask sends the first question for a type.
func (n *node) ask(of wire.Type, known bool) {
	s := &n.types[of]
	s.asked = true
	names := n.fleet.lists.names(of, s.names)
	if !n.fleet.delta {
		n.stream.Send(wire.SotwRequest(s.version, n.me(), names, of, "")...)
		return
	}
	var held []byte
	if known {
		held = n.fleet.lists.held(of, s.held)
	}
	n.stream.Send(wire.DeltaRequest(n.me(), of, "", names, held)...)
}

// me is the node for the first message of a stream.
func (n *node) me() []byte {
	if n.said {
		return nil
	}
	n.said = true
	return n.identity
}

// run reads until the stream ends, and gives the reason.
func (n *node) run() error { return n.stream.Run() }

// Begin of an answer.
func (n *node) Begin() { n.answer = answer{of: wire.TypeCount, listed: n.answer.listed[:0]} }

// Piece of an answer.
func (n *node) Piece(bytes []byte) error {
	n.answer.size += len(bytes)
	if err := n.fields.Feed(bytes); err != nil {
		return err
	}
	return n.answer.err
}

func (n *node) field(number protowire.Number, value []byte) {
	a := &n.answer
	switch number {
	case wire.FieldVersion:
		a.version = string(value)
	case wire.FieldResources:
		n.resource(value)
	case wire.FieldTypeURL:
		a.typeURL = string(value)
	case wire.FieldNonce:
		a.nonce = string(value)
	case wire.FieldRemoved:
		if n.fleet.delta {
			a.removed = append(a.removed, string(value))
		}
	}
}

func (n *node) resource(raw []byte) {
	a := &n.answer
	found, err := n.fleet.catalog.find(raw, a.of, a.next)
	if err != nil {
		a.err = err
		return
	}
	a.of, a.next = found.of, found.index+1
	a.listed = append(a.listed, found.index)
	a.resourceBytes += len(raw)
	s := &n.types[found.of]
	s.held = grown(s.held, found.index)
	isNew := s.held[found.index] != found.number
	s.held[found.index] = found.number
	if found.mark != nil {
		found.mark.reach(n.number)
	}
	switch {
	case found.of == wire.Clusters && isNew:
		// A cluster that is new or changed is warm when its endpoints have come.
		for _, index := range found.needs {
			n.await(wire.Endpoints, index)
		}
	case int(found.index) < len(s.waiting) && s.waiting[found.index]:
		s.waiting[found.index] = false
		s.left--
	}
}

// await notes that something has to come.
func (n *node) await(of wire.Type, index int32) {
	s := &n.types[of]
	s.waiting = grown(s.waiting, index)
	if !s.waiting[index] {
		s.waiting[index] = true
		s.left++
	}
}

// End of an answer.
func (n *node) End() error {
	if err := n.fields.End(); err != nil {
		return err
	}
	a := &n.answer
	of, ok := wire.TypeOf([]byte(a.typeURL))
	if !ok || (a.of != wire.TypeCount && a.of != of) {
		return fmt.Errorf("an answer of the type %q with resources of another", a.typeURL)
	}
	n.fleet.count(a)
	s := &n.types[of]
	s.answered, s.nonce, s.version = true, a.nonce, a.version
	n.remove(of)
	switch of {
	case wire.Clusters:
		s.withheld = append(s.withheld, a.nonce)
		n.follow(wire.Clusters, wire.Endpoints)
	case wire.Listeners:
		n.acknowledge(of, a.nonce)
		n.follow(wire.Listeners, wire.Routes)
	default:
		n.acknowledge(of, a.nonce)
	}
	if n.types[wire.Clusters].answered && n.types[wire.Endpoints].left == 0 {
		n.warm()
	}
	if !n.synced && n.isSynced() {
		n.synced = true
		n.fleet.nodeSynced(n)
	}
	return nil
}

// remove forgets what the server took away: by name in delta, by leaving it out of the full lists of state of the world.
func (n *node) remove(of wire.Type) {
	a, s := &n.answer, &n.types[of]
	if n.fleet.delta {
		for _, name := range a.removed {
			if _, index := n.fleet.catalog.tables[of].entry(name); int(index) < len(s.held) {
				s.held[index] = 0
			}
		}
		return
	}
	if of != wire.Clusters && of != wire.Listeners {
		return
	}
	listed := make([]bool, len(s.held))
	for _, index := range a.listed {
		listed[index] = true
	}
	for index := range s.held {
		if !listed[index] {
			s.held[index] = 0
		}
	}
}

// follow asks for what resources of a type refer to, and no more for what they no longer do.
func (n *node) follow(from, to wire.Type) {
	table, s := n.fleet.catalog.tables[from], &n.types[to]
	if n.fleet.delta && len(n.answer.listed) == 0 && len(n.answer.removed) == 0 {
		return
	}
	var names []int32
	seen := map[int32]bool{}
	for _, number := range n.types[from].held {
		if number == 0 {
			continue
		}
		for _, index := range table.content(number).needs {
			if !seen[index] {
				seen[index] = true
				names = append(names, index)
			}
		}
	}
	if slices.Equal(names, s.names) && (s.asked || len(names) == 0) {
		return
	}
	before := map[int32]bool{}
	for _, index := range s.names {
		before[index] = true
		if !seen[index] {
			n.forget(to, index)
		}
	}
	var added, gone []int32
	for _, index := range names {
		if !before[index] {
			added = append(added, index)
			n.await(to, index)
		}
	}
	for _, index := range s.names {
		if !seen[index] {
			gone = append(gone, index)
		}
	}
	s.names = names
	switch {
	case !s.asked:
		n.ask(to, false)
	case n.fleet.delta:
		all := n.fleet.catalog.tables[to]
		n.stream.Send(wire.DeltaRequest(nil, to, "", n.fleet.lists.names(to, added), wire.Unsubscribed(all.names(gone)))...)
	default:
		n.stream.Send(wire.SotwRequest(s.version, nil, n.fleet.lists.names(to, names), to, s.nonce)...)
	}
}

func (n *node) forget(of wire.Type, index int32) {
	s := &n.types[of]
	if int(index) < len(s.held) {
		s.held[index] = 0
	}
	if int(index) < len(s.waiting) && s.waiting[index] {
		s.waiting[index] = false
		s.left--
	}
}

func (n *node) acknowledge(of wire.Type, nonce string) {
	if n.fleet.delta {
		n.stream.Send(wire.DeltaRequest(nil, of, nonce)...)
		return
	}
	s := &n.types[of]
	n.stream.Send(wire.SotwRequest(s.version, nil, n.fleet.lists.names(of, s.names), of, nonce)...)
}

// warm is when every cluster has its endpoints: Envoy acknowledges the clusters then, and asks for listeners the first time.
func (n *node) warm() {
	s := &n.types[wire.Clusters]
	withheld := s.withheld
	if !n.fleet.delta && len(withheld) > 1 {
		withheld = withheld[len(withheld)-1:]
	}
	for _, nonce := range withheld {
		n.acknowledge(wire.Clusters, nonce)
	}
	s.withheld = s.withheld[:0]
	if !n.types[wire.Listeners].asked {
		n.ask(wire.Listeners, false)
	}
}

func (n *node) isSynced() bool {
	for t := range n.types {
		s := &n.types[t]
		if s.left > 0 || (s.asked && !s.answered) {
			return false
		}
	}
	return n.types[wire.Listeners].answered
}

func grown[T any](slice []T, index int32) []T {
	for int(index) >= len(slice) {
		slice = append(slice, *new(T))
	}
	return slice
}
