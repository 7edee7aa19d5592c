package main

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	router "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	manager "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	tls "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	upstreams "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// wanted is what the bench asks of all that it compares, see wanted.ts.
type wanted struct {
	HTTPPort  uint32            `json:"httpPort"`
	HTTPSPort uint32            `json:"httpsPort"`
	HTTPHost  string            `json:"httpHost"`
	GRPCHost  string            `json:"grpcHost"`
	Pools     map[string][]pool `json:"pools"`
	Rules     []struct {
		Prefix string            `json:"prefix"`
		Edit   string            `json:"edit"`
		Split  map[string]uint32 `json:"split"`
	} `json:"rules"`
	Certificate struct {
		Certificate string `json:"certificate"`
		Key         string `json:"key"`
	} `json:"certificate"`
}

// pool has endpoints on 127.0.0.1.
type pool struct {
	Port   uint32 `json:"port"`
	Ending bool   `json:"ending"`
}

const (
	grpcPool   = "grpc"
	routes     = "routes"
	secretName = "certificate"
)

// snapshot has a version for each type that changes with its content only.
func (w *wanted) snapshot() (*cache.Snapshot, error) {
	byType := map[resource.Type][]types.Resource{}
	add := func(t resource.Type, one types.Resource) { byType[t] = append(byType[t], one) }
	for _, name := range slices.Sorted(maps.Keys(w.Pools)) {
		add(resource.ClusterType, w.cluster(name))
		add(resource.EndpointType, w.endpoints(name))
	}
	add(resource.RouteType, w.routes())
	add(resource.ListenerType, listenerOn("http", w.HTTPPort, nil))
	add(resource.ListenerType, listenerOn("https", w.HTTPSPort, &core.TransportSocket{
		Name: "envoy.transport_sockets.tls",
		ConfigType: &core.TransportSocket_TypedConfig{TypedConfig: packed(&tls.DownstreamTlsContext{CommonTlsContext: &tls.CommonTlsContext{
			AlpnProtocols:                  []string{"h2", "http/1.1"},
			TlsCertificateSdsSecretConfigs: []*tls.SdsSecretConfig{{Name: secretName, SdsConfig: overADS()}},
		}})},
	}))
	add(resource.SecretType, &tls.Secret{Name: secretName, Type: &tls.Secret_TlsCertificate{TlsCertificate: &tls.TlsCertificate{
		CertificateChain: inline(w.Certificate.Certificate),
		PrivateKey:       inline(w.Certificate.Key),
	}}})
	snapshot := &cache.Snapshot{}
	for t, resources := range byType {
		hash := sha256.New()
		for _, one := range resources {
			encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(one)
			if err != nil {
				return nil, err
			}
			hash.Write(encoded)
		}
		snapshot.Resources[cache.GetResponseType(t)] = cache.NewResources(fmt.Sprintf("%x", hash.Sum(nil)[:8]), resources)
	}
	return snapshot, snapshot.Consistent()
}

func (w *wanted) cluster(name string) *cluster.Cluster {
	made := &cluster.Cluster{
		Name:                 name,
		ClusterDiscoveryType: &cluster.Cluster_Type{Type: cluster.Cluster_EDS},
		EdsClusterConfig:     &cluster.Cluster_EdsClusterConfig{EdsConfig: overADS()},
	}
	if name == grpcPool {
		made.TypedExtensionProtocolOptions = map[string]*anypb.Any{
			"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": packed(&upstreams.HttpProtocolOptions{
				UpstreamProtocolOptions: &upstreams.HttpProtocolOptions_ExplicitHttpConfig_{ExplicitHttpConfig: &upstreams.HttpProtocolOptions_ExplicitHttpConfig{
					ProtocolConfig: &upstreams.HttpProtocolOptions_ExplicitHttpConfig_Http2ProtocolOptions{Http2ProtocolOptions: &core.Http2ProtocolOptions{}},
				}},
			}),
		}
	}
	return made
}

// endpoints leaves out those that are ending, as one who waits for "ready" does.
func (w *wanted) endpoints(name string) *endpoint.ClusterLoadAssignment {
	var all []*endpoint.LbEndpoint
	for _, one := range w.Pools[name] {
		if !one.Ending {
			all = append(all, &endpoint.LbEndpoint{HostIdentifier: &endpoint.LbEndpoint_Endpoint{Endpoint: &endpoint.Endpoint{Address: loopback(one.Port)}}})
		}
	}
	return &endpoint.ClusterLoadAssignment{ClusterName: name, Endpoints: []*endpoint.LocalityLbEndpoints{{LbEndpoints: all}}}
}

func (w *wanted) routes() *route.RouteConfiguration {
	prefix := func(value string) *route.RouteMatch {
		return &route.RouteMatch{PathSpecifier: &route.RouteMatch_Prefix{Prefix: value}}
	}
	shop := &route.VirtualHost{Name: "shop", Domains: []string{w.HTTPHost}}
	for _, rule := range w.Rules {
		split := &route.WeightedCluster{}
		for _, name := range slices.Sorted(maps.Keys(rule.Split)) {
			split.Clusters = append(split.Clusters, &route.WeightedCluster_ClusterWeight{Name: name, Weight: wrapperspb.UInt32(rule.Split[name])})
		}
		shop.Routes = append(shop.Routes, &route.Route{
			Match:                prefix(rule.Prefix),
			Action:               &route.Route_Route{Route: &route.RouteAction{ClusterSpecifier: &route.RouteAction_WeightedClusters{WeightedClusters: split}}},
			ResponseHeadersToAdd: []*core.HeaderValueOption{{Header: &core.HeaderValue{Key: "x-edit", Value: rule.Edit}}},
		})
	}
	hosts := []*route.VirtualHost{shop}
	if _, ok := w.Pools[grpcPool]; ok {
		hosts = append(hosts, &route.VirtualHost{Name: grpcPool, Domains: []string{w.GRPCHost}, Routes: []*route.Route{{
			Match:  prefix("/"),
			Action: &route.Route_Route{Route: &route.RouteAction{ClusterSpecifier: &route.RouteAction_Cluster{Cluster: grpcPool}}},
		}}})
	}
	return &route.RouteConfiguration{Name: routes, VirtualHosts: hosts}
}

func listenerOn(name string, port uint32, socket *core.TransportSocket) *listener.Listener {
	return &listener.Listener{
		Name:    name,
		Address: loopback(port),
		FilterChains: []*listener.FilterChain{{TransportSocket: socket, Filters: []*listener.Filter{{
			Name: "envoy.filters.network.http_connection_manager",
			ConfigType: &listener.Filter_TypedConfig{TypedConfig: packed(&manager.HttpConnectionManager{
				StatPrefix:     name,
				RouteSpecifier: &manager.HttpConnectionManager_Rds{Rds: &manager.Rds{RouteConfigName: routes, ConfigSource: overADS()}},
				HttpFilters: []*manager.HttpFilter{{
					Name:       "envoy.filters.http.router",
					ConfigType: &manager.HttpFilter_TypedConfig{TypedConfig: packed(&router.Router{})},
				}},
			})},
		}}}},
	}
}

func loopback(port uint32) *core.Address {
	return &core.Address{Address: &core.Address_SocketAddress{SocketAddress: &core.SocketAddress{
		Address: "127.0.0.1", PortSpecifier: &core.SocketAddress_PortValue{PortValue: port},
	}}}
}

func overADS() *core.ConfigSource {
	return &core.ConfigSource{
		ResourceApiVersion:    core.ApiVersion_V3,
		ConfigSourceSpecifier: &core.ConfigSource_Ads{Ads: &core.AggregatedConfigSource{}},
	}
}

func inline(text string) *core.DataSource {
	return &core.DataSource{Specifier: &core.DataSource_InlineString{InlineString: text}}
}

func packed(message proto.Message) *anypb.Any {
	made, err := anypb.New(message)
	if err != nil {
		panic(err) // Only where the message is none.
	}
	return made
}
