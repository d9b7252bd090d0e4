/** The control API of the fake: faults, outcomes and its record. Not Retell's; no key, meant for the loopback. */
import { Hono } from 'hono';
import type { Faults } from './faults.ts';
import { parseFault } from './faults.ts';
import { isOutcomeName } from './outcomes.ts';
import type { OutcomeScript } from './outcomes.ts';
import { toCallRecord } from './present.ts';
import type { RecordBook } from './record.ts';
import type { Bindings } from './routes.ts';
import { asJson, parseJson } from './validate.ts';

interface Deps {
  readonly book: RecordBook;
  readonly faults: Faults;
  readonly scripts: Map<string, OutcomeScript>;
}

export function controlRoutes({ book, faults, scripts }: Deps): Hono<Bindings> {
  const app = new Hono<Bindings>();
  app.get('/health', (c) => c.json({ status: 'ok', posts: book.posts.size, calls: book.calls.size }));
  app.get('/posts', (c) => c.json([...book.posts.values()]));
  app.get('/calls', (c) => c.json([...book.calls.values()].map(toCallRecord)));
  app.get('/webhooks', (c) => c.json(book.webhooks));

  app.get('/faults', (c) => c.json(faults.list()));
  app.post('/faults', async (c) => {
    const body = parseJson(await c.req.text());
    const wanted = (Array.isArray(body) ? body : [body]).map(parseFault);
    if (wanted.some((fault) => fault === undefined))
      return c.json({ error: 'not a fault: see README.md' }, 400);
    return c.json(
      wanted.flatMap((fault) => (fault === undefined ? [] : [faults.add(fault)])),
      201,
    );
  });
  app.delete('/faults', (c) => {
    faults.clear();
    return c.body(null, 204);
  });
  app.delete('/faults/:id', (c) => c.body(null, faults.remove(c.req.param('id')) ? 204 : 404));

  app.post('/outcomes', async (c) => {
    const body = asJson(parseJson(await c.req.text()));
    const toNumber = body?.['toNumber'];
    const outcomes: unknown[] = Array.isArray(body?.['outcomes']) ? body['outcomes'] : [];
    const names = outcomes.filter(isOutcomeName);
    if (typeof toNumber !== 'string' || names.length === 0 || names.length < outcomes.length) {
      return c.json({ error: 'expected {toNumber, outcomes: [name, …]}' }, 400);
    }
    scripts.set(toNumber, names);
    return c.body(null, 204);
  });
  return app;
}
