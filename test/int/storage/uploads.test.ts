import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiWorld, ask, createApiWorld } from '../../support/api.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

/** A body that says whether anybody has read it. */
function watchedForm(): {
  readonly request: RequestInit & { duplex: 'half' };
  readonly wasRead: () => boolean;
} {
  let wasRead = false;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        wasRead = true;
        controller.enqueue(Buffer.from('--x\r\n'));
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const headers = {
    authorization: `Bearer ${api.one.apiKey}`,
    'content-type': 'multipart/form-data; boundary=x',
  };
  return { request: { method: 'POST', body, headers, duplex: 'half' }, wasRead: () => wasRead };
}

it.each(['/api/v1/imports', '/api/v1/payment-files', '/api/v1/removal-files', '/api/upload/excel'])(
  '%s refuses a file, in words and before a byte of it is read, while the store is away',
  async (path) => {
    const app = api.appWith({ store: { ...api.store, isThere: () => Promise.resolve(false) } });
    const { request, wasRead } = watchedForm();
    const response = await app.request(path, request);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.json()).toMatchObject({
      type: 'urn:tandas:problem:store_away',
      detail_es: expect.stringContaining('no se tomó'),
    });
    expect(wasRead()).toBe(false);
    // Where it is there, the same body is read, and found to be none.
    const other = watchedForm();
    expect((await api.app.request(path, other.request)).status).toBe(400);
    expect(other.wasRead()).toBe(true);
  },
);

it('a store that goes away while the file comes leaves no import behind', async () => {
  const store = { ...api.store, put: () => Promise.reject(new Error('gone')) };
  const form = new FormData();
  form.append('file', new File(['RUT;NOMBRE;TELEFONO;MONTO;FECHA_VENC;EMPRESA\n'], 'a.csv'));
  const answer = await ask(api.appWith({ store }), 'POST', '/api/v1/imports', { as: api.one, form });
  expect([answer.status, answer.body['type']]).toEqual([503, 'urn:tandas:problem:store_away']);
  expect((await ask(api.app, 'GET', '/api/v1/imports', { as: api.one })).body['imports']).toEqual([]);
});
