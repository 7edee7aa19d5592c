import { buffer } from './buffer.ts';
import { cors } from './cors.ts';
import type { Filter } from './filter.ts';
import { grpcJsonTranscoder } from './grpc-json-transcoder.ts';
import { grpcWeb } from './grpc-web.ts';
import { idempotentRetries } from './idempotent-retries.ts';
import { router } from './router.ts';
import { sticky } from './sticky.ts';

/**
 * All HTTP filters. The order of this list is the order of the chain:
 * - `cors` first, so that a preflight request, which carries no credentials, is answered before anything may refuse it;
 * - `grpcWeb` before whatever reads gRPC messages or their trailers;
 * - `buffer` behind what may refuse a request by its headers, which need not wait for the body then;
 * - `sticky` behind what may refuse a request, as late as can be: it chooses the route anew;
 * - `idempotentRetries` behind `sticky`, as it reads from the route what a retry may be for;
 * - `grpcJsonTranscoder` behind both, which read the request as the client sent it: a GET is still one;
 * - `router` last, as Envoy demands.
 */
export const filters: readonly Filter[] = [cors, grpcWeb, buffer, sticky, idempotentRetries, grpcJsonTranscoder, router];
