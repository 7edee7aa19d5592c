import type { ForwardedHeaders } from '../../../ir/route.ts';
import type { Feature } from './feature.ts';

/** Backends learn by the headers of ingress-nginx how the client came; with `use-forwarded-headers` its own word for the host name is theirs. */
export const forwardedHeaders: Feature = (routes, _location, { controller: { value } }) => {
  const believesHost = value('use-forwarded-headers');
  const forwarded: ForwardedHeaders = {
    believesHost,
    keepsForwardedFor: believesHost && value('compute-full-forwarded-for'),
    addsUri: value('proxy-add-original-uri-header'),
  };
  return routes.map((route) => (route.action.type === 'forward' ? { ...route, forwarded } : route));
};
