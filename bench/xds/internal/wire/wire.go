// Package wire reads and writes discovery messages without building objects of them: a client that stands for a thousand
// Envoys must cost far less than the server it measures.
package wire

import "google.golang.org/protobuf/encoding/protowire"

// Type is a kind of resource; its number is its place in Types.
type Type int

// In the order in which an Envoy asks for them.
const (
	Clusters Type = iota
	Endpoints
	Listeners
	Routes
	TypeCount
)

// URLs are the type URLs, by Type.
var URLs = [TypeCount]string{
	"type.googleapis.com/envoy.config.cluster.v3.Cluster",
	"type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
	"type.googleapis.com/envoy.config.listener.v3.Listener",
	"type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
}

// Methods of the aggregated discovery service.
const (
	MethodSotw  = "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources"
	MethodDelta = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"
)

// Numbers of fields of DiscoveryResponse and DeltaDiscoveryResponse, which are the same in both as far as both have them.
const (
	FieldVersion   = 1
	FieldResources = 2
	FieldTypeURL   = 4
	FieldNonce     = 5
	FieldRemoved   = 6
)

// TypeOf gives the type of a type URL; false where the bench does not know it.
func TypeOf(url []byte) (Type, bool) {
	for t, known := range URLs {
		if string(url) == known {
			return Type(t), true
		}
	}
	return 0, false
}

// Bytes gives the first length-delimited field with a number; nil where there is none or the message is cut off.
func Bytes(message []byte, want protowire.Number) []byte {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return nil
		}
		message = message[n:]
		if kind != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(number, kind, message); n < 0 {
				return nil
			}
			message = message[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(message)
		if n < 0 {
			return nil
		}
		if number == want {
			return value
		}
		message = message[n:]
	}
	return nil
}

// Resource is one resource of an answer; the slices point into the answer.
type Resource struct {
	Type Type
	Name []byte
	// Version is empty in state of the world, where a version belongs to a whole answer.
	Version []byte
	// Body is the message inside of the Any.
	Body []byte
}

// ReadResource reads an element of `resources`: a Resource in delta, an Any in state of the world.
func ReadResource(raw []byte, delta bool) (Resource, bool) {
	var resource Resource
	any := raw
	if delta {
		any = Bytes(raw, 2)
		resource.Version = Bytes(raw, 1)
		resource.Name = Bytes(raw, 3)
	}
	known := false
	resource.Type, known = TypeOf(Bytes(any, 1))
	resource.Body = Bytes(any, 2)
	if resource.Name == nil {
		// The name is the first field of all four messages.
		resource.Name = Bytes(resource.Body, 1)
	}
	return resource, known
}

func appendText(to []byte, number protowire.Number, text string) []byte {
	if text == "" {
		return to
	}
	return protowire.AppendString(protowire.AppendTag(to, number, protowire.BytesType), text)
}

func appendBytes(to []byte, number protowire.Number, value []byte) []byte {
	if value == nil {
		return to
	}
	return protowire.AppendBytes(protowire.AppendTag(to, number, protowire.BytesType), value)
}

// Node is an encoded core.v3.Node as Envoy fills it in, as far as control planes look at it.
func Node(id, group string) []byte {
	node := appendText(nil, 1, id)
	node = appendText(node, 2, group)
	node = appendText(node, 6, "envoy")
	// BuildVersion with the SemanticVersion 1.40.0.
	node = appendBytes(node, 8, appendBytes(nil, 1, []byte{0x08, 1, 0x10, 40}))
	node = appendText(node, 10, "envoy.lb.does_not_support_overprovisioning")
	return appendText(node, 10, "xds.config.resource-in-sotw")
}

// Names encodes names as `resource_names` of a DiscoveryRequest and as `resource_names_subscribe` of a
// DeltaDiscoveryRequest: both are field 3.
func Names(names []string) []byte {
	var encoded []byte
	for _, name := range names {
		encoded = appendText(encoded, 3, name)
	}
	return encoded
}

// Unsubscribed encodes names as `resource_names_unsubscribe`.
func Unsubscribed(names []string) []byte {
	var encoded []byte
	for _, name := range names {
		encoded = appendText(encoded, 4, name)
	}
	return encoded
}

// AppendHeld adds an entry of `initial_resource_versions`.
func AppendHeld(to []byte, name, version string) []byte {
	return appendBytes(to, 5, appendText(appendText(nil, 1, name), 2, version))
}

// SotwRequest gives a DiscoveryRequest in pieces, so that a long list of names is shared and not copied.
func SotwRequest(version string, node, names []byte, of Type, nonce string) [][]byte {
	head := appendBytes(appendText(nil, 1, version), 2, node)
	tail := appendText(appendText(nil, 4, URLs[of]), 5, nonce)
	return [][]byte{head, names, tail}
}

// DeltaRequest gives a DeltaDiscoveryRequest in pieces. Middle holds encoded names and versions.
func DeltaRequest(node []byte, of Type, nonce string, middle ...[]byte) [][]byte {
	head := appendText(appendBytes(nil, 1, node), 2, URLs[of])
	return append(append([][]byte{head}, middle...), appendText(nil, 6, nonce))
}

// Response encodes all of an answer but its nonce, which AppendNonce puts behind. Each resource is an element of `resources`.
func Response(version string, resources [][]byte, of Type) []byte {
	response := appendText(nil, FieldVersion, version)
	for _, resource := range resources {
		response = appendBytes(response, FieldResources, resource)
	}
	return appendText(response, FieldTypeURL, URLs[of])
}

// Nonce is the field that AppendNonce of an answer consists of.
func Nonce(nonce string) []byte { return appendText(nil, FieldNonce, nonce) }
