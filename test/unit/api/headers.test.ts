import { afterAll, expect, it } from 'vitest';
import { createLoneApp } from '../../support/lone-app.ts';

const { app, close } = createLoneApp();
afterAll(close);

const headersOf = async (path: string): Promise<Headers> => (await app.request(path)).headers;

it('no answer is taken for a page, put into a frame, or told to the next site', async () => {
  for (const path of ['/health/live', '/openapi.json', '/api/v1/batches', '/nowhere']) {
    const headers = await headersOf(path);
    expect(headers.get('content-security-policy'), path).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get('x-frame-options'), path).toBe('DENY');
    expect(headers.get('x-content-type-options'), path).toBe('nosniff');
    expect(headers.get('referrer-policy'), path).toBe('no-referrer');
    expect(headers.get('cross-origin-resource-policy'), path).toBe('same-origin');
    // No other site's script reads an answer.
    expect(headers.get('access-control-allow-origin'), path).toBeNull();
    // Not over http, where a browser would be sent to an address that nobody serves.
    expect(headers.get('strict-transport-security'), path).toBeNull();
  }
});

it('what may hold people is in no cache', async () => {
  expect((await headersOf('/api/v1/batches')).get('cache-control')).toBe('no-store');
});

it('whoever has paid an order is thanked, on a page that runs nothing', async () => {
  const answer = await app.request('/paid?order=1');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  const text = await answer.text();
  expect(text).toContain('Gracias');
  expect(text).not.toContain('order=');
});

it('the pages that we have run their own scripts and no others, and are in no frame either', async () => {
  const policy = (await headersOf('/docs')).get('content-security-policy') ?? '';
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/script-src[^;]*unsafe/);
});
