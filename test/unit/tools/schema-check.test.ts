import { describe, expect, it } from 'vitest';
import { misfitOf } from '../../../domain/tools/schema-check.ts';

const field = (schema: object) => ({ type: 'object', properties: { fono: schema }, required: ['fono'] });
const longA = `${'a'.repeat(60)}!`;

/** Each reference stands for two of the next: 2^40 looks at one text. */
const doubled = {
  ...field({ $ref: '#/$defs/d0' }),
  $defs: Object.fromEntries(
    Array.from({ length: 41 }, (_, i) => [
      `d${i}`,
      i === 40
        ? { type: 'string' }
        : { allOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] },
    ]),
  ),
};

describe("a tool's schema", () => {
  it('is looked at: what fits, what does not, and a schema that is none', async () => {
    expect(
      await misfitOf('one', field({ type: 'string', pattern: '^\\+' }), { fono: '+56' }),
    ).toBeUndefined();
    expect(await misfitOf('one', field({ type: 'string', pattern: '^\\+' }), { fono: '56' })).toContain(
      'pattern',
    );
    expect(await misfitOf('one', field({ type: 'string', pattern: '(' }), { fono: '56' })).toContain(
      'damaged',
    );
  });

  it.each([
    ['a pattern that tries every way', field({ type: 'string', pattern: '^(a+)+$' })],
    ['references that double', doubled],
  ])('that would never end is ended, and others are answered meanwhile: %s', async (_, hostile) => {
    const order: string[] = [];
    const ended = misfitOf('hostile', hostile, { fono: longA }).catch((error: unknown) => {
      order.push('hostile');
      return error;
    });
    await expect(misfitOf('hostile', field({}), { fono: 'a' })).rejects.toMatchObject({
      code: 'schema_under_way',
    });
    expect(await misfitOf('other', field({ type: 'string' }), { fono: 'a' })).toBeUndefined();
    order.push('other');
    expect(await ended).toMatchObject({ kind: 'unprocessable', code: 'schema_too_slow' });
    expect(order).toEqual(['other', 'hostile']);
    // Its place is free again.
    expect(await misfitOf('hostile', field({}), { fono: 'a' })).toBeUndefined();
  });
});
