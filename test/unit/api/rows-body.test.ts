import { describe, expect, it } from 'vitest';
import { RowsBody } from '../../../api/imports/rows-body.ts';
import { withRows } from '../../../api/imports/upload-rows.ts';

/** The rows and the other fields of a body that comes in pieces of so many bytes; 'none' without one array of rows. */
function taken(body: string, size: number): readonly [string, unknown] | 'none' {
  const bytes = Buffer.from(body);
  const reader = new RowsBody();
  const rows: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) rows.push(...reader.write(bytes.subarray(at, at + size)));
  const { rows: place, ...fields } = reader.end();
  return Array.isArray(place) ? [Buffer.concat(rows).toString(), fields] : 'none';
}

describe('a body with rows', () => {
  const rows = '[{"a":"]\\"}[","b":[1,{"c":"ñ"}]},\n {}]';
  const bodies: readonly (readonly [string, unknown])[] = [
    [`{"rows":${rows}}`, {}],
    [
      `{"use_case":"notification","rows":${rows},"dry_run":true}`,
      { use_case: 'notification', dry_run: true },
    ],
    [
      ` { "creditor" : "Ñuñoa \\"[\\" SA", "again": null, "rows" \n:\t${rows} } \n`,
      { creditor: 'Ñuñoa "[" SA', again: null },
    ],
    ['\ufeff{"rows":[]}', {}],
    ['{"rows":[],"a":{"b":1}}', { a: { b: 1 } }],
  ];
  it.each(bodies)('%s: its rows are what was sent, however it is cut', (body, fields) => {
    const expected = body.includes(rows) ? rows : '[]';
    for (let size = 1; size <= Buffer.byteLength(body); size += 1) {
      expect(taken(body, size), `${size}`).toEqual([expected, fields]);
    }
  });

  const wrong = [
    '',
    '[]',
    '5',
    '{',
    '{"rows":[',
    '{"rows":[1]',
    '{"rows":[1]}x',
    '{"rows":[1],}',
    '{"rows":[1] "a":1}',
    '{"rows":[1],"rows":[2]}',
    '{"a":1,"a":2,"rows":[]}',
    '{"rows":[]}{}',
    '{"rows":[]]',
    '{"rows":[1],"a":"\ud800"',
    '{"r\\u006fws":[1],"rows":[2]}',
  ];
  it.each([...wrong, `{"rows":[],"a":"${'x'.repeat(20_000)}"}`])('%s is none', (body) => {
    for (const size of [1, 7, 100_000]) {
      const outcome = ((): unknown => {
        try {
          return taken(body, size);
        } catch (error) {
          return error instanceof Error ? error.name : 'thrown';
        }
      })();
      expect(outcome).toBe('RowsBodyError');
    }
  });

  it.each(['{}', '{"rows":5}', '{"rows":true}', '{"rows":null,"a":"x"}', '{"x":1}', '{"a\\"rows":[1]}'])(
    '%s has no rows',
    (body) => {
      expect(taken(body, 3)).toBe('none');
    },
  );

  it('is refused at its bound without being read to its end', async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(sent === 1 ? Buffer.from('{"rows":[') : Buffer.alloc(64 * 1024, '1'));
      },
    });
    const request = new Request('http://a', { method: 'POST', body: endless, duplex: 'half' });
    const received = withRows(request, 'json', () => Promise.resolve(), 1024 * 1024);
    await expect(received).rejects.toMatchObject({ status: 413, code: 'rows_too_large' });
    expect(sent).toBeLessThan(40);
  });
});
