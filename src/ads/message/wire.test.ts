import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode } from '../../proto/codec.ts';
import { tableParts } from '../../proto/encoded-table.ts';
import { type Resource, typeUrls } from '../../resource.ts';
import { tableResource } from '../../route-table.ts';
import { encodeAnswer } from './wire.ts';

/** A table that was never put together, with as many virtual hosts. */
function table(hosts: number): Resource {
  const virtualHosts = Array.from({ length: hosts }, (_, index) => ({ name: `host-${index}`, domains: [`host-${index}.example`] }));
  const message = { name: 'default/80', virtual_hosts: virtualHosts, most_specific_header_mutations_wins: true };
  return tableResource('default/80', tableParts(encode('envoy.config.route.v3.RouteConfiguration', message)), () => []);
}

function sent(protocol: 'sotw' | 'delta', resource: Resource): Buffer {
  const answer = encodeAnswer({ protocol, type: 'routes', nonce: '7', version: 'v', resources: [resource], removed: [] });
  // As gRPC does it: behind a head of five bytes.
  const message = Buffer.alloc(5 + answer.byteLength);
  assert.equal(answer.copy(message, 5), answer.byteLength);
  return message.subarray(5);
}

// Lengths of one byte, two and three.
for (const hosts of [0, 1, 3, 500]) {
  test(`a table of ${hosts} virtual hosts is written as an encoder writes it`, () => {
    const resource = table(hosts);
    const any = { type_url: typeUrls.routes, value: resource.bytes };
    const delta = {
      system_version_info: 'v',
      type_url: typeUrls.routes,
      nonce: '7',
      resources: [{ name: resource.name, version: resource.version, resource: any }],
    };
    const sotw = { version_info: 'v', type_url: typeUrls.routes, nonce: '7', resources: [any] };
    const [deltaName, sotwName] = ['envoy.service.discovery.v3.DeltaDiscoveryResponse', 'envoy.service.discovery.v3.DiscoveryResponse'] as const;
    assert.deepEqual(decode(deltaName, sent('delta', table(hosts))), decode(deltaName, encode(deltaName, delta)));
    assert.deepEqual(decode(sotwName, sent('sotw', table(hosts))), decode(sotwName, encode(sotwName, sotw)));
  });
}
