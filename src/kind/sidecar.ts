import { isIP } from 'node:net';
import { z } from 'zod';
import { objectName } from './gateway/names.ts';
import { port } from './kind.ts';
import { defineOwnKind } from './own/define.ts';
import { ipAddress } from './own/fields.ts';

/** `127.0.0.1:8080`, `[::1]:8080`. */
function isAddressWithPort(text: string): boolean {
  const [, bracketed, plain = '', port] = /^(?:\[(.+)\]|([^:]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const isAddress = bracketed === undefined ? isIP(plain) === 4 : isIP(bracketed) === 6;
  return isAddress && Number(port) >= 1 && Number(port) <= 65535;
}

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

/** An Envoy beside the pods of a Service. */
export const sidecar = defineOwnKind({
  kind: 'Sidecar',
  spec: z
    .strictObject({
      service: objectName.describe('Service whose pods the Envoy stands beside. It makes the group `sidecar/NAMESPACE/SERVICE`.'),
      reach: z
        .array(
          z
            .string()
            .max(127)
            .regex(new RegExp(`^(${label}/)?${label}$`), 'write it as `SERVICE` or `NAMESPACE/SERVICE`'),
        )
        .max(1000)
        .optional()
        .describe('Services that the application may call, as `SERVICE` or `NAMESPACE/SERVICE`. Every Service of the namespace unless written.'),
      outbound: z
        .strictObject({
          address: ipAddress.optional().describe('Address that is bound. `127.0.0.1` unless written.'),
          port: port.optional().describe('Port that is bound. 15001 unless written.'),
        })
        .optional()
        .describe('Where the application sends its calls; the Host header says which Service is meant.'),
      inbound: z
        .array(
          z.strictObject({
            port: port.describe('Port that is bound.'),
            to: z
              .string()
              .max(64)
              .refine(isAddressWithPort, 'write it as `127.0.0.1:8080` or `[::1]:8080`')
              .meta({
                pattern: '^([0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9a-fA-F:.]+\\]):[0-9]{1,5}$',
                'x-kubernetes-validations': [
                  {
                    rule: "isIP(self.substring(0, self.lastIndexOf(':')).replace('[', '').replace(']', '')) && int(self.substring(self.lastIndexOf(':') + 1)) >= 1 && int(self.substring(self.lastIndexOf(':') + 1)) <= 65535",
                    message: 'write it as `127.0.0.1:8080` or `[::1]:8080`',
                  },
                ],
              })
              .describe('Address and port of the application.'),
          }),
        )
        .max(32)
        .optional()
        .describe(
          'Ports on which calls to the application come in. 15006 to the target port of the first port of the Service unless written; an empty list: none.',
        ),
    })
    .describe('What is not written keeps its default.'),
});
