import { afterAll, expect, it } from 'vitest';
import { methodsAt } from '../../../api/methods.ts';
import { createLoneApp } from '../../support/lone-app.ts';

const { app, close } = createLoneApp();
afterAll(close);

/** Templates of routes with the methods that each names itself, from the list of what is served. */
function templatesOf({ routes }: Pick<typeof app, 'routes'>): ReadonlyMap<string, readonly string[]> {
  const own = routes.filter(({ method }) => method !== 'ALL');
  const byPath = Map.groupBy(own, ({ path }) => path);
  return new Map([...byPath].map(([path, of]) => [path, [...new Set(of.map(({ method }) => method))]]));
}

/** A path of a template that no other template's words can be. */
const filled = (template: string): string => template.replaceAll(/:\w+(?:\{[^/]*\})?/g, 'x'.repeat(22));

/** Whether a path fits a template, read from its text: the router is what is tested. */
function fits(template: string, path: string): boolean {
  const parts = template.split('/');
  const words = path.split('/');
  return (
    parts.length === words.length && parts.every((part, at) => part.startsWith(':') || part === words[at])
  );
}

const asked = (method: string, path: string) => app.request(path, { method });
const allowOf = (methods: readonly string[]): readonly string[] =>
  [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].toSorted();
const everyMethod = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

it('a path has the methods of the route that names it, and no other: each other one is a 405 with the right Allow', async () => {
  const wrong: string[] = [];
  for (const [template, methods] of templatesOf(app)) {
    const path = filled(template);
    for (const method of everyMethod.filter((one) => !methods.includes(one))) {
      const { status, headers } = await asked(method, path);
      const allow = (headers.get('allow') ?? '').split(', ').toSorted();
      if (status !== 405 || allow.join() !== allowOf(methods).join()) {
        wrong.push(`${method} ${path}: ${status} ${allow.join()}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

it('a route with a word in its path answers there before one with a parameter', () => {
  const templates = [...templatesOf(app)];
  const pairs: string[] = [];
  const wrong: string[] = [];
  for (const [template, methods] of templates) {
    const path = filled(template);
    const others = templates.filter(([other]) => other !== template && fits(other, path));
    pairs.push(...others.map(([other]) => `${other} ${template}`));
    for (const method of methods) {
      const [first] = app.router
        .match(method, path)[0]
        .map(([[, route]]) => route)
        .filter((route) => route.method !== 'ALL');
      // The router hands a request to what was added first.
      if (first?.path !== template) wrong.push(`${method} ${path} goes to ${first?.path}`);
    }
    const allowed = methodsAt(app, path);
    if (allowed.toSorted().join() !== methods.toSorted().join()) wrong.push(`${path}: ${allowed.join()}`);
  }
  expect(wrong).toEqual([]);
  // Such pairs are there, or this test says nothing.
  expect(pairs).toEqual(expect.arrayContaining(['/api/v1/payments/:id /api/v1/payments/reversals']));
});

it('what a parameter of another route would take is no route of a method that the path lacks', async () => {
  const { status, headers } = await asked('GET', '/api/v1/payments/reversals');
  expect([status, headers.get('allow')]).toEqual([405, 'POST']);
  expect((await asked('HEAD', '/api/v1/payments/reversals')).status).toBe(405);
  // Beside it, each id is a payment as before: it is the key that is missing.
  expect((await asked('GET', '/api/v1/payments/xxx')).status).toBe(401);
  expect((await asked('HEAD', '/api/v1/payments/xxx')).status).toBe(401);
  expect((await asked('PUT', '/api/v1/nothing')).status).toBe(404);
});
