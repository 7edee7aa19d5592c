import type { Transcoder } from '../../ir/route.ts';
import { typed } from '../../proto/message.ts';
import type { Filter } from './filter.ts';

const message = 'envoy.extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder';

/**
 * Makes gRPC calls of HTTP with JSON. What it needs stands in the virtual host, once for all of its routes: Envoy reads a set of
 * descriptors anew wherever it stands, with every change of the routes. gRPC calls of the host pass untouched.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/grpc_json_transcoder_filter
 */
export const grpcJsonTranscoder: Filter = {
  name: 'envoy.filters.http.grpc_json_transcoder',
  // Without services it does nothing.
  chain: () => ({ config: typed(message, { proto_descriptor_bin: Buffer.alloc(0) }), disabled: true }),
  route: () => undefined,
  host: ({ routes }) => {
    const transcoder = routes.find((route) => route.transcoder)?.transcoder;
    return transcoder && configOf(transcoder);
  },
};

function configOf(transcoder: Transcoder) {
  return typed(message, {
    proto_descriptor_bin: Buffer.from(transcoder.descriptorSet),
    services: [...transcoder.services],
    // The route was chosen by the path that the client asked for, and stays.
    match_incoming_request_route: true,
    ...(transcoder.rejectsUnknownParameters
      ? { request_validation_options: { reject_unknown_query_parameters: true } }
      : { ignore_unknown_query_parameters: true }),
    convert_grpc_status: transcoder.convertsStatus,
    print_options: {
      always_print_primitive_fields: transcoder.printsDefaults,
      always_print_enums_as_ints: transcoder.printsEnumsAsNumbers,
      preserve_proto_field_names: transcoder.printsProtoNames,
    },
  });
}
