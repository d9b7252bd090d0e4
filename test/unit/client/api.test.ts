import { describe, expect, it } from 'vitest';
import { answered, createApi, pagesOf, told } from '../../../client/api.ts';
import { ApiRefused, type Locale } from '../../../client/problem.ts';

type Answer = (request: Request) => Response | Promise<Response>;

function apiOf(answer: Answer, options: { readonly account?: string; readonly locale?: Locale } = {}) {
  const asked: Request[] = [];
  const api = createApi({
    url: 'http://tandas.invalid//',
    key: 'tdk_1',
    ...options,
    fetch: async (request) => {
      asked.push(request);
      return answer(request);
    },
  });
  return { api, asked };
}

const problem = {
  type: 'urn:tandas:problem:batch_closed',
  detail: 'The batch is over.',
  detail_es: 'El lote terminó.',
  errors: [
    { field: 'reason', message: 'Say why.', message_es: 'Diga por qué.' },
    { field: 'id', message: 'The batch is over.', message_es: 'El lote terminó.' },
  ],
};
const refusing: Answer = () =>
  Response.json(problem, { status: 409, headers: { 'content-type': 'application/problem+json' } });
const pause = { params: { path: { id: '../x y' } }, body: { reason: 'r' } };

async function thrown(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('the client', () => {
  it('sends key, account and body, and lets no id become another path', async () => {
    const { api, asked } = apiOf(() => Response.json({ id: 'b' }), { account: 'acc' });
    expect(await answered(api.POST('/api/v1/batches/{id}/pause', pause))).toEqual({ id: 'b' });
    const [request] = asked;
    expect(request?.url).toBe('http://tandas.invalid/api/v1/batches/..%2Fx%20y/pause');
    expect(request?.headers.get('authorization')).toBe('Bearer tdk_1');
    expect(request?.headers.get('tandas-account')).toBe('acc');
    expect(await request?.json()).toEqual({ reason: 'r' });
  });

  it.each([
    ['es', 'El lote terminó.\n  reason: Diga por qué.'],
    ['en', 'The batch is over.\n  reason: Say why.'],
  ] as const)('says what was refused, in %s, with the fields that say more', async (locale, words) => {
    const error = await thrown(apiOf(refusing, { locale }).api.POST('/api/v1/batches/{id}/pause', pause));
    expect(error).toBeInstanceOf(ApiRefused);
    expect(error).toMatchObject({ message: words, status: 409, code: 'batch_closed' });
  });

  it('tells a server that fails, an answer of somebody between, and silence apart from a refusal', async () => {
    const of = async (answer: Answer): Promise<unknown> =>
      thrown(apiOf(answer).api.GET('/api/v1/account', {}));
    const failing = await of(() => Response.json(problem, { status: 503 }));
    expect(failing).not.toBeInstanceOf(ApiRefused);
    expect(failing).toMatchObject({ message: expect.stringContaining('El lote terminó.') });
    expect(await of(() => new Response('<html>', { status: 404 }))).toMatchObject({
      message: 'La API respondió 404.',
      code: undefined,
    });
    const silent = await of(() => Promise.reject(new TypeError('fetch failed')));
    expect(silent).not.toBeInstanceOf(ApiRefused);
    expect(silent).toMatchObject({
      message: expect.stringMatching(/no responde en http:\/\/tandas\.invalid:/),
    });
  });

  it('reads a body that nobody wants to its end: its connection would be held', async () => {
    let wasRead = false;
    const body = new ReadableStream({
      pull: (controller) => {
        wasRead = true;
        controller.close();
      },
    });
    await thrown(apiOf(() => new Response(body, { status: 502 })).api.GET('/api/v1/account', {}));
    expect(wasRead).toBe(true);
  });
});

describe('a list', () => {
  const page =
    (total: number) =>
    ({ limit, cursor = '0' }: { readonly limit: number; readonly cursor?: string }) => {
      const from = Number(cursor);
      const rows = Array.from({ length: Math.min(limit, total - from) }, (_, i) => from + i);
      const next = from + rows.length < total ? String(from + rows.length) : null;
      return Promise.resolve({ rows, next });
    };

  it.each([
    [0, 5, 0, true],
    [3, 5, 3, true],
    [5, 5, 5, true],
    [6, 5, 5, false],
    [7, 100, 7, true],
  ])('of %i, %i asked for: %i come, whole %s', async (total, most, come, isWhole) => {
    const found = await pagesOf(most, page(total), 2);
    expect(found).toEqual({ rows: Array.from({ length: come }, (_, i) => i), isWhole });
  });
});

it('what is undefined is left out, and null is told', () => {
  expect(told({ a: undefined, b: null, c: 0, d: '' })).toEqual({ b: null, c: 0, d: '' });
});
