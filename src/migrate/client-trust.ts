import type { Controller } from '../nginx/controller.ts';

/** Whether clients may say which address they have: headers of anybody are trusted. */
export function clientsNameThemselves(controller: Controller): boolean {
  const trusted = controller.value('proxy-real-ip-cidr');
  return (
    (controller.value('use-forwarded-headers') || controller.value('enable-real-ip')) && trusted.some((range) => range === '0.0.0.0/0' || range === '::/0')
  );
}
