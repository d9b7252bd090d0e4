/** Books of clinics, schools and agencies as they are sent; `messy-files.ts` has the others. */
import ExcelJS from 'exceljs';

type Cell = ExcelJS.CellValue;

export interface MessyFile {
  readonly name: string;
  content(): Promise<Buffer>;
}

/** Windows-1252, as Excel in Spanish saves a CSV. */
export function cp1252(lines: readonly string[]): Buffer {
  return Buffer.from(lines.join('\r\n') + '\r\n', 'latin1');
}

export async function workbook(fill: (book: ExcelJS.Workbook) => void): Promise<Buffer> {
  const book = new ExcelJS.Workbook();
  fill(book);
  return Buffer.from(await book.xlsx.writeBuffer());
}

export function rows(sheet: ExcelJS.Worksheet, lines: readonly (readonly Cell[])[]): void {
  for (const line of lines) sheet.addRow([...line]);
}

export const formula = (text: string, result: number | string): Cell => ({ formula: text, result });
export const day = (text: string): Date => new Date(`${text}T00:00:00Z`);

/** A clinic's: who is treated and who pays, notes in cells, one who died. */
export const clinic: MessyFile = {
  name: 'clinica.xlsx',
  content: () =>
    workbook((book) => {
      const sheet = book.addWorksheet('Cuentas');
      rows(sheet, [
        [
          'RUT PACIENTE',
          'NOMBRE',
          'FECHA NAC.',
          'RUT TITULAR',
          'NOMBRE TITULAR',
          'FONO TITULAR',
          'N° CUENTA',
          'COPAGO',
          'SALDO PENDIENTE',
          'VENCIMIENTO',
          'EMPRESA',
        ],
        [
          '25.111.222-3',
          'Benjamín (menor)',
          day('2018-03-01'),
          '12.345.678-5',
          'Ana Pérez',
          987650001,
          'C-1',
          20000,
          120000,
          day('2026-10-01'),
          'Clínica Uno',
        ],
        [
          '7.654.321-6',
          'Luis Rojas',
          day('1950-03-01'),
          '7.654.321-6',
          'Luis Rojas (FALLECIDO)',
          987650002,
          'C-2',
          0,
          90000,
          day('2026-10-01'),
          'Clínica Uno',
        ],
        [
          '9.876.543-3',
          'Eva Muñoz',
          day('1980-03-01'),
          '9.876.543-3',
          'Q.E.P.D. Eva Muñoz',
          987650003,
          'C-3',
          0,
          70000,
          day('2026-10-01'),
          'Clínica Uno',
        ],
        [
          '11.222.333-9',
          'Sucesión Pino',
          day('1940-03-01'),
          '11.222.333-9',
          'SUCESION JUAN PINO',
          987650004,
          'C-4',
          0,
          60000,
          day('2026-10-01'),
          'Clínica Uno',
        ],
        [
          '13.579.246-2',
          'Rosa Vera',
          day('1985-03-01'),
          '13.579.246-2',
          'Rosa Vera',
          987650005,
          'C-5',
          0,
          50000,
          day('2026-10-01'),
          'Clínica Uno',
        ],
      ]);
      sheet.getCell('E6').note = 'NO LLAMAR, reclamo SERNAC en curso';
    }),
};

/** A school's: the pupil first, three fees each, rows filtered away because they were paid. */
export const school: MessyFile = {
  name: 'colegio.xlsx',
  content: () =>
    workbook((book) => {
      const sheet = book.addWorksheet('Morosos');
      rows(sheet, [
        ['Colegio San Ejemplo - morosidad'],
        [
          'NOMBRE',
          'CURSO',
          'RUT',
          'NOMBRE APODERADO',
          'RUT APODERADO',
          'CELULAR',
          'CUOTA',
          'MONTO',
          'VENCIMIENTO',
          'ESTADO',
        ],
        [
          'Tomás Soto',
          '3°B',
          '24.111.222-5',
          'Ana Pérez Soto',
          '12.345.678-5',
          '+56 9 8765 0001',
          8,
          90000,
          '05/08/2026',
          'PENDIENTE',
        ],
        [
          'Tomás Soto',
          '3°B',
          '24.111.222-5',
          'Ana Pérez Soto',
          '12.345.678-5',
          '+56 9 8765 0001',
          9,
          90000,
          '05/09/2026',
          'PENDIENTE',
        ],
        [
          'Tomás Soto',
          '3°B',
          '24.111.222-5',
          'Ana Pérez Soto',
          '12.345.678-5',
          '+56 9 8765 0001',
          10,
          90000,
          '05/10/2026',
          'PENDIENTE',
        ],
        [
          'Inés Rojas',
          '1°A',
          '24.222.333-0',
          'Luis Rojas',
          '7.654.321-6',
          '987650002',
          10,
          90000,
          '05/10/2026',
          'PAGADO',
        ],
        [
          'Eva Pino',
          '2°C',
          '24.333.444-6',
          'Marta Pino',
          '9.876.543-3',
          '987650003',
          10,
          90000,
          '05/10/2026',
          'CONVENIO',
        ],
      ]);
      sheet.autoFilter = 'A2:J7';
      sheet.getRow(6).hidden = true;
    }),
};

/** An agency's workbook: a summary first, what was paid, a hidden base; the client is the creditor. */
export const agency: MessyFile = {
  name: 'agencia.xlsx',
  content: () =>
    workbook((book) => {
      rows(book.addWorksheet('RESUMEN'), [
        ['CLIENTE', 'CASOS', 'SALDO'],
        ['Tienda Uno', 2, 300000],
        ['Total general', 2, 300000],
      ]);
      const header = [
        'RUT CLIENTE',
        'CLIENTE',
        'RUT DEUDOR',
        'NOMBRE DEUDOR',
        'FONO 1',
        'FONO 2',
        'FONO AVAL',
        'N° DOC',
        'SALDO',
        'F. VENC.',
        'GESTION',
      ];
      rows(book.addWorksheet('ASIGNACION'), [
        header,
        [
          '96.111.222-2',
          'Tienda Uno',
          '12.345.678-5',
          'Ana Pérez',
          '987650001',
          '221234567',
          '987650099',
          'D1',
          200000,
          '2026-10-05',
          'PROMESA 30/11',
        ],
        [
          '96.111.222-2',
          'Tienda Uno',
          '7.654.321-6',
          'Luis Rojas',
          'NO TIENE',
          '987650002',
          null,
          'D2',
          100000,
          '2026-10-05',
          'NO CONTACTAR',
        ],
      ]);
      rows(book.addWorksheet('PAGADOS'), [
        header,
        [
          '96.111.222-2',
          'Tienda Uno',
          '9.876.543-3',
          'Eva Muñoz',
          '987650003',
          null,
          null,
          'D3',
          0,
          '2026-10-05',
          'PAGADO',
        ],
      ]);
      const base = book.addWorksheet('BASE');
      rows(base, [
        header,
        ['96.111.222-2', 'Tienda Uno', '1-9', 'Prueba', '1', null, null, 'X', 1, '2026-10-05', ''],
      ]);
      base.state = 'hidden';
    }),
};
