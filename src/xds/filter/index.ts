import { access } from './access.ts';
import { answerHeaders } from './answer-headers.ts';
import { answerPlaces } from './answer-places.ts';
import { approval } from './approval.ts';
import { buffer } from './buffer.ts';
import { clientLimit } from './client-limit.ts';
import { brotli, gzip } from './compressor.ts';
import { cors } from './cors.ts';
import { errorPages } from './error-pages.ts';
import type { Filter } from './filter.ts';
import { foundPlaces, geoip } from './geoip.ts';
import { grpcJsonTranscoder } from './grpc-json-transcoder.ts';
import { grpcWeb } from './grpc-web.ts';
import { idempotentRetries, idempotentRetriesOfRoute } from './idempotent-retries.ts';
import { location } from './location.ts';
import { router } from './router.ts';
import { satisfy } from './satisfy.ts';
import { sessionKeys } from './session-keys.ts';
import { sticky } from './sticky.ts';

/**
 * All HTTP filters. The order of this list is the order of the chain:
 * - `answerHeaders` first, so that it sees every answer, whichever filter gives it;
 * - `geoip` before all that may refuse a request, for the access log; and `foundPlaces`, which reads what it found, behind it;
 * - `cors` next, so that a preflight request, which carries no credentials, is answered before anything may refuse it;
 * - `brotli` and `gzip` before whatever gives or changes answers, which they see last;
 * - `errorPages` behind them and before whatever refuses requests: refusals have error pages too;
 * - `location` behind it and before whatever refuses requests: nginx redirects before it asks who the client is;
 * - `access` before all that costs more, and before `clientLimit`, which reads from it whom the limit does not hold for;
 * - `clientLimit` behind it: what is refused does not count;
 * - `satisfy` before `approval`, which reads from it what the address of the client says;
 * - `approval` behind all of these: passwords are checked, and a service is asked, only of what would go on;
 * - `grpcWeb` before whatever reads gRPC messages or their trailers;
 * - `buffer` behind what may refuse a request by its headers, which need not wait for the body then;
 * - `sessionKeys` right before `sticky`, which takes away the header with the keys;
 * - `sticky` behind what may refuse a request, as late as can be: it chooses the route anew;
 * - `answerPlaces` behind `sticky`: answers pass it first, so that it changes no cookies but those of backends;
 * - `idempotentRetries` and `idempotentRetriesOfRoute` behind `sticky`, as the route says what a retry may be for;
 * - `grpcJsonTranscoder` behind all of these, which read the request as the client sent it: a GET is still one;
 * - `router` last, as Envoy demands.
 */
export const filters: readonly Filter[] = [
  answerHeaders,
  geoip,
  foundPlaces,
  cors,
  brotli,
  gzip,
  errorPages,
  location,
  access,
  clientLimit,
  satisfy,
  approval,
  grpcWeb,
  buffer,
  sessionKeys,
  sticky,
  answerPlaces,
  idempotentRetries,
  idempotentRetriesOfRoute,
  grpcJsonTranscoder,
  router,
];
