package capture

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
)

// Patience keeps grpc-go from cutting connections whose client was given no processor for 20 s, its default: on a machine that
// also runs a thousand clients and other work that happens, and the run would end.
var Patience = grpc.KeepaliveParams(keepalive.ServerParameters{Timeout: 5 * time.Minute})

// Serve listens for xDS and for changes, says where on the standard output, and serves until the process ends.
// Change is given the cluster, and the address and port of its first endpoint.
func Serve(xds *grpc.Server, change func(cluster, address string, port uint32) error) error {
	discovery, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	changes, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	http.HandleFunc("POST /change", func(response http.ResponseWriter, request *http.Request) {
		port, err := strconv.ParseUint(request.FormValue("port"), 10, 16)
		if err == nil {
			err = change(request.FormValue("cluster"), request.FormValue("address"), uint32(port))
		}
		if err != nil {
			http.Error(response, err.Error(), http.StatusBadRequest)
		}
	})
	failed := make(chan error, 2)
	go func() { failed <- http.Serve(changes, nil) }()
	go func() { failed <- xds.Serve(discovery) }()
	fmt.Fprintf(os.Stdout, "{\"xds\":%q,\"changes\":%q}\n", discovery.Addr(), changes.Addr())
	return <-failed
}
