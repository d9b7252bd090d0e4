import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inWork, noteIds } from '../../../observability/context.ts';
import { createLogger, mask } from '../../../observability/logger.ts';

function logged(work: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown> {
  let text = '';
  const to = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString('utf8');
      done();
    },
  });
  work(createLogger('test', 'trace', to));
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
}

const id = '0b2f6f0e-55f1-4a51-8f6e-1f1b12345678';

describe('a log line', () => {
  it('carries the ids of the work that it is written in, also those that became known later', () => {
    const line = inWork({ requestId: id }, () => {
      noteIds({ accountId: id });
      return logged((logger) => logger.info({ n: 1 }, 'done'));
    });
    expect(line).toMatchObject({ name: 'test', msg: 'done', n: 1, requestId: id, accountId: id });
  });

  it('is never longer than it may be, whatever others sent', () => {
    const long = `a@${'b'.repeat(40_000)}`;
    const line = logged((logger) => logger.warn({ webhookId: long, err: new Error(long) }, long));
    expect(JSON.stringify(line).length).toBeLessThan(20_000);
    expect(String(line['webhookId'])).toHaveLength(4_001);
  });

  it('of a database error says what broke and where, and not the row', () => {
    const error = Object.assign(new Error('invalid input syntax for type date: "Juana Pérez"'), {
      severity: 'ERROR',
      routine: 'DateTimeParseError',
      code: '22007',
      table: 'person',
      detail: 'Key (name)=(Juana Pérez) already exists.',
      where: 'COPY import_row, line 3: "Juana Pérez"',
    });
    const line = logged((logger) => logger.error({ err: error }, 'failed'));
    expect(line['err']).toMatchObject({
      code: '22007',
      table: 'person',
      message: expect.stringContaining('<value>'),
    });
    expect(JSON.stringify(line)).not.toContain('Juana');
  });

  it('masks phones, national ids and addresses wherever they stand, and keeps our ids', () => {
    const line = logged((logger) =>
      logger.warn(
        { why: 'Item +56 9 6123 4501 not found', id, deep: { of: ['12.345.678-5'] } },
        'a@b.cl called',
      ),
    );
    expect(line).toMatchObject({
      why: 'Item <masked> not found',
      id,
      deep: { of: ['<masked>'] },
      msg: '<masked> called',
    });
  });
});

it('no phone of any spelling passes the mask, and every id of ours does', () => {
  const digits = fc.stringMatching(/^[2-9]\d{8}$/);
  const spelling = fc.constantFrom(
    (d: string) => `+56${d}`,
    (d: string) => `+56 ${d.slice(0, 1)} ${d.slice(1, 5)} ${d.slice(5)}`,
    (d: string) => `(56) ${d.slice(0, 1)}-${d.slice(1, 5)}-${d.slice(5)}`,
    (d: string) => d,
  );
  fc.assert(
    fc.property(digits, spelling, fc.uuid(), (phone, spell, uuid) => {
      const masked = mask(`to ${spell(phone)} of ${uuid}`);
      expect(masked.replaceAll(uuid, '')).not.toMatch(/\d{4}/);
      expect(masked).toContain(uuid);
    }),
  );
});
