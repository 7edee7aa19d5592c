import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, suite, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { grpcRouteYaml, shopHost, shopRule } from './grpc/objects.ts';
import { type Item, type ShopServer, shopDefinition, startShopServer } from './grpc/shop-server.ts';
import { type Stack, startStack } from './harness.ts';
import { gatewayYaml, serviceYaml } from './objects.ts';

/** A frame of an answer: a message, or the trailers in their place. */
interface Frame {
  readonly isTrailer: boolean;
  readonly content: Buffer;
}

const trailerBit = 0x80;

function framesOf(body: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    frames.push({ isTrailer: ((body[at] ?? 0) & trailerBit) !== 0, content: body.subarray(at + 5, end) });
    at = end;
  }
  return frames;
}

function frameOf(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** The pieces of text may each be padded, so each is read for itself. */
function textToBytes(text: string): Buffer {
  return Buffer.concat((text.match(/[^=]+={0,2}/g) ?? []).map((piece) => Buffer.from(piece, 'base64')));
}

/** For pages of another origin, whose browser asks first. */
const pagesYaml = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: pages}
spec:
  parentRefs: [{name: gateway}]
  hostnames: [web.shop.test]
  rules:
    - matches: [{path: {type: PathPrefix, value: /shop.v1.Shop}}]
      filters: [{type: CORS, cors: {allowOrigins: ["https://shop.test"], allowMethods: [POST], allowHeaders: [content-type, x-grpc-web], exposeHeaders: [grpc-status, grpc-message]}}]
      backendRefs: [{name: shop, port: 80}]`;

/** A server that understands gRPC-Web by itself, over HTTP/1.1. */
const ownYaml = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: own}
spec:
  parentRefs: [{name: gateway}]
  hostnames: [own.shop.test]
  rules:
    - backendRefs: [{name: own, port: 80}]`;

/** What pages do: gRPC-Web over HTTP/1.1, through a real Envoy. */
suite('gRPC-Web', { timeout: 600_000 }, () => {
  let server: ShopServer;
  let own: HttpBackend;
  let stack: Stack;

  before(async () => {
    server = await startShopServer('a');
    own = await startHttpBackend('own');
    const shop = serviceYaml('shop', [server.port], { appProtocol: 'kubernetes.io/h2c' });
    const objects = [gatewayYaml, grpcRouteYaml('shop', shopRule), pagesYaml, ownYaml, shop, serviceYaml('own', [own.port])].join('\n---');
    stack = await startStack({ objects: { 'shop.yaml': objects } });
  });
  after(async () => {
    await stack?.close();
    await server?.close();
    await own?.close();
  });

  interface Answer {
    readonly status: number | undefined;
    readonly type: string | undefined;
    readonly body: Buffer;
  }

  function call(method: string, contentType: string, body: Buffer | string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = { host: shopHost, 'content-type': contentType, accept: contentType, 'x-grpc-web': '1' };
      const sent = request(
        { host: '127.0.0.1', port: stack.httpPort, method: 'POST', path: `/shop.v1.Shop/${method}`, headers, agent: false },
        async (response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk as Buffer);
          resolve({ status: response.statusCode, type: response.headers['content-type'], body: Buffer.concat(chunks) });
        },
      );
      sent.on('error', reject).end(body);
    });
  }

  const items = (frames: readonly Frame[]): Item[] =>
    frames.filter(({ isTrailer }) => !isTrailer).map(({ content }) => shopDefinition['Watch']?.responseDeserialize(content) as Item);
  const trailersOf = (frames: readonly Frame[]): string =>
    frames
      .filter(({ isTrailer }) => isTrailer)
      .map(({ content }) => content.toString())
      .join('');
  const asked = frameOf(shopDefinition['GetItem']?.requestSerialize({ name: 'items/tea' }) ?? Buffer.alloc(0));

  test('binary: messages, then the trailers in a frame of their own', async () => {
    const { status: http, type, body } = await call('GetItem', 'application/grpc-web+proto', asked);
    assert.equal(http, 200);
    assert.equal(type, 'application/grpc-web+proto');
    const frames = framesOf(body);
    assert.deepEqual(items(frames), [{ name: 'items/tea', cents: '100', endpoint: 'a' }]);
    assert.match(trailersOf(frames), /grpc-status:\s*0\r\n/);
  });

  test('text: a stream of messages, in base64 both ways', async () => {
    const { type, body } = await call('Watch', 'application/grpc-web-text', asked.toString('base64'));
    assert.equal(type, 'application/grpc-web-text+proto');
    const frames = framesOf(textToBytes(body.toString()));
    assert.deepEqual(
      items(frames).map(({ cents }) => cents),
      ['1', '2', '3'],
    );
    assert.match(trailersOf(frames), /grpc-status:\s*0\r\n/);
  });

  test('pages of another origin may call where an HTTPRoute lets them', async () => {
    const origin = 'https://shop.test';
    const preflight = { host: 'web.shop.test', origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,x-grpc-web' };
    const asked = await stack.http('/shop.v1.Shop/GetItem', { method: 'OPTIONS', headers: preflight });
    assert.equal(asked.headers['access-control-allow-origin'], origin);
    const headers = { host: 'web.shop.test', origin, 'content-type': 'application/grpc-web-text', accept: 'application/grpc-web-text' };
    const body = frameOf(shopDefinition['GetItem']?.requestSerialize({ name: 'items/tea' }) ?? Buffer.alloc(0)).toString('base64');
    const answer = await stack.http('/shop.v1.Shop/GetItem', { method: 'POST', headers, body });
    assert.equal(answer.headers['access-control-allow-origin'], origin);
    const frames = framesOf(textToBytes(answer.body));
    assert.equal(items(frames)[0]?.endpoint, 'a');
    assert.match(trailersOf(frames), /grpc-status:\s*0\r\n/);
  });

  test('a backend of HTTP/1.1 gets the calls as pages sent them', async () => {
    const type = 'application/grpc-web+proto';
    const answer = await stack.http('/shop.v1.Shop/GetItem', {
      method: 'POST',
      headers: { host: 'own.shop.test', 'content-type': type },
      body: asked.toString('latin1'),
    });
    assert.equal(answer.body, 'own');
    assert.equal(own.seen.at(-1)?.headers['content-type'], type);
    assert.equal(own.seen.at(-1)?.headers['te'], undefined);
  });

  test('a server that fails is seen in the trailers', async () => {
    server.behaviour.status = status.NOT_FOUND;
    server.behaviour.sendsHeadersFirst = true;
    try {
      const { status: http, body } = await call('GetItem', 'application/grpc-web+proto', asked);
      assert.equal(http, 200);
      assert.match(trailersOf(framesOf(body)), /grpc-status:\s*5\r\n/);
    } finally {
      server.behaviour.status = status.OK;
      server.behaviour.sendsHeadersFirst = false;
    }
  });
});
