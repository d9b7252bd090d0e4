import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { boundaryOf, MultipartError, readMultipart } from '../../../api/imports/multipart.ts';
import { withUpload } from '../../../api/imports/upload.ts';
import { formatMicros, parseMicros } from '../../../api/money.ts';
import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { chooseSlot } from '../../../domain/contacts/rules/reschedule-slot.ts';
import { clCollectionWaves } from '../../../domain/policy/rules/packs/cl-collection-waves.ts';
import { demoPack } from '../../../domain/policy/rules/packs/demo.ts';

describe('money', () => {
  it('is an exact decimal in both directions', () => {
    expect([40_000n, 12_340_000n, 5_000_000n, 0n, -1n].map(formatMicros)).toEqual([
      '0.04',
      '12.34',
      '5',
      '0',
      '-0.000001',
    ]);
    expect(['0.04', '12.34', '5', '999999999999.999999'].map(parseMicros)).toEqual([
      40_000n,
      12_340_000n,
      5_000_000n,
      999_999_999_999_999_999n,
    ]);
  });

  it('takes no amount that is zero, negative, too fine, or no decimal', () => {
    for (const text of ['0', '0.000000', '-1', '1.0000001', '1e3', '1,5', '', ' 1', '0x1']) {
      expect(parseMicros(text), text).toBeUndefined();
    }
  });
});

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function partsOf(text: string, size: number, boundary = 'b'): Promise<readonly string[]> {
  const parts: string[] = [];
  for await (const event of readMultipart(inPieces(text, size), boundary)) {
    if (event.kind === 'part') parts.push(`${event.name}|${event.fileName ?? ''}|`);
    else parts.push(`${parts.pop() ?? ''}${event.bytes.toString('latin1')}`);
  }
  return parts;
}

const form = [
  'preamble',
  '--b',
  'Content-Disposition: form-data; name="creditor"',
  '',
  'Banco',
  '--b',
  'Content-Disposition: form-data; name="file"; filename="a \\"b\\".csv"',
  'Content-Type: text/csv',
  '',
  'x\r\n--c\r\n-',
  '--b',
  'Content-Disposition: form-data; name="empty"',
  '',
  '',
  '--b--',
  'epilogue',
].join('\r\n');

describe('multipart', () => {
  it('reads the same parts however the body is cut', async () => {
    for (const size of [1, 2, 3, 5, 7, 16, 1_000]) {
      expect(await partsOf(form, size), `pieces of ${size}`).toEqual([
        'creditor||Banco',
        'file|a "b".csv|x\r\n--c\r\n-',
        'empty||',
      ]);
    }
  });

  it('refuses a body that ends too soon, a part without a name, and headers without end', async () => {
    await expect(partsOf(form.slice(0, -12), 10)).rejects.toThrow(MultipartError);
    await expect(partsOf('--b\r\nContent-Type: text/csv\r\n\r\nx\r\n--b--', 10)).rejects.toThrow('no name');
    await expect(partsOf(`--b\r\nX: ${'x'.repeat(20_000)}`, 1_000)).rejects.toThrow('too long');
    await expect(partsOf('--b\r\n\r\n'.repeat(30), 1_000)).rejects.toThrow(MultipartError);
  });

  it('finds the boundary as clients write it', () => {
    expect(boundaryOf('multipart/form-data; boundary=abc')).toBe('abc');
    expect(boundaryOf('Multipart/Form-Data; charset=utf-8; boundary="a b"')).toBe('a b');
    for (const type of [
      undefined,
      'application/json',
      'multipart/mixed; boundary=abc',
      'multipart/form-data',
    ]) {
      expect(boundaryOf(type)).toBeUndefined();
    }
  });
});

describe('multipart as clients write it', () => {
  /** Recorded of curl 7.88, Python requests 2.34 and Java 17's HttpClient; the others by their libraries' documented form. */
  const bodies = new URL('./multipart-bodies/', import.meta.url);
  const sheet = 'RUT;MONTO\r\n12.345.678-5;50000\r\n';

  it.each([
    ['curl', 'cartera "ñ".csv'],
    ['python-requests', 'cartera ñ.csv'],
    ['java-http-client', 'cartera ñ.csv'],
    ['java-spring', 'cartera ñ.csv'],
    ['dotnet-http-client', 'cartera ñ.csv'],
    ['php-guzzle', 'cartera ñ.csv'],
    ['php-symfony-mime', 'cartera ñ.csv'],
  ])('is read of %s: field, file and its name', async (client, fileName) => {
    const recorded = await readFile(new URL(`${client}.bin`, bodies));
    const at = recorded.indexOf('\r\n\r\n');
    const type = recorded.subarray(0, at).toString('latin1').replace('Content-Type: ', '');
    const body = new Uint8Array(recorded.subarray(at + 4));
    const request = new Request('http://localhost/', {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    await withUpload(request, async (upload) => {
      expect(await readFile(upload.path, 'utf8')).toBe(sheet);
      expect([upload.fileName, upload.fields]).toEqual([fileName, { creditor: 'Banco Ñuble' }]);
    });
  });

  it('has names and boundaries with and without quotes, in any order and case', async () => {
    expect(boundaryOf('multipart/form-data;BOUNDARY=abc;charset=utf-8')).toBe('abc');
    expect(boundaryOf('multipart/form-data; x="boundary=no"; boundary="=_yes_="')).toBe('=_yes_=');
    expect(boundaryOf(`multipart/form-data; boundary=${'x'.repeat(201)}`)).toBeUndefined();
    const named = (disposition: string) =>
      partsOf(`--b\r\nCONTENT-DISPOSITION: Form-Data; ${disposition}\r\n\r\nx\r\n--b--`, 100);
    expect(await named('filename=a.csv; name=file')).toEqual(['file|a.csv|x']);
    expect(await named(`Filename*=ISO-8859-1'es'a%F1o.csv; name="file"; filename=ano.csv`)).toEqual([
      'file|año.csv|x',
    ]);
    expect(await named(`name=file; filename=ano.csv; filename*=utf-8''a%ZZ`)).toEqual(['file|ano.csv|x']);
    expect(await named('name="a; filename=b"')).toEqual(['a; filename=b||x']);
  });
});

describe('an upload', () => {
  const request = (body: FormData | ReadableStream<Uint8Array>, type?: string): Request =>
    new Request('http://localhost/', {
      method: 'POST',
      body,
      duplex: 'half',
      ...(type === undefined ? {} : { headers: { 'content-type': type } }),
    });

  it('lies in a file while it is worked on, and is gone afterwards', async () => {
    const data = new FormData();
    data.append('creditor', 'Ñuñoa · Crédito');
    data.append('file', new File(['a;b\n1;2'], 'ñandú.csv'));
    let place = '';
    await withUpload(request(data), async ({ path, fileName, fields, sha256 }) => {
      place = path;
      expect(await readFile(path, 'utf8')).toBe('a;b\n1;2');
      expect(sha256).toBe(createHash('sha256').update('a;b\n1;2').digest('hex'));
      expect({ fileName, fields }).toEqual({
        fileName: 'ñandú.csv',
        fields: { creditor: 'Ñuñoa · Crédito' },
      });
    });
    expect(existsSync(place)).toBe(false);
  });

  it('is refused above the limit without being read to its end, also without a declared length', async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n';
        controller.enqueue(sent === 1 ? Buffer.from(head) : Buffer.alloc(64 * 1024, 'x'));
      },
    });
    const upload = withUpload(
      request(endless, 'multipart/form-data; boundary=b'),
      () => Promise.resolve(),
      1024 * 1024,
    );
    await expect(upload).rejects.toMatchObject({ status: 413, code: 'file_too_large' });
    expect(sent).toBeLessThan(40);
  });

  it('needs a file', async () => {
    const data = new FormData();
    data.append('creditor', 'Banco');
    await expect(withUpload(request(data), () => Promise.resolve())).rejects.toMatchObject({
      status: 400,
      options: { errors: [{ field: 'file' }] },
    });
  });
});

describe('a wished instant', () => {
  /** Thursday 17 September 2026, 10:00 in Santiago; the 18th and 19th are holidays, the 20th is a Sunday. */
  const nowMs = Date.parse('2026-09-17T10:00:00-03:00');
  const santiago = ['America/Santiago'] as const;
  const wish = (at: string, zones: readonly [string, ...string[]] = santiago, pack = clCollectionWaves) =>
    chooseSlot({ pack, zones, at, nowMs });

  it('is read on the clock of the person when it has no offset', () => {
    const local = wish('2026-09-17T15:30');
    expect(local).toMatchObject({ ok: true, slot: { opensAtMs: Date.parse('2026-09-17T18:30:00Z') } });
    expect(wish('2026-09-17T15:30:00-03:00')).toEqual(local);
    expect(wish('2026-09-17T15:30', ['Pacific/Easter'])).toMatchObject({
      slot: { opensAtMs: Date.parse('2026-09-17T20:30:00Z') },
    });
  });

  it('on a holiday names it, half an hour before the end of the day before, and the first instant after', () => {
    expect(wish('2026-09-18T11:00')).toEqual({
      ok: false,
      rule: 'holiday',
      before: '2026-09-17T19:30:00-03:00',
      after: '2026-09-21T08:00:00-03:00',
    });
  });

  it('outside the hours, on a Sunday, in the past and beyond the horizon is refused by its own rule', () => {
    const rules = ['2026-09-17T20:00', '2026-09-27T11:00', '2026-09-16T11:00', '2026-10-18T11:00'].map(
      (at) => {
        const chosen = wish(at);
        return chosen.ok ? 'allowed' : chosen.rule;
      },
    );
    expect(rules).toEqual(['hours', 'weekday', 'past', 'horizon']);
    expect(wish('2026-09-16T11:00')).toMatchObject({ before: null, after: '2026-09-17T10:01:00-03:00' });
  });

  it('needs every zone of a person whose zone is not known', () => {
    const zones = ['America/Santiago', 'Pacific/Easter'] as const;
    // 09:00 in Santiago is 07:00 on Easter Island.
    expect(wish('2026-09-21T09:00', zones)).toMatchObject({
      ok: false,
      rule: 'hours',
      after: '2026-09-21T10:00:00-03:00',
    });
    expect(wish('2026-09-21T09:00')).toMatchObject({ ok: true });
  });

  it('that the clock of the person skips does not exist', () => {
    const before = Date.parse('2026-09-01T12:00:00Z');
    const skipped = { pack: demoPack, zones: santiago, at: '2026-09-06T00:30', nowMs: before };
    expect(chooseSlot(skipped)).toMatchObject({ ok: false, rule: 'no_such_time' });
    expect(chooseSlot({ ...skipped, at: '2026-02-30T12:00' })).toMatchObject({
      ok: false,
      rule: 'no_such_time',
    });
  });
});
