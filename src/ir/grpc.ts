/**
 * How the content type of every gRPC request begins: `application/grpc`, `application/grpc+proto`, and those of gRPC-Web from
 * browsers, `application/grpc-web+proto` and `application/grpc-web-text`. Envoy's own condition `grpc` does not fit gRPC-Web,
 * as the route is chosen before a filter makes plain gRPC of it.
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md
 */
export const grpcContentType = 'application/grpc';
