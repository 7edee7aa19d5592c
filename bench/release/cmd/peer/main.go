// Peer is a plain server on go-control-plane, as its documentation shows one: a SnapshotCache for ADS, and resources in which
// nothing is set that Envoy has a default for. What it serves stands in a file, which is read again when it is told so.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	server "github.com/envoyproxy/go-control-plane/pkg/server/v3"
	"google.golang.org/grpc"
)

const group = "all"

type oneGroup struct{}

func (oneGroup) ID(*core.Node) string { return group }

func main() {
	file := flag.String("wanted", "", "file that says what is to be served")
	xds := flag.String("xds", "127.0.0.1:0", "HOST:PORT for Envoys")
	flag.Parse()
	if err := run(*file, *xds); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(file, address string) error {
	snapshots := cache.NewSnapshotCache(true, oneGroup{}, nil)
	apply := func() error {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var w wanted
		if err := json.Unmarshal(text, &w); err != nil {
			return err
		}
		snapshot, err := w.snapshot()
		if err != nil {
			return err
		}
		return snapshots.SetSnapshot(context.Background(), group, snapshot)
	}
	if err := apply(); err != nil {
		return err
	}
	http.HandleFunc("POST /apply", func(response http.ResponseWriter, _ *http.Request) {
		if err := apply(); err != nil {
			http.Error(response, err.Error(), http.StatusBadRequest)
		}
	})
	changes, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	service := grpc.NewServer()
	discovery.RegisterAggregatedDiscoveryServiceServer(service, server.NewServer(context.Background(), snapshots, nil))
	failed := make(chan error, 2)
	go func() { failed <- http.Serve(changes, nil) }()
	go func() { failed <- service.Serve(listener) }()
	fmt.Printf("{\"xds\":%q,\"changes\":%q}\n", listener.Addr(), changes.Addr())
	return <-failed
}
