import { expect, it } from 'vitest';
import { Places } from '../../../api/imports/places.ts';

it('each account has its own places, all together have no more than there are, and a place comes back also after a failure', async () => {
  const places = new Places({ ofAccount: 2, ofAll: 3 });
  const { promise, resolve } = Promise.withResolvers<void>();
  const busy = expect.objectContaining({ status: 503, code: 'too_many_uploads' });
  const held = [places.during('a', () => promise), places.during('a', () => promise)];
  await expect(places.during('a', () => Promise.resolve())).rejects.toEqual(busy);
  held.push(places.during('b', () => promise));
  await expect(places.during('c', () => Promise.resolve())).rejects.toEqual(busy);
  resolve();
  await Promise.all(held);
  const failing = () => places.during('a', () => Promise.reject(new Error('it failed')));
  for (let turn = 0; turn < 4; turn += 1) await expect(failing()).rejects.toThrow('it failed');
  expect(await places.during('c', () => Promise.resolve('done'))).toBe('done');
});
