package main

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"

	"sluice/bench/xds/internal/wire"

	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	manager "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// content is one form of one resource, read once for all nodes that are sent it.
type content struct {
	// raw is the element of `resources` as it came.
	raw []byte
	of  wire.Type
	// index of the name in its table, number of the content in it; numbers begin at 1.
	index  int32
	number uint32
	// version in delta.
	version string
	// needs are the indexes of what it refers to: endpoints of a cluster, routes of a listener.
	needs []int32
	// mark is the change that this content shows, if any.
	mark *mark
}

type entry struct {
	name   string
	latest atomic.Pointer[content]
}

// table holds what was seen of one type. A node that is sent what others were sent before finds it without a lock.
type table struct {
	of       wire.Type
	mutex    sync.RWMutex
	indexes  map[string]int32
	entries  atomic.Pointer[[]*entry]
	contents []*content
}

// catalog is what all nodes have seen together.
type catalog struct {
	delta  bool
	tables [wire.TypeCount]*table
	// large holds values by their length, see wire.Fields.
	large sync.Map
	marks *marks
}

func newCatalog(delta bool, marks *marks) *catalog {
	c := &catalog{delta: delta, marks: marks}
	for t := range c.tables {
		c.tables[t] = &table{of: wire.Type(t), indexes: map[string]int32{}}
		c.tables[t].entries.Store(&[]*entry{})
	}
	return c
}

func (c *catalog) known(length int) []byte {
	if value, ok := c.large.Load(length); ok {
		return value.([]byte)
	}
	return nil
}

// find gives the content of an element of `resources`. The guess is where it probably stands: behind the one before it.
func (c *catalog) find(raw []byte, of wire.Type, guess int32) (*content, error) {
	if of < wire.TypeCount {
		if entries := *c.tables[of].entries.Load(); int(guess) < len(entries) {
			if latest := entries[guess].latest.Load(); latest != nil && bytes.Equal(latest.raw, raw) {
				return latest, nil
			}
		}
	}
	resource, ok := wire.ReadResource(raw, c.delta)
	if !ok {
		return nil, fmt.Errorf("a resource of a type that was not asked for, or that cannot be read (%d bytes)", len(raw))
	}
	t := c.tables[resource.Type]
	entry, index := t.entry(string(resource.Name))
	if latest := entry.latest.Load(); latest != nil && bytes.Equal(latest.raw, raw) {
		return latest, nil
	}
	needs, err := c.needs(resource)
	if err != nil {
		return nil, err
	}
	return t.add(entry, &content{
		raw: bytes.Clone(raw), of: resource.Type, index: index, version: string(resource.Version), needs: needs, mark: c.marks.in(resource),
	}, c), nil
}

// entry gives the place of a name, made where it is new.
func (t *table) entry(name string) (*entry, int32) {
	t.mutex.RLock()
	index, ok := t.indexes[name]
	t.mutex.RUnlock()
	if ok {
		return (*t.entries.Load())[index], index
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	entries := *t.entries.Load()
	if index, ok := t.indexes[name]; ok {
		return entries[index], index
	}
	index = int32(len(entries))
	t.indexes[name] = index
	entries = append(entries, &entry{name: name})
	t.entries.Store(&entries)
	return entries[index], index
}

func (t *table) add(entry *entry, made *content, c *catalog) *content {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if latest := entry.latest.Load(); latest != nil && bytes.Equal(latest.raw, made.raw) {
		return latest
	}
	t.contents = append(t.contents, made)
	made.number = uint32(len(t.contents))
	entry.latest.Store(made)
	c.large.Store(len(made.raw), made.raw)
	return made
}

func (t *table) content(number uint32) *content {
	t.mutex.RLock()
	defer t.mutex.RUnlock()
	return t.contents[number-1]
}

func (t *table) names(indexes []int32) []string {
	entries := *t.entries.Load()
	names := make([]string, len(indexes))
	for i, index := range indexes {
		names[i] = entries[index].name
	}
	return names
}

// isEDS is the value of Cluster.type for clusters whose endpoints come by EDS.
const isEDS = 3

// needs gives what a resource refers to.
func (c *catalog) needs(resource wire.Resource) ([]int32, error) {
	var needs []int32
	switch resource.Type {
	case wire.Clusters:
		// Field 2 is `type`, 3 is `eds_cluster_config`, whose field 2 is `service_name`.
		if varint(resource.Body, 2) != isEDS {
			return nil, nil
		}
		name := resource.Name
		if service := wire.Bytes(wire.Bytes(resource.Body, 3), 2); len(service) > 0 {
			name = service
		}
		_, index := c.tables[wire.Endpoints].entry(string(name))
		return []int32{index}, nil
	case wire.Listeners:
		var read listener.Listener
		if err := proto.Unmarshal(resource.Body, &read); err != nil {
			return nil, err
		}
		for _, chain := range append(read.GetFilterChains(), read.GetDefaultFilterChain()) {
			for _, filter := range chain.GetFilters() {
				var http manager.HttpConnectionManager
				if !filter.GetTypedConfig().MessageIs(&http) {
					continue
				}
				if err := filter.GetTypedConfig().UnmarshalTo(&http); err != nil {
					return nil, err
				}
				if routes := http.GetRds().GetRouteConfigName(); routes != "" {
					_, index := c.tables[wire.Routes].entry(routes)
					needs = append(needs, index)
				}
			}
		}
	}
	return needs, nil
}

func varint(message []byte, want protowire.Number) uint64 {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return 0
		}
		message = message[n:]
		if number == want && kind == protowire.VarintType {
			value, _ := protowire.ConsumeVarint(message)
			return value
		}
		if n = protowire.ConsumeFieldValue(number, kind, message); n < 0 {
			return 0
		}
		message = message[n:]
	}
	return 0
}
