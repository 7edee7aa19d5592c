import { diagnostic } from '../../../diagnostic.ts';
import { annotationOrigin } from '../../../nginx/annotation-origin.ts';
import type { AuthRequest } from '../../../nginx/auth-request.ts';
import { externalAuth } from '../../../nginx/family/external-auth.ts';
import { globalAuth } from '../../../nginx/family/global-auth.ts';
import type { KeptAnswersRequest } from '../../../nginx/kept-answers.ts';
import { httpLog } from '../access-log.ts';
import { authzBackend } from '../authz.ts';
import type { Location } from '../location.ts';
import { isSpared } from '../spared.ts';
import { urlBackend } from '../url-backend.ts';
import type { Feature, FeatureContext } from './feature.ts';

/** As nginx waits for an answer of a backend. */
const timeoutMs = 60_000;

/**
 * A service is asked whether requests may go on: that of the Ingress, or that of the controller but for the paths that it spares.
 * Redirects are given to everybody, as nginx does. Gives `IngressDenied`, and what backends give.
 */
export const approval: Feature = (routes, location, context) => {
  const { reading } = location;
  const wanted = reading.of(externalAuth) ?? reading.of(globalAuth);
  if (!wanted || isSpared(location, context.controller, 'no-auth-locations')) return routes;
  const found = approvalOf(wanted, location, context);
  return routes.map((route) => {
    if (route.action.type === 'location') return route;
    return found ? { ...route, approval: found } : { ...route, action: { type: 'respond', status: 503 } };
  });
};

function approvalOf(wanted: AuthRequest, location: Location, context: FeatureContext) {
  const { ingress } = location;
  const { controller, server, collect, report } = context;
  const at = annotationOrigin(ingress, controller, 'auth-url');
  const host = wanted.host === '$host' ? server.host : wanted.host;
  const backend = urlBackend('auth', host, wanted, at, context);
  if (!backend) {
    const message = `The service ${host}:${wanted.port} that is to be asked cannot be found for ${server.host}, so its paths are answered with 503.`;
    report(diagnostic('IngressDenied', at, message, 'Name a Service that exists, or a host name.'));
    return undefined;
  }
  collect(backend);
  const { scheme, path, method, redirect, requestHeaders, copiedHeaders, setsCookiesAlways, signin, kept } = wanted;
  const questions = { scheme, host, path, redirect, requestHeaders, copiedHeaders, setsCookiesAlways, timeoutMs };
  return {
    cluster: backend.name,
    ...questions,
    ...(method === undefined ? {} : { method }),
    ...(signin === undefined ? {} : { signin }),
    ...(kept && { kept: keptAnswers(kept, location, context) }),
    ...(httpLog(controller).log?.questions && { isLogged: true as const }),
  };
}

/** Answers of one location are not those of another, as behind ingress-nginx. */
function keptAnswers({ key, seconds }: KeptAnswersRequest, { path, pathType }: Location, { authz, server, collect }: FeatureContext) {
  const backend = authzBackend(authz);
  collect(backend);
  return { cluster: backend.name, scope: authz.sealing.seal(`verdicts\n${server.host}\n${path}\n${pathType}`), key, seconds };
}
