import { flag, withoutEffect } from '../flag.ts';
import { bool, word } from '../form.ts';

/** Which Ingresses are served, and what they may say. */
export const ingressFlags = {
  'ingress-class': flag('exact', word, (ingressClass) => ({ ingressClass }), 'Class that Ingresses name in the old annotation.'),
  'controller-class': flag('exact', word, (controllerClass) => ({ controllerClass }), 'Controller that the IngressClass of an Ingress names.'),
  'watch-ingress-without-class': flag('exact', bool, (watchesWithoutClass) => ({ watchesWithoutClass }), 'Serves Ingresses without a class too.'),
  'ingress-class-by-name': flag(
    'exact',
    bool,
    (matchesClassByName) => ({ matchesClassByName }),
    'Serves Ingresses whose class has the name of --ingress-class.',
  ),
  'disable-catch-all': flag('exact', bool, (isDisabled) => ({ servesCatchAll: !isDisabled }), 'Ignores Ingresses that have a default backend and no rules.'),
  'disable-svc-external-name': flag(
    'exact',
    bool,
    (isDisabled) => ({ servesExternalNames: !isDisabled }),
    'Answers for Services of the type ExternalName with 503.',
  ),
  'annotations-prefix': flag('exact', word, (annotationsPrefix) => ({ annotationsPrefix }), 'What stands before the `/` of annotations.'),
  'enable-annotation-validation': flag(
    'exact',
    bool,
    (validatesAnnotations) => ({ validatesAnnotations }),
    'Drops Ingresses with wrong values of annotations.',
  ),
  'enable-ssl-passthrough': flag('near', bool, (passesTlsThrough) => ({ passesTlsThrough }), 'Lets the annotation ssl-passthrough have an effect.'),
  'enable-ssl-chain-completion': withoutEffect('report', bool, 'Fetches certificates that are missing in chains; Sluice serves Secrets as they are.'),
  'enable-topology-aware-routing': withoutEffect('report', bool, 'Prefers endpoints of the same zone; a BackendPolicy does it here.'),
  'deep-inspect': withoutEffect('noop', bool, 'Looks for dangerous texts in Ingresses; no text of theirs becomes configuration here.'),
} as const;
