// Sender sends what Sluice served, ready encoded, and for a change the one assignment that is new; it checks, compares and
// remembers nothing. What it takes is what grpc-go, the kernel and the client take: nothing that does more can be faster.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"sync"

	"sluice/bench/xds/internal/capture"
	"sluice/bench/xds/internal/wire"

	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// encoded passes messages that are bytes already.
type encoded struct{}

func (encoded) Name() string { return "proto" }

func (encoded) Marshal(message any) (mem.BufferSlice, error) {
	var slices mem.BufferSlice
	for _, piece := range message.([][]byte) {
		slices = append(slices, mem.SliceBuffer(piece))
	}
	return slices, nil
}

func (encoded) Unmarshal(data mem.BufferSlice, message any) error {
	*(message.(*[]byte)) = data.Materialize()
	return nil
}

type sender struct {
	mutex     sync.Mutex
	streams   map[chan []byte]bool // those that asked for endpoints; true: delta
	endpoints map[string]*discovery.Resource
	// first are the answers to the first question for a type.
	delta, sotw [wire.TypeCount][]byte
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
	s := &sender{streams: map[chan []byte]bool{}, endpoints: map[string]*discovery.Resource{}}
	for t := range resources {
		if s.delta[t], s.sotw[t], err = answers("0", resources[t], wire.Type(t)); err != nil {
			return err
		}
	}
	for _, one := range resources[wire.Endpoints] {
		s.endpoints[one.GetName()] = one
	}
	xds := grpc.NewServer(capture.Patience, grpc.ForceServerCodecV2(encoded{}), grpc.MaxConcurrentStreams(1<<20), grpc.MaxRecvMsgSize(64<<20))
	stream := func(name string, first *[wire.TypeCount][]byte, delta bool) grpc.StreamDesc {
		return grpc.StreamDesc{StreamName: name, ServerStreams: true, ClientStreams: true, Handler: func(_ any, stream grpc.ServerStream) error {
			return s.serve(stream, first, delta)
		}}
	}
	xds.RegisterService(&grpc.ServiceDesc{
		ServiceName: "envoy.service.discovery.v3.AggregatedDiscoveryService",
		HandlerType: (*any)(nil),
		Streams:     []grpc.StreamDesc{stream("DeltaAggregatedResources", &s.delta, true), stream("StreamAggregatedResources", &s.sotw, false)},
	}, nil)
	return capture.Serve(xds, s.change)
}

// answers encodes resources for both protocols.
func answers(version string, resources []*discovery.Resource, of wire.Type) (delta, sotw []byte, err error) {
	var inDelta, inSotw [][]byte
	for _, one := range resources {
		whole, err := proto.Marshal(one)
		if err != nil {
			return nil, nil, err
		}
		any, err := proto.Marshal(one.GetResource())
		if err != nil {
			return nil, nil, err
		}
		inDelta, inSotw = append(inDelta, whole), append(inSotw, any)
	}
	return wire.Response(version, inDelta, of), wire.Response(version, inSotw, of), nil
}

// serve answers the first question for each type, and sends changes of endpoints to those who asked for them.
func (s *sender) serve(stream grpc.ServerStream, first *[wire.TypeCount][]byte, delta bool) error {
	typeField := protowire.Number(4)
	if delta {
		typeField = 2
	}
	changes := make(chan []byte, 1024)
	defer func() {
		s.mutex.Lock()
		delete(s.streams, changes)
		s.mutex.Unlock()
	}()
	requests := make(chan wire.Type)
	go func() {
		defer close(requests)
		var asked [wire.TypeCount]bool
		for left := len(asked); ; {
			var request []byte
			if stream.RecvMsg(&request) != nil {
				return
			}
			if left == 0 {
				continue // acknowledgements are not read: it sends and does nothing else
			}
			if of, ok := wire.TypeOf(wire.Bytes(request, typeField)); ok {
				if asked[of] {
					continue
				}
				asked[of] = true
				left--
				select {
				case requests <- of:
				case <-stream.Context().Done():
					return
				}
			}
		}
	}()
	for nonce := 1; ; {
		var answer []byte
		select {
		case of, open := <-requests:
			if !open {
				return nil
			}
			answer = first[of]
			if of == wire.Endpoints {
				s.mutex.Lock()
				s.streams[changes] = delta
				s.mutex.Unlock()
			}
		case answer = <-changes:
		}
		if err := stream.SendMsg([][]byte{answer, wire.Nonce(strconv.Itoa(nonce))}); err != nil {
			return err
		}
		nonce++
	}
}

func (s *sender) change(cluster, address string, port uint32) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	known, ok := s.endpoints[cluster]
	if !ok {
		return fmt.Errorf("there is no cluster %q", cluster)
	}
	endpoints, err := capture.Endpoints(known.GetResource())
	if err != nil {
		return err
	}
	if endpoints, err = capture.Moved(endpoints, address, port); err != nil {
		return err
	}
	next := proto.Clone(known).(*discovery.Resource)
	if err := next.GetResource().MarshalFrom(endpoints); err != nil {
		return err
	}
	next.Version = address
	delta, sotw, err := answers(address, []*discovery.Resource{next}, wire.Endpoints)
	if err != nil {
		return err
	}
	s.endpoints[cluster] = next
	for changes, isDelta := range s.streams {
		answer := sotw
		if isDelta {
			answer = delta
		}
		select {
		case changes <- answer:
		default:
			return errors.New("a client reads too slowly")
		}
	}
	return nil
}
