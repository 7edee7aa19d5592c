// Peer is go-control-plane as its users run it: a SnapshotCache in ADS mode with one snapshot for all nodes. It serves what
// Sluice served, and a change sets a snapshot in which nothing but the version of the endpoints is new.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strconv"
	"sync"

	"sluice/bench/xds/internal/capture"
	"sluice/bench/xds/internal/wire"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	server "github.com/envoyproxy/go-control-plane/pkg/server/v3"
	"google.golang.org/grpc"
)

const group = "all"

type oneGroup struct{}

func (oneGroup) ID(*core.Node) string { return group }

// peer is the state that changes are made to.
type peer struct {
	mutex     sync.Mutex
	cache     cache.SnapshotCache
	current   *cache.Snapshot
	endpoints []types.Resource
	places    map[string]int // in endpoints, by the name of the cluster
	changes   int
}

func main() {
	file := flag.String("capture", "", "what Sluice served, see load")
	flag.Parse()
	if err := run(*file); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(file string) error {
	resources, err := capture.Read(file)
	if err != nil {
		return err
	}
	p := &peer{cache: cache.NewSnapshotCache(true, oneGroup{}, nil), places: map[string]int{}}
	byType := map[resource.Type][]types.Resource{}
	for t, served := range resources {
		for _, one := range served {
			opened, err := one.GetResource().UnmarshalNew()
			if err != nil {
				return err
			}
			byType[wire.URLs[t]] = append(byType[wire.URLs[t]], opened)
		}
	}
	p.endpoints = byType[resource.EndpointType]
	for place, one := range p.endpoints {
		p.places[cache.GetResourceName(one)] = place
	}
	if p.current, err = cache.NewSnapshot("0", byType); err != nil {
		return err
	}
	if err := p.cache.SetSnapshot(context.Background(), group, p.current); err != nil {
		return err
	}
	xds := grpc.NewServer(capture.Patience, grpc.MaxConcurrentStreams(1<<20), grpc.MaxRecvMsgSize(64<<20))
	discovery.RegisterAggregatedDiscoveryServiceServer(xds, server.NewServer(context.Background(), p.cache, nil))
	return capture.Serve(xds, p.change)
}

func (p *peer) change(cluster, address string, port uint32) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	place, ok := p.places[cluster]
	if !ok {
		return fmt.Errorf("there is no cluster %q", cluster)
	}
	moved, err := capture.Moved(p.endpoints[place].(*endpoint.ClusterLoadAssignment), address, port)
	if err != nil {
		return err
	}
	p.endpoints[place] = moved
	p.changes++
	// The other types keep their versions, so that they are not sent again: the best that a user of the cache can do.
	next := &cache.Snapshot{Resources: p.current.Resources}
	next.Resources[types.Endpoint] = cache.NewResources(strconv.Itoa(p.changes), p.endpoints)
	p.current = next
	return p.cache.SetSnapshot(context.Background(), group, next)
}
