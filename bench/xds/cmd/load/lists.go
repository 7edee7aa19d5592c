package main

import (
	"slices"
	"sync"

	"sluice/bench/xds/internal/wire"
)

// lists encodes what many nodes say alike once for all of them.
type lists struct {
	catalog *catalog
	mutex   sync.RWMutex
	ofNames [wire.TypeCount][]encoded[int32]
	ofHeld  [wire.TypeCount][]encoded[uint32]
}

type encoded[T any] struct {
	from  []T
	bytes []byte
}

// kept is how many forms of a list are remembered for each type.
const kept = 8

// names encodes a list of names for a request.
func (l *lists) names(of wire.Type, indexes []int32) []byte {
	return once(&l.mutex, &l.ofNames[of], indexes, func() []byte { return wire.Names(l.catalog.tables[of].names(indexes)) })
}

// held encodes what a node has, with versions.
func (l *lists) held(of wire.Type, numbers []uint32) []byte {
	return once(&l.mutex, &l.ofHeld[of], numbers, func() []byte {
		var bytes []byte
		table := l.catalog.tables[of]
		entries := *table.entries.Load()
		for index, number := range numbers {
			if number > 0 {
				bytes = wire.AppendHeld(bytes, entries[index].name, table.content(number).version)
			}
		}
		return bytes
	})
}

func once[T comparable](mutex *sync.RWMutex, known *[]encoded[T], from []T, encode func() []byte) []byte {
	if len(from) == 0 {
		return nil
	}
	find := func() []byte {
		for _, one := range *known {
			if slices.Equal(one.from, from) {
				return one.bytes
			}
		}
		return nil
	}
	mutex.RLock()
	bytes := find()
	mutex.RUnlock()
	if bytes != nil {
		return bytes
	}
	mutex.Lock()
	defer mutex.Unlock()
	if bytes := find(); bytes != nil {
		return bytes
	}
	bytes = encode()
	*known = append([]encoded[T]{{slices.Clone(from), bytes}}, (*known)[:min(len(*known), kept-1)]...)
	return bytes
}
