import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** A span that somebody sent, its ids as hexadecimal digits; without a parent that is empty. */
export interface Span {
  /** Attribute `service.name` of who sent it. */
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  readonly trace: string;
  readonly id: string;
  readonly parent: string;
  readonly state: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A collector of OpenTelemetry: a gRPC server that keeps the spans that come. */
export interface Collector extends AsyncDisposable {
  readonly port: number;
  readonly spans: readonly Span[];
  /** How many spans came together, each time. */
  readonly batches: readonly number[];
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** As the definitions in `../fake/trace-service.proto` say. */
interface Request {
  readonly resource_spans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scope_spans: readonly { readonly spans: readonly Sent[] }[];
  }[];
}

interface Sent {
  readonly trace_id: Buffer;
  readonly span_id: Buffer;
  readonly parent_span_id: Buffer;
  readonly trace_state: string;
  readonly name: string;
  readonly kind: string;
  readonly attributes: readonly Attribute[];
}

/** Starts one on a free port. */
export async function startCollector(): Promise<Collector> {
  const file = join(import.meta.dirname, '../fake/trace-service.proto');
  const service = loadSync(file, { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true })[
    'opentelemetry.proto.collector.trace.v1.TraceService'
  ];
  const spans: Span[] = [];
  const batches: number[] = [];
  const server = new grpc.Server();
  server.addService(service as unknown as grpc.ServiceDefinition, {
    Export(call: { readonly request: Request }, answer: (error: null, value: object) => void) {
      const sent = call.request.resource_spans.flatMap(({ resource, scope_spans }) =>
        scope_spans.flatMap((scope) => scope.spans.map((one) => spanOf(one, textsOf(resource.attributes)['service.name'] ?? ''))),
      );
      spans.push(...sent);
      batches.push(sent.length);
      answer(null, {});
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  return { port, spans, batches, [Symbol.asyncDispose]: async () => server.forceShutdown() };
}

function spanOf({ trace_id, span_id, parent_span_id, trace_state, name, kind, attributes }: Sent, service: string): Span {
  const ids = { trace: trace_id.toString('hex'), id: span_id.toString('hex'), parent: parent_span_id.toString('hex') };
  return { service, name, kind, ...ids, state: trace_state, attributes: textsOf(attributes) };
}

function textsOf(attributes: readonly Attribute[]): Readonly<Record<string, string>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, String(value[String(value['value'])])]));
}
