import { describe, expect, it } from 'vitest';
import { createStatements } from '../../../db/statements.ts';

const third = (text: string): string | undefined => {
  const statements = createStatements();
  return [1, 2, 3].map(() => statements.nameOf(text)).at(-1);
};

describe('a statement', () => {
  it('is prepared at its third use, and has one name from then on', () => {
    const statements = createStatements();
    const [one, other] = ['select id from core.batch where id = $1', 'update core.batch set name = $1'];
    expect([1, 2].map(() => statements.nameOf(one))).toEqual([undefined, undefined]);
    const name = statements.nameOf(one);
    expect(name).toBeDefined();
    expect(statements.nameOf(one)).toBe(name);
    for (const _ of [1, 2]) statements.nameOf(other);
    expect(statements.nameOf(other)).not.toBe(name);
    expect(statements.nameOf(other)).toBeDefined();
  });

  it.each([
    'select * from core.batch',
    'select "c".* from core.batch c',
    'select id, * from core.batch',
    'select distinct * from core.batch',
    'select distinct on (name) * from core.batch',
    'insert into core.batch (id) values ($1) returning *',
  ])('that asks for every column is not: %s', (text) => {
    expect(third(text)).toBeUndefined();
  });

  it.each(['begin', 'set local enable_nestloop = off', 'listen tandas_lines', 'truncate core.batch'])(
    'that is no query is not: %s',
    (text) => {
      expect(third(text)).toBeUndefined();
    },
  );

  it.each(['select count(*) from core.batch', '  with b as (select 2 * 3 as n) select n from b'])(
    'with a star that names no column is: %s',
    (text) => {
      expect(third(text)).toBeDefined();
    },
  );

  it('is one of a bounded number', () => {
    const statements = createStatements();
    const names = new Set<string | undefined>();
    for (let number = 0; number < 3_000; number += 1) {
      for (const _ of [1, 2, 3]) names.add(statements.nameOf(`select ${number}`));
    }
    names.delete(undefined);
    expect(names.size).toBe(400);
  });
});
