// Package capture reads what Sluice served to one node, so that other servers serve the very same.
package capture

import (
	"fmt"
	"os"

	"sluice/bench/xds/internal/wire"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	// The messages inside of the resources, so that all of them can be opened.
	_ "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
)

// Read gives the resources of each type, in the order in which they were served.
func Read(file string) ([wire.TypeCount][]*discovery.Resource, error) {
	var found [wire.TypeCount][]*discovery.Resource
	bytes, err := os.ReadFile(file)
	if err != nil {
		return found, err
	}
	var all discovery.DeltaDiscoveryResponse
	if err := proto.Unmarshal(bytes, &all); err != nil {
		return found, err
	}
	for _, resource := range all.Resources {
		t, ok := wire.TypeOf([]byte(resource.GetResource().GetTypeUrl()))
		if !ok {
			return found, fmt.Errorf("a resource of the type %s", resource.GetResource().GetTypeUrl())
		}
		found[t] = append(found[t], resource)
	}
	return found, nil
}

// Moved gives the endpoints of a cluster with another first one.
func Moved(of *endpoint.ClusterLoadAssignment, address string, port uint32) (*endpoint.ClusterLoadAssignment, error) {
	moved := proto.Clone(of).(*endpoint.ClusterLoadAssignment)
	for _, locality := range moved.Endpoints {
		for _, one := range locality.LbEndpoints {
			socket := one.GetEndpoint().GetAddress().GetSocketAddress()
			socket.Address, socket.PortSpecifier = address, &core.SocketAddress_PortValue{PortValue: port}
			return moved, nil
		}
	}
	return nil, fmt.Errorf("%s has no endpoints", of.ClusterName)
}

// Endpoints opens the endpoints of a cluster.
func Endpoints(resource *anypb.Any) (*endpoint.ClusterLoadAssignment, error) {
	var opened endpoint.ClusterLoadAssignment
	return &opened, resource.UnmarshalTo(&opened)
}
