import { countsCharacters, isPcreAlone } from '../expression.ts';
import { type AnnotationReader, type Family, valueOr } from '../family.ts';
import { bool, characters, text } from '../form.ts';

const isOn = (text: string): boolean => bool.read(text) === true;

/** Of each redirect to HTTPS. */
const plainPath = {
  example: 'GET //a%2Fb',
  holdsFor: isOn,
  nginx: 'Sends the client to the path as it came, `//a%2Fb`.',
  sluice: 'Sends it to the path in its plain form, `/a/b`, as Envoy keeps no other.',
  remedy: 'None is needed but for paths with encoded slashes.',
} as const;

const annotations = {
  rewriteTarget: {
    name: 'rewrite-target',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'near',
    form: text(characters.pathWithCapture, 'a path, with `$1` and so on for groups'),
    doc: 'The path that backends see instead of the whole path of the request; `$1` to `$9` are groups of the path. It makes all paths of the host name expressions without regard to case.',
    difference: {
      example: 'GET / with `%20` in the place of a character that the path counts',
      holdsFor: (_, { paths }) => paths.some(countsCharacters),
      nginx: 'Matches the decoded path, where `%20` is one character.',
      sluice: 'Matches the path with `%20` as three characters.',
      remedy: 'Count no characters in expressions of paths.',
    },
  },
  sslRedirect: {
    name: 'ssl-redirect',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: bool,
    doc: 'Whether plain HTTP is redirected to HTTPS where the host name has a certificate.',
    difference: plainPath,
  },
  preserveTrailingSlash: {
    name: 'preserve-trailing-slash',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: bool,
    doc: 'Whether the redirect to HTTPS keeps a slash at the end.',
    difference: plainPath,
  },
  forceSslRedirect: {
    name: 'force-ssl-redirect',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: bool,
    doc: 'Plain HTTP is redirected to HTTPS, with a certificate or without.',
    difference: plainPath,
  },
  useRegex: {
    name: 'use-regex',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: bool,
    doc: 'Paths are regular expressions without regard to case, fixed at the start only: those of all Ingresses of the host name.',
    difference: {
      example: 'GET /',
      holdsFor: (text, { paths }) => isOn(text) && paths.some(isPcreAlone),
      nginx: 'Reads PCRE, with look-around and back-references.',
      sluice: 'Reads RE2, which has neither: the path is reported and left out.',
      remedy: 'Write two paths instead of a look-ahead.',
    },
  },
  appRoot: {
    name: 'app-root',
    scope: 'location',
    risk: 'Medium',
    verdict: 'exact',
    form: text(characters.pathWithCapture, 'a path, with `$1` and so on for groups'),
    doc: 'Where requests for `/` of the host name are sent, with 302.',
  },
} as const satisfies Family['annotations'];

/** What the paths of an Ingress mean, and when HTTPS is asked for. */
interface RewriteConfig {
  /** With `$1` and so on. Undefined: the path stays. */
  readonly target: string | undefined;
  readonly usesRegex: boolean;
  readonly redirectsToTls: boolean;
  readonly forcesTls: boolean;
  readonly keepsLastSlash: boolean;
  /** Undefined: `/` is a path like any other. */
  readonly appRoot: string | undefined;
}

/** What holds where nothing of the family is looked at, the settings included. */
export const nothingRewritten: RewriteConfig = {
  target: undefined,
  usesRegex: false,
  redirectsToTls: false,
  forcesTls: false,
  keepsLastSlash: false,
  appRoot: undefined,
};

/** Never drops an Ingress: what is wrong holds as if it were not there. @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#rewrite */
export const rewrite: Family<RewriteConfig> = { name: 'rewrite', annotations, read };

function read(reader: AnnotationReader): { readonly type: 'config'; readonly config: RewriteConfig } {
  const { controller } = reader;
  return {
    type: 'config',
    config: {
      target: valueOr<string | undefined>(reader, annotations.rewriteTarget, undefined),
      redirectsToTls: valueOr(reader, annotations.sslRedirect, controller.value('ssl-redirect')),
      keepsLastSlash: valueOr(reader, annotations.preserveTrailingSlash, controller.value('preserve-trailing-slash')),
      forcesTls: valueOr(reader, annotations.forceSslRedirect, controller.value('force-ssl-redirect')),
      usesRegex: valueOr(reader, annotations.useRegex, false),
      appRoot: appRootOf(reader),
    },
  };
}

/** Only paths that begin with `/`. */
function appRootOf(reader: AnnotationReader): string | undefined {
  const path = valueOr<string | undefined>(reader, annotations.appRoot, undefined);
  if (path === undefined || path.startsWith('/')) return path;
  reader.ignore({ annotation: annotations.appRoot.name, message: `${JSON.stringify(path)} is not a path that begins with \`/\`` });
  return undefined;
}
