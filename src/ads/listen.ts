import { constants } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { type Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { formatAddress, type HostPort } from '../address.ts';
import type { ClientLimits } from '../client-limits.ts';
import type { Clock } from '../clock.ts';
import type { KeyFiles } from '../tls/key-files.ts';
import type { KeyMaterial } from '../tls/key-material.ts';
import { createTokenBucket } from '../token-bucket.ts';
import { identityOf } from './client-identity.ts';
import { createPace } from './limit/pace.ts';
import { createQuota } from './limit/quota.ts';

/** Where to listen, and who may connect. */
export interface ListenOptions {
  readonly address: HostPort;
  /** Undefined: plain text. With authorities of clients, who shows no certificate of theirs does not get in. */
  readonly keyFiles?: KeyFiles;
  readonly limits: ClientLimits;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether much of what clients say is not whole yet, so that others had better begin later. */
  readonly isCrowded: () => boolean;
  /** A connection that did not get as far as HTTP/2: `handshake` that failed, or `limit`. */
  readonly onRefused: (reason: 'handshake' | 'limit') => void;
}

/** An address that accepts connections. */
export interface Listening {
  /** Bound `HOST:PORT`. */
  readonly address: string;
  /** Accepts no more. Open connections are the gRPC server's. */
  close(): void;
  /** Resolves when no connection is open any more; what still is after `graceMs` is cut. */
  emptied(graceMs: number): Promise<void>;
}

/**
 * Connections that may wait to be accepted, as far as the kernel lets them (`net.core.somaxconn`). After a restart all Envoys
 * come at once; whoever finds no room tries again after 1, 3, 7, … seconds, and with Node's own 511 that is most of them.
 */
const backlog = 4096;

/** Lines of log about refused connections: enough to see who, and no more whoever knocks. */
const loggedRefusals = { burst: 20, perSecond: 1 };

/**
 * Accepts connections for a gRPC server. They are handed over after the TLS handshake, since the library's own servers tell
 * nobody of handshakes that fail, count no connections, and forget the least version of TLS when certificates are replaced.
 * @throws {Error} where the address cannot be bound.
 */
export async function listen(grpc: GrpcServer, { address, keyFiles, limits, clock, log, isCrowded, onRefused }: ListenOptions): Promise<Listening> {
  // Not encrypted as far as the library knows: what it is given has its TLS behind it.
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const quota = createQuota('connections', { inAll: limits.connections, perAddress: limits.connectionsPerAddress });
  const loggable = createTokenBucket(loggedRefusals);
  const pace = createPace(clock, isCrowded);
  const open = new Set<Socket>();
  const emptied = Promise.withResolvers<void>();
  let isClosing = false;
  const refused = (reason: 'handshake' | 'limit', peer: string, words: string): void => {
    onRefused(reason);
    if (loggable.take(clock.steady())) log.warn({ peer, reason: words }, 'xDS connection refused');
  };

  function admit(socket: Socket): void {
    const { remoteAddress = '' } = socket;
    const over = quota.take(remoteAddress);
    if (over === undefined) {
      open.add(socket);
      socket.on('close', () => {
        open.delete(socket);
        quota.release(remoteAddress);
        if (isClosing && open.size === 0) emptied.resolve();
      });
    } else {
      socket.destroy();
      refused('limit', peerOf(socket), over);
    }
  }
  function hand(socket: Socket): void {
    // What goes wrong with it later ends its streams, which tell it; without a listener it would end the process.
    socket.on('error', () => undefined);
    if (socket.destroyed) return;
    pace.enter(socket, () => {
      // Paused as it was accepted: nothing else would begin to read.
      socket.read(0);
      injector.injectConnection(socket);
    });
  }
  function handTrusted(socket: TLSSocket): void {
    if (socket.authorized) {
      hand(socket);
      return;
    }
    const certificate = socket.getPeerCertificate();
    const isThere = certificate.subject !== undefined;
    const words = isThere
      ? `the certificate of ${identityOf(certificate).subject} is not good: ${socket.authorizationError}`
      : 'the client shows no certificate';
    refused('handshake', peerOf(socket), words);
    socket.destroy();
  }

  let server: Server;
  let unsubscribe = (): void => undefined;
  if (!keyFiles) server = createServer({ noDelay: true, pauseOnConnect: true }, hand).prependListener('connection', admit);
  else {
    const asksForCertificate = keyFiles.current().clientAuthorities !== undefined;
    const tls = createTlsServer({ ...contextOf(keyFiles.current()), ...handshake(asksForCertificate, limits) }, asksForCertificate ? handTrusted : hand);
    tls.prependListener('connection', admit);
    tls.on('tlsClientError', (error: Error, socket: TLSSocket) => {
      // Whoever connects and says nothing (a port scan, a probe of a load balancer) is no news.
      if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') refused('handshake', peerOf(socket), handshakeWords(error));
    });
    unsubscribe = keyFiles.subscribe((material) => tls.setSecureContext(contextOf(material)));
    server = tls;
  }
  await bind(server, address);
  return {
    address: formatAddress({ host: address.host, port: (server.address() as AddressInfo).port }),
    close() {
      unsubscribe();
      server.close();
      pace.end();
      isClosing = true;
      if (open.size === 0) emptied.resolve();
    },
    async emptied(graceMs) {
      // Whoever does not read does not notice that it is over, and its connection would keep the process alive.
      const cancel = clock.after(graceMs, () => {
        for (const socket of open) socket.destroy();
      });
      await emptied.promise;
      cancel();
    },
  };
}

/** Why a handshake failed, without the places in OpenSSL that Node puts around it. */
function handshakeWords(error: Error): string {
  const { code = '', reason } = error as NodeJS.ErrnoException & { readonly reason?: string };
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_HTTP_REQUEST')
    return 'the client speaks plain text, not TLS: `sluice bootstrap` needs --tls-secrets, or --tls-ca and what goes with it';
  return reason ?? error.message;
}

/** Given with each new certificate, as a server forgets what is not given again. */
const contextOf = ({ certificateChain, privateKey, clientAuthorities }: KeyMaterial) =>
  ({
    cert: certificateChain,
    key: privateKey,
    ...(clientAuthorities === undefined ? {} : { ca: clientAuthorities }),
    minVersion: 'TLSv1.3',
    // A session that is resumed would keep the certificate of its first handshake, valid or not.
    secureOptions: constants.SSL_OP_NO_TICKET,
  }) satisfies TlsOptions;

const handshake = (asksForCertificate: boolean, { handshakeMs }: ClientLimits) =>
  ({
    ALPNProtocols: ['h2'],
    requestCert: asksForCertificate,
    // Node would close the connection without a word to us; `authorized` is looked at instead.
    rejectUnauthorized: false,
    handshakeTimeout: handshakeMs,
    noDelay: true,
  }) satisfies TlsOptions;

const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress}:${remotePort}`;

function bind(server: Server, address: HostPort): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`cannot listen for xDS on ${formatAddress(address)}: ${error.message}`, { cause: error })));
    server.listen({ port: address.port, host: address.host, backlog }, () => resolve());
  });
}
