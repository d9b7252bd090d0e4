/** Ten files as operators send them, each with the mess of its trade. Written by programs and by hands, never cleaned. */
import {
  agency,
  clinic,
  cp1252,
  day,
  formula,
  type MessyFile,
  rows,
  school,
  workbook,
} from './messy-books.ts';

/** A bank's: title, two rows of headers, formulas, a stale column that is hidden, subtotals. */
const bank: MessyFile = {
  name: 'banco.xlsx',
  content: () =>
    workbook((book) => {
      const sheet = book.addWorksheet('Cartera Nov');
      rows(sheet, [
        ['BANCO EJEMPLO S.A. - CARTERA VENCIDA AL 27/11/2026'],
        [],
        ['DATOS DEL DEUDOR', null, null, null, 'DATOS DE LA OPERACIÓN', null, null, null],
        ['RUT', 'DV', 'NOMBRE', 'FONO', 'N° OPERACIÓN', 'SALDO', 'SALDO INSOLUTO', 'FEC. VCTO.'],
        [
          12345678,
          5,
          'PEREZ SOTO, ANA',
          56987650001,
          'OP-1',
          999999,
          formula('100000+50000', 150000),
          day('2026-10-05'),
        ],
        [
          7654321,
          6,
          'ROJAS DIAZ, LUIS',
          56987650002,
          'OP-2',
          888888,
          formula('F6-1', 45900),
          day('2026-09-30'),
        ],
        ['SUBTOTAL SUCURSAL 01', null, null, null, null, null, formula('SUM(G5:G6)', 195900), null],
        [
          9876543,
          3,
          'MUÑOZ PINO, EVA',
          56987650003,
          'OP-3',
          777777,
          { formula: 'VLOOKUP(A8,X:Y,2,0)', result: { error: '#N/A' } },
          day('2026-08-15'),
        ],
        ['TOTAL GENERAL', null, null, null, null, null, formula('SUM(G5:G8)', 195900), null],
      ]);
      sheet.mergeCells('A1:H1');
      sheet.mergeCells('A3:D3');
      sheet.mergeCells('E3:H3');
      sheet.getColumn(6).hidden = true;
      sheet.getColumn(8).hidden = true;
    }),
};

/** A shop's CSV: cp1252, semicolons, months in letters, credit notes, several phones in a cell, blank rows behind. */
const shop: MessyFile = {
  name: 'tienda.csv',
  content: () =>
    Promise.resolve(
      cp1252([
        'Tienda Ñuñoa Ltda.;;;;;;',
        'Rut Cliente;Nombre Cliente;Teléfonos;Nº Factura;Fecha Vcto;Saldo;Glosa',
        '12.345.678-5;José Muñoz Peña;9 8765 0001 / 9 8765 0002;1001;30/nov/26;"$ 45.990";',
        '7.654.321-6;María Ibáñez;987650003 (hija);1002;05-dic-26;30.000,-;llamar tarde',
        '9.876.543-3;Ñusta Güell;98765-0004;1003;15/10/2026;-15.000;nota de crédito',
        '9.876.543-3;Ñusta Güell;98765-0004;1004;15/10/2026;(12.500);NC 2',
        '9.876.543-3;Ñusta Güell;98765-0004;1005;15/10/2026;80.000;',
        '11.111.111-1;Cliente Boleta;999999999;1006;15/10/2026;5.000;mostrador',
        'TOTAL;;;;;;',
        ';;;;;;',
        ';;;;;;',
      ]),
    ),
};

/** A water company's: the digit in a column of its own, phones as numbers in exponents, meters, who died in a column. */
const water: MessyFile = {
  name: 'aguas.csv',
  content: () =>
    Promise.resolve(
      cp1252([
        'N° SERVICIO;RUT;DV;NOMBRE CLIENTE;TELEFONO;DEUDA TOTAL;FECHA VENCIMIENTO;EMPRESA;OBSERVACION',
        '100-1;12345678;5;ANA PEREZ;5,69877E+10;35.420;2026-10-05;Aguas Uno;',
        '100-2;7654321;6;LUIS ROJAS;56987650002;18.300;2026-10-05;Aguas Uno;FALLECIDO',
        '100-3;10000013;k;EVA MUNOZ;56987650003;22.100;2026-10-05;Aguas Uno;',
        '100-4;9876543;;MARTA PINO;+5.69877E+10;9.900;2026-10-05;Aguas Uno;reclamo SISS, no cobrar',
        '100-5;13579246;2;ROSA VERA;0;12.000;2026-10-05;Aguas Uno;',
        '100-6;11222333;9;DIFUNTO JUAN PINO;987650006;12.000;2026-10-05;Aguas Uno;',
      ]),
    ),
};

const ofInvoices = ['Fono Contacto', 'Folio', 'Moneda', 'Saldo', 'Fecha Venc.'];

/** Companies: RUT of 76 millions, whom to ask for, the debtor in the column EMPRESA, sums in UF. */
const companies = (name: string, headers: readonly string[]): MessyFile => ({
  name,
  content: () =>
    workbook((book) => {
      const sheet = book.addWorksheet('CxC');
      rows(sheet, [
        headers,
        [
          '76.123.456-0',
          'Transportes Uno SpA',
          'Ana Pérez',
          '+56 2 2345 6789',
          501,
          'UF',
          12.5,
          day('2026-10-05'),
        ],
        [
          '76.123.456-0',
          'Transportes Uno SpA',
          'Ana Pérez',
          '+56 2 2345 6789',
          502,
          'CLP',
          450000,
          day('2026-10-15'),
        ],
        ['77.777.777-7', 'Áridos Dos Ltda', 'Luis Rojas', '987650002', 503, '$', 90000, day('2026-10-15')],
      ]);
    }),
});

/** The same headers twice, and an id that a program cut. */
const twice: MessyFile = {
  name: 'repetidos.xlsx',
  content: () =>
    workbook((book) => {
      const sheet = book.addWorksheet('Hoja1');
      rows(sheet, [
        [
          'RUT',
          'NOMBRE',
          'TELEFONO',
          'TELEFONO',
          'MONTO',
          'MONTO',
          'VENCIMIENTO',
          'VENCIMIENTO',
          'EMPRESA',
          'NOMBRE',
        ],
        [
          '12.345.678-5',
          'Ana Pérez',
          987650001,
          987650011,
          50000,
          45000,
          '05/10/2026',
          '05/11/2026',
          'Tienda Uno',
          'Aval Uno',
        ],
        [
          '7.654.321-6',
          'Luis Rojas',
          987650002,
          null,
          30000,
          30000,
          '05/10/2026',
          '05/10/2026',
          'Tienda Uno',
          null,
        ],
      ]);
    }),
};

/** A university's CSV: returns inside cells, amounts with words, RUTs that are missing. */
const university: MessyFile = {
  name: 'universidad.csv',
  content: () =>
    Promise.resolve(
      Buffer.from(
        [
          '\uFEFFRUT,NOMBRES,AP. PATERNO,AP. MATERNO,CELULAR,E-MAIL,DEUDA,FECHA DE VENCIMIENTO,EMPRESA,OBS',
          '12345678-5,Ana,Pérez,Soto,+56987650001,ana@ejemplo.cl,"$ 1.234.567.-",30-11-2026 0:00,U Uno,"beca 50%\nrevisar"',
          'S/R,Luis,Rojas,Díaz,S/I,,450.000,31/12/2026,U Uno,',
          '9876543-3,Eva,Muñoz,Pino,987650003,eva@,UF 12,31/12/2026,U Uno,',
          '13579246-2,Rosa,Vera,Vera,"9 8765 0005, 9 8765 0015",,Sin deuda,31/12/2026,U Uno,',
          '11222333-9,Juan,Pino,,987650006,,"1,250,000",12/31/2026,U Uno,',
          '10000013-K,Marta,Vidal,,987650007,,150000 aprox,31/02/2026,U Uno,',
        ].join('\n'),
        'utf8',
      ),
    ),
};

/** Condominium fees: periods as months, a total in the first column, rows that only have a format. */
const condominium: MessyFile = {
  name: 'gastos-comunes.xlsx',
  content: () =>
    workbook((book) => {
      const sheet = book.addWorksheet('GC');
      rows(sheet, [
        ['Edificio Ejemplo', null, null, null, null, null, null],
        ['Informe emitido el', day('2026-11-27')],
        ['DEPTO', 'RUT', 'NOMBRE', 'TELEFONO', 'MONTO ADEUDADO', 'VENCIMIENTO', 'EMPRESA'],
        ['101', '12.345.678-5', 'Ana Pérez', '987650001', 85432.4, 'nov-26', 'Edificio Ejemplo'],
        [
          '102',
          '7.654.321-6',
          'Luis Rojas y Eva Muñoz',
          '987650002',
          64000,
          'NOVIEMBRE 2026',
          'Edificio Ejemplo',
        ],
        ['103', '9.876.543-3', 'Arrendatario', '987650003', 42000, '10/11/26', 'Edificio Ejemplo'],
        ['Total', null, null, null, 191432.4, null, null],
        ['101', '12.345.678-5', 'Ana Pérez', '987650001', 85432, '2026-10-10', 'Edificio Ejemplo'],
      ]);
      for (let row = 9; row <= 300; row += 1)
        sheet.getCell(row, 5).fill = { type: 'pattern', pattern: 'solid', fgColor: { argb: 'FFFFFF00' } };
    }),
};

/** The same as somebody mends it who has read that NOMBRE and RUT are missing. */
export const companiesMended = companies('empresas.xlsx', ['RUT', 'Empresa', 'Nombre', ...ofInvoices]);

export const messyFiles: readonly MessyFile[] = [
  bank,
  shop,
  clinic,
  school,
  water,
  companies('empresas.xlsx', ['Rut Empresa', 'Empresa', 'Contacto', ...ofInvoices]),
  twice,
  agency,
  university,
  condominium,
];
