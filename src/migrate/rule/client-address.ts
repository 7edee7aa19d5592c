import { clientsNameThemselves } from '../../nginx/client-trust.ts';
import { foundAt, type Rule, requestOf, textOf } from '../scene.ts';

const byAddress = ['allowlist-source-range', 'whitelist-source-range', 'denylist-source-range'] as const;

/** Lists of client addresses where clients may say which address they have. */
export const clientAddress: Rule = function* (scene) {
  if (!clientsNameThemselves(scene.controller)) return;
  for (const { ingress } of scene.ingresses) {
    for (const name of byAddress) {
      if (!textOf(scene, ingress, name)) continue;
      const header = scene.controller.value('forwarded-for-header');
      const message = `Anybody passes the list by a forged ${header}, on both: it is believed, and \`proxy-real-ip-cidr\` trusts every peer.`;
      const remedy = 'Set `proxy-real-ip-cidr` to the networks of your own proxies and load balancers.';
      yield foundAt(scene, ingress, name, {
        level: 'dangerous',
        message,
        example: `${requestOf(ingress)} with ${header}: ${textOf(scene, ingress, name)?.split(/[,/]/)[0]}`,
        remedy,
      });
    }
  }
};
