import { z } from 'zod';
import { withRule } from './own/cel.ts';
import { cidr } from './own/cidr.ts';
import { defineOwnKind } from './own/define.ts';
import { envoys } from './own/envoys.ts';
import { percent, share } from './own/fields.ts';

const clientAddress = withRule(
  withRule(
    z.strictObject({
      mode: z
        .enum(['Peer', 'XForwardedFor', 'ProxyProtocol'])
        .describe(
          '`Peer`: whoever opened the connection. `XForwardedFor`: what trusted proxies in front say. `ProxyProtocol`: what the PROXY header (v1, v2) says.',
        ),
      trustedCIDRs: z
        .array(cidr)
        .min(1)
        .max(64)
        .optional()
        .describe(
          'XForwardedFor: ranges of the proxies in front. The header is read from the right while its addresses are in them, as `set_real_ip_from` with `real_ip_recursive` of nginx.',
        ),
      optional: z.boolean().optional().describe('ProxyProtocol: whether connections without the header are let in. `false` unless written.'),
    }),
    (value) => (value.mode === 'XForwardedFor') === (value.trustedCIDRs !== undefined),
    "(self.mode == 'XForwardedFor') == has(self.trustedCIDRs)",
    'XForwardedFor needs `trustedCIDRs`, and no other mode has them',
  ),
  (value) => value.mode === 'ProxyProtocol' || value.optional === undefined,
  "self.mode == 'ProxyProtocol' || !has(self.optional)",
  '`optional` belongs to the mode ProxyProtocol',
);

/** Settings of Gateways; the one named `default` holds for Ingresses. */
export const gatewayConfig = defineOwnKind({
  kind: 'GatewayConfig',
  spec: withRule(
    z.strictObject({
      group: z
        .string()
        .min(1)
        .max(63)
        .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'lower case letters, digits and `-`')
        .optional()
        .describe('Group of Envoys that serves the Gateways: `node.cluster` of their bootstrap. `default` unless written.'),
      envoys: envoys
        .optional()
        .describe(
          'Which Envoys serve the Gateways. Shared ones unless written. Has no meaning for Ingresses; what is not written of it is as the server was told.',
        ),
      clientAddress: clientAddress.optional().describe('Who the client is. The peer of the connection unless written.'),
      accessLog: z
        .strictObject({
          format: z.enum(['json', 'text']).optional().describe('Form of a line. `json` unless written.'),
          samplePercent: percent
            .optional()
            .describe(
              'Share of the requests that are written; those that end with a status of 500 or more always are, unless it is 0: none. 100 unless written.',
            ),
        })
        .optional()
        .describe(
          'Access log on the standard output of Envoy. Unless written: JSON, of one request in a hundred and of all that end with a status of 500 or more.',
        ),
      clientCensus: z
        .strictObject({
          samplePercent: share.describe(
            'Share of the requests of which Envoys tell Sluice the address of the client and that of the connection, in percent. 0: of none, as for gateways that only few clients use.',
          ),
        })
        .optional()
        .describe('Sample of clients, for the warning `ClientsHidden`. As the server was told unless written, which is 0.5 percent.'),
    }),
    (value) => value.group === undefined || value.envoys?.mode !== 'PerGateway',
    "!has(self.group) || !has(self.envoys) || self.envoys.mode != 'PerGateway'",
    'with the mode PerGateway each Gateway has a group of its own, so that `group` has no meaning',
  ).describe('What is not written keeps its default.'),
});
