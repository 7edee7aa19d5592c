import { likelyMeant } from '../../store/likely.ts';
import { declaredNames } from '../declared.ts';
import { foundAt, type Rule, writtenOn } from '../scene.ts';

/** Annotations of other ingress controllers by their prefixes. */
const others: readonly (readonly [prefix: string, who: string])[] = [
  ['nginx.org/', "F5's NGINX Ingress Controller"],
  ['nginx.com/', "F5's NGINX Ingress Controller"],
  ['haproxy.org/', 'HAProxy'],
  ['haproxy-ingress.github.io/', 'HAProxy Ingress'],
  ['traefik.ingress.kubernetes.io/', 'Traefik'],
  ['alb.ingress.kubernetes.io/', 'the load balancer controllers of clouds'],
  ['appgw.ingress.kubernetes.io/', 'Azure Application Gateway'],
  ['konghq.com/', 'Kong'],
  ['projectcontour.io/', 'Contour'],
  ['higress.io/', 'Higress'],
  ['mse.ingress.kubernetes.io/', 'Alibaba MSE'],
];

/** Annotations that ingress-nginx does not know: keys under its prefix that are none of its own, and those of other controllers. */
export const foreign: Rule = function* (scene) {
  const { annotationsPrefix } = scene.controller.flags;
  const known = [...declaredNames.keys()];
  for (const { ingress } of scene.ingresses) {
    for (const key of Object.keys(writtenOn(ingress))) {
      if (key.startsWith(`${annotationsPrefix}/`)) {
        const name = key.slice(annotationsPrefix.length + 1);
        if (declaredNames.has(name)) continue;
        const meant = likelyMeant(name, known);
        const message = 'No annotation of ingress-nginx has this name, so it has no effect on either.';
        const remedy = meant === undefined ? 'Remove it.' : `Remove it, or write ${meant} if that is meant.`;
        yield foundAt(scene, ingress, name, { level: 'inert', message, remedy });
        continue;
      }
      const [, who] = others.find(([prefix]) => key.startsWith(prefix)) ?? [];
      if (who === undefined) continue;
      const message = `It belongs to ${who}; ingress-nginx does not read it, and neither does Sluice.`;
      yield {
        ingress,
        annotation: key,
        at: ingress.origin(['metadata', 'annotations', key]),
        level: 'inert',
        message,
        remedy: 'Make sure that nobody counts on it.',
      };
    }
  }
};
