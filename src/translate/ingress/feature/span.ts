import { diagnostic } from '../../../diagnostic.ts';
import type { RouteSpan } from '../../../ir/route.ts';
import { annotationOrigin } from '../../../nginx/annotation-origin.ts';
import { opentelemetry } from '../../../nginx/family/opentelemetry.ts';
import { readSpanName } from '../log-format.ts';
import { samplingOf } from '../tracing.ts';
import { wordOf } from './access-log.ts';
import type { Feature } from './feature.ts';

/** Requests of the location have spans, named by the Ingress, the controller, or else by the path. Gives `AnnotationIgnored`. */
export const span: Feature = (routes, location, { controller, report }) => {
  const config = location.reading.of(opentelemetry);
  if (!config) return routes;
  if (controller.value('otlp-collector-host') === '') {
    // Where the setting asks for them it is told there.
    if (controller.value('enable-opentelemetry')) return routes;
    const message = 'enable-opentelemetry has no effect: no setting otlp-collector-host names a collector, so nobody would get the spans.';
    report(diagnostic('AnnotationIgnored', annotationOrigin(location.ingress, controller, 'enable-opentelemetry'), message, 'Write otlp-collector-host.'));
    return routes;
  }
  const ofAll = controller.value('opentelemetry-operation-name');
  const name = config.operationName ?? (ofAll === '' ? undefined : readSpanName(ofAll, (word) => wordOf[word](location)).text);
  const asked: RouteSpan = {
    name: name ?? location.path.replaceAll('%', '%%'),
    sampling: samplingOf(controller),
    ...(!config.trustsClients && { distrustsClients: true }),
  };
  return routes.map((route) => ({ ...route, span: asked }));
};
