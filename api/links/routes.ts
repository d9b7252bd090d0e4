import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type Followed, followLink } from '../../domain/payments/follow-link.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';

/** Short links in messages: whoever has one may follow it. */
export function linkRoutes({ app }: Pick<ApiDeps, 'app'>): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  // Where a provider leads whoever has paid an order of ours. Whether it is paid its own word says: this page books nothing.
  router.get('/paid', (c) => {
    keepToItself(c);
    return c.html(
      page(
        'Gracias',
        'Recibimos su pago. Queda en el saldo apenas lo confirme el proveedor. (Thank you: it is in the balance as soon as the provider confirms it.)',
      ),
    );
  });
  router.get('/p/:code{[0-9A-Za-z]{11,32}}', async (c) => {
    // HEAD comes here too: who asks for the headers has not seen the page.
    const counts = c.req.method === 'GET' && !isMachine(c.req.header('user-agent'), c.req.raw.headers);
    const followed = await followLink(app, c.req.param('code'), counts);
    // The address is the key to a debt: it must lie in no cache and travel in no referrer.
    keepToItself(c);
    c.header('referrer-policy', 'no-referrer');
    c.header('x-robots-tag', 'noindex, nofollow');
    if (followed.kind === 'target') return c.redirect(followed.url, 302);
    const [status, title, text] = wordsOf(followed);
    return c.html(page(title, text), status);
  });
  return router;
}

/** A page that is in no cache and no frame, and runs nothing. */
function keepToItself(c: Context<ApiEnv>): void {
  c.header('cache-control', 'no-store');
  c.header(
    'content-security-policy',
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  );
}

/** Programs that look at links in chats and mail, and browsers that look ahead. */
const machines =
  /bot|crawl|spider|preview|slurp|scan|facebookexternalhit|facebot|whatsapp|telegram|skype|discord|slack|embedly|monitor|curl|wget|python|java\/|go-http|okhttp|headless/i;

export function isMachine(userAgent: string | undefined, headers: Headers): boolean {
  const purpose = `${headers.get('purpose') ?? ''} ${headers.get('sec-purpose') ?? ''} ${headers.get('x-moz') ?? ''}`;
  return userAgent === undefined || machines.test(userAgent) || /prefetch|preview/i.test(purpose);
}

function wordsOf(followed: Exclude<Followed, { kind: 'target' }>): readonly [404 | 410, string, string] {
  if (followed.kind === 'unknown') {
    return [404, 'Página no encontrada', 'Este enlace no existe. Revise que esté completo.'];
  }
  switch (followed.why) {
    case 'expired':
      return [410, 'Enlace vencido', 'Este enlace de pago ya venció. Pida uno nuevo a quien se lo envió.'];
    case 'paid':
      return [410, 'Ya está pagado', 'Este pago ya fue recibido. No necesita hacer nada más.'];
    case 'replaced':
      return [410, 'Enlace reemplazado', 'Este enlace ya no está vigente. Use el último que recibió.'];
    default: {
      const unreachable: never = followed.why;
      return unreachable;
    }
  }
}

/** Without a name, an amount or a creditor: nobody knows who reads it. */
function page(title: string, text: string): string {
  return (
    '<!doctype html><html lang="es"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<title>${title}</title></head>` +
    '<body style="font-family:system-ui;max-width:32rem;margin:4rem auto;padding:0 1rem">' +
    `<h1>${title}</h1><p>${text}</p></body></html>`
  );
}
