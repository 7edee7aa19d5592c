package wire

import (
	"bytes"
	"math/rand"
	"testing"

	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// What Fields says of a message does not depend on how its bytes are cut, nor on what is known of it.
func TestFieldsInPieces(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	large := bytes.Repeat([]byte("route "), largeField/4)
	other := bytes.Clone(large)
	other[len(other)-3] = 'X'
	message := Response("7", [][]byte{[]byte("one"), large, {}, []byte("two"), large}, Routes)
	message = append(message, Nonce("n-1")...)
	for _, known := range [][]byte{nil, large, other} {
		for range 200 {
			var found [][]byte
			fields := Fields{
				Known: func(length int) []byte {
					if length == len(known) {
						return known
					}
					return nil
				},
				Field: func(_ protowire.Number, value []byte) { found = append(found, bytes.Clone(value)) },
			}
			for rest := message; len(rest) > 0; {
				n := min(len(rest), 1+random.Intn(1<<uint(1+random.Intn(17))))
				if err := fields.Feed(rest[:n]); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if err := fields.End(); err != nil {
				t.Fatal(err)
			}
			want := [][]byte{[]byte("7"), []byte("one"), large, {}, []byte("two"), large, []byte(URLs[Routes]), []byte("n-1")}
			if len(found) != len(want) {
				t.Fatalf("%d fields, not %d", len(found), len(want))
			}
			for i := range want {
				if !bytes.Equal(found[i], want[i]) {
					t.Fatalf("field %d differs", i)
				}
			}
		}
	}
}

// Requests are what the Envoy API says they are.
func TestRequests(t *testing.T) {
	var delta discovery.DeltaDiscoveryRequest
	pieces := DeltaRequest(Node("n", "g"), Endpoints, "4", Names([]string{"a", "b"}), Unsubscribed([]string{"c"}), AppendHeld(nil, "d", "1"))
	if err := proto.Unmarshal(bytes.Join(pieces, nil), &delta); err != nil {
		t.Fatal(err)
	}
	want := &discovery.DeltaDiscoveryRequest{
		Node: delta.Node, TypeUrl: URLs[Endpoints], ResponseNonce: "4", ResourceNamesSubscribe: []string{"a", "b"},
		ResourceNamesUnsubscribe: []string{"c"}, InitialResourceVersions: map[string]string{"d": "1"},
	}
	if !proto.Equal(&delta, want) || delta.Node.GetId() != "n" || delta.Node.GetCluster() != "g" || delta.Node.GetUserAgentBuildVersion().GetVersion().GetMinorNumber() != 40 {
		t.Fatal(delta.String())
	}
	var sotw discovery.DiscoveryRequest
	if err := proto.Unmarshal(bytes.Join(SotwRequest("v", nil, Names([]string{"a"}), Routes, "5"), nil), &sotw); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(&sotw, &discovery.DiscoveryRequest{VersionInfo: "v", ResourceNames: []string{"a"}, TypeUrl: URLs[Routes], ResponseNonce: "5"}) {
		t.Fatal(sotw.String())
	}
}
