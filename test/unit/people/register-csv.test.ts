import { expect, it } from 'vitest';
import type { RegisterRow } from '../../../domain/people/queries-register.ts';
import { registerCsv } from '../../../domain/people/register.ts';

const row: RegisterRow = {
  at: new Date('2027-03-08T15:00:00Z'),
  kind: 'call',
  reference: 'a1',
  channel: 'phone',
  number: '+56961234567',
  state: 'ended',
  outcome: 'promise',
  disconnection_reason: 'user_hangup',
  human: true,
  duration_ms: 61_400,
  reason: null,
  rule: null,
  pack: 'cl-collection-strict@2',
  batch: '=HYPERLINK("http://x.invalid")',
  contact_id: 'c1',
  requested: false,
  waived: [],
  failure: null,
};

it('a formula that would begin where another separator parts the text stays text', () => {
  const names = [
    'Juan;=cmd|x',
    'Juan; @SUM(1)',
    'Juan,+1',
    'Juan\t-1',
    ' =1',
    'Juan\n=1',
    'Juan; Pérez - e hijo',
  ];
  const files = names.map((name) => {
    const person = { id: 'p1', name, national_id: null, country: 'CL' };
    return registerCsv({ person, zone: 'UTC', rows: [row] });
  });
  // As Excel reads it where `;` parts cells: our quotes do not begin one there. Where a comma does, they hold.
  for (const cell of files.flatMap((file) => file.split(/[;\n]/)))
    expect(cell.replace(/^["\s]+/, '')).not.toMatch(/^(?:[=@]|[+-](?!\d+$))/);
  expect(files.join('')).toContain('Juan; Pérez - e hijo');
  const tabbed = { id: 'p1', name: '\tx', national_id: null, country: 'CL' };
  expect(registerCsv({ person: tabbed, zone: 'UTC', rows: [row] })).toContain("'\tx");
});

it('the register as a file has one line a row, local time first, and nothing in it that Excel would run', () => {
  const person = { id: 'p1', name: '@Ana, "Inventada"', national_id: '12345678-5', country: 'CL' };
  const csv = registerCsv({ person, zone: 'America/Santiago', rows: [row, { ...row, batch: '-2+3' }] });
  const [header = '', first, second, end] = csv.split('\r\n');
  expect(header.startsWith('\uFEFFrut,nombre,fecha_hora,')).toBe(true);
  expect(first).toBe(
    `12345678-5,"'@Ana, ""Inventada""",08-03-2027 12:00:00,2027-03-08T15:00:00.000Z,llamada,teléfono,+56961234567,promesa de pago,sí,61,,cl-collection-strict@2,"'=HYPERLINK(""http://x.invalid"")",no,c1,a1,`,
  );
  expect(second).toContain("'-2+3");
  expect(end).toBe('');
});
