/** Every sentence that an import says about a row, in Spanish with English beside. Placeholders: {name}. */
import { type Message, message } from './message.ts';
import { peopleMessages } from './people-messages.ts';
import { settledMessages } from './settled-messages.ts';

const messages = {
  required_missing: message(
    'Falta {label}',
    '{label} is missing',
    'Complete la celda y vuelva a cargar la fila.',
    'Fill in the cell and upload the row again.',
  ),
  formula_without_value: message(
    'La celda es una fórmula sin valor guardado',
    'The cell is a formula without a saved value',
    'Ábralo en Excel, copie y pegue como valores, y guarde.',
    'Open it in Excel, copy and paste as values, and save.',
  ),
  cell_error: message(
    'La celda muestra un error de Excel',
    'The cell shows an Excel error',
    'Corrija la fórmula o escriba el valor.',
    'Correct the formula or type the value.',
  ),
  cell_too_long: message(
    'El texto de la celda es demasiado largo (más de {max} caracteres)',
    'The text of the cell is too long (over {max} characters)',
    'Acorte el texto.',
    'Shorten the text.',
  ),
  text_cut: message(
    'El texto se cortó a {max} caracteres',
    'The text was cut to {max} characters',
    'Acorte el texto si lo cortado importa.',
    'Shorten the text if what was cut matters.',
  ),
  national_id_malformed: message(
    'No es un RUT',
    'Not a RUT',
    'Escríbalo como 12.345.678-5.',
    'Write it as 12.345.678-5.',
  ),
  national_id_check_digit: message(
    'El dígito verificador del RUT no corresponde',
    'The check digit of the RUT is wrong',
    'Compare el RUT con el documento: un número está equivocado.',
    'Compare the RUT with the document: one figure is wrong.',
  ),
  national_id_computed: message(
    'El RUT venía sin dígito verificador; se calculó: {value}',
    'The RUT came without its check digit; it was computed: {value}',
    'Revise que el número esté completo.',
    'Check that the number is complete.',
  ),
  national_id_placeholder: message(
    'El RUT {value} parece de relleno',
    'The RUT {value} looks like a placeholder',
    'Si no es de esta persona, corríjalo: filas con el mismo RUT son una sola persona.',
    'If it is not this person’s, correct it: rows with one RUT are one person.',
  ),
  phone_scientific: message(
    'El teléfono está en notación científica: Excel perdió sus dígitos',
    'The phone is in scientific notation: Excel has lost its figures',
    'Dé a la columna formato de texto y escriba de nuevo el número.',
    'Format the column as text and type the number again.',
  ),
  phone_too_short: message(
    'Al teléfono le faltan dígitos',
    'The phone has too few figures',
    'Un móvil chileno tiene 9 dígitos: 9 6123 4567.',
    'A Chilean mobile has 9 figures: 9 6123 4567.',
  ),
  phone_invalid: message(
    'No es un número de teléfono válido en {country}',
    'Not a phone that exists in {country}',
    'Escríbalo con código de país, p. ej. +56 9 6123 4567.',
    'Write it with its country code, e.g. +56 9 6123 4567.',
  ),
  phone_dropped: message(
    'Teléfono inválido: se omitió; la persona tiene otro',
    'This phone is of no use and was left out; the person has another',
    'Corríjalo si quiere que también se llame a este número.',
    'Correct it if this number should be called too.',
  ),
  phone_too_many: message(
    'Hay más de {max} teléfonos; se usan los primeros',
    'There are over {max} phones; the first ones are used',
    'Deje los mejores números.',
    'Keep the best numbers.',
  ),
  phone_shared: message(
    'El teléfono {phone} ya es de otra persona (fila {first})',
    'The phone {phone} is another person’s already (row {first})',
    'Revise que no se haya copiado de otra fila: se llamaría a quien no corresponde.',
    'Check that it was not copied from another row: the wrong person would be called.',
  ),
  money_invalid: message(
    'El monto no es un número',
    'The amount is not a number',
    'Escriba solo la cifra: 104050 o $104.050.',
    'Write the figure only: 104050 or $104.050.',
  ),
  money_negative: message(
    'El monto es negativo (nota de crédito o abono): no se sabe cuánto debe la persona',
    'The amount is negative (a credit note or a payment): what the person owes is not known',
    'Reste ese monto a su deuda y cargue solo lo que falta por pagar.',
    'Subtract it from their debt and upload only what is left to pay.',
  ),
  money_not_positive: message(
    'El monto debe ser mayor que cero',
    'The amount must be above zero',
    'Quite la fila si no hay deuda.',
    'Remove the row if there is no debt.',
  ),
  money_too_large: message(
    'El monto es demasiado grande',
    'The amount is too large',
    'Revise puntos y ceros.',
    'Check separators and zeros.',
  ),
  money_decimals: message(
    'El monto tiene más decimales que los de {currency}',
    'The amount has more decimals than {currency} has',
    'Escríbalo sin decimales, o cargue el archivo con la opción de redondear (--round).',
    'Write it without decimals, or upload the file with the option to round (--round).',
  ),
  money_rounded: message(
    'El monto se redondeó a {value}',
    'The amount was rounded to {value}',
    'Redondéelo en el archivo si prefiere otra cifra.',
    'Round it in the file if you prefer another figure.',
  ),
  money_merged: message(
    'El monto está en una celda combinada: no se sabe cuánto es de esta fila',
    'The amount is in a merged cell: how much of it is this row’s is not known',
    'Separe la celda y escriba el monto de cada fila.',
    'Split the cell and write the amount of each row.',
  ),
  date_invalid: message(
    'No es una fecha',
    'Not a date',
    'Escríbala como 30/11/2026.',
    'Write it as 30/11/2026.',
  ),
  date_short_year: message(
    'El año tiene dos dígitos; la fecha se leyó como {value}',
    'The year has two figures; the date was read as {value}',
    'Escriba el año completo: 30/11/2026.',
    'Write the whole year: 30/11/2026.',
  ),
  region_unknown: message(
    'No se reconoce el lugar: la zona horaria queda sin definir y se llama solo en horas permitidas en todo el país (intersección)',
    'The place is not known: the time zone stays open and calls are made only at hours allowed in the whole country (intersection)',
    'Escriba la región, p. ej. Magallanes, o una columna ZONA_HORARIA.',
    'Write the region, e.g. Magallanes, or a column ZONA_HORARIA.',
  ),
  zone_invalid: message(
    'No es una zona horaria conocida',
    'Not a known time zone',
    'Use un nombre como America/Santiago.',
    'Use a name such as America/Santiago.',
  ),
  zone_required: message(
    'No se sabe la zona horaria de esta persona ({country})',
    'The time zone of this person is not known ({country})',
    'Agregue una columna ZONA_HORARIA, p. ej. America/Mexico_City.',
    'Add a column ZONA_HORARIA, e.g. America/Mexico_City.',
  ),
  country_unknown: message(
    'No se reconoce el país',
    'The country is not known',
    'Use el código de dos letras, p. ej. CL.',
    'Use its two-letter code, e.g. CL.',
  ),
  currency_unknown: message(
    'No se reconoce la moneda (la UF se convierte antes a pesos)',
    'The currency is not known (UF is converted to pesos first)',
    'Use el código de tres letras, p. ej. CLP.',
    'Use its three-letter code, e.g. CLP.',
  ),
  email_invalid: message(
    'No es un correo electrónico',
    'Not an e-mail address',
    'Corríjalo, o deje la celda vacía.',
    'Correct it, or leave the cell blank.',
  ),
  integer_invalid: message(
    'No es un número entero',
    'Not a whole number',
    'Escriba solo la cifra.',
    'Write the figure only.',
  ),
  ...peopleMessages,
  ...settledMessages,
  quote_stray: message(
    'Hay unas comillas que nadie cerró: la fila se leyó por sí sola',
    'A quote is never closed: the row was read by itself',
    'Compare la fila con el archivo y quite las comillas.',
    'Compare the row with the file and remove the quote.',
  ),
  encoding_mixed: message(
    'La fila está en otra codificación que el resto del archivo; se leyó como corresponde',
    'The row is in another encoding than the rest of the file; it was read as what it is',
    'Revise las tildes y la ñ de esta fila.',
    'Check the accents and the ñ of this row.',
  ),
  text_garbled: message(
    'El texto parece dañado por una conversión (tildes o ñ mal escritas): el agente lo diría así',
    'The text looks damaged by a conversion (accents or ñ): the agent would say it so',
    'Corríjalo, o exporte de nuevo el archivo en UTF-8.',
    'Correct it, or export the file again in UTF-8.',
  ),
  hidden_row: message(
    'La fila está oculta en Excel; se incluye igual',
    'The row is hidden in Excel; it counts all the same',
    'Elimínela del archivo si no debe llamarse.',
    'Delete it from the file if it must not be called.',
  ),
  debt_repeated: message(
    'La misma deuda ya está en la fila {first}; de esta fila se toman solo los teléfonos',
    'The same debt is in row {first} already; only the phones of this row are taken',
    'Si es otra deuda, agregue NUMERO_REFERENCIA para distinguirlas.',
    'If it is another debt, add NUMERO_REFERENCIA to tell them apart.',
  ),
  duplicate_row: message(
    'La fila es idéntica a la fila {first}; se cuenta una vez',
    'The row is identical to row {first}; it counts once',
    'Nada que hacer.',
    'Nothing to do.',
  ),
  duplicate_unread: message(
    'La fila es igual a la fila {first} en lo que se lee y distinta en columnas que no se leen; se cuenta una vez',
    'The row is equal to row {first} in what is read, and differs in columns that are not; it counts once',
    'Si es otra deuda, ponga su número en una columna NUMERO_REFERENCIA y vuelva a cargar el archivo.',
    'If it is another debt, put its number into a column NUMERO_REFERENCIA and upload the file again.',
  ),
  row_joined: message(
    'Es la misma persona de la fila {first}: se le dirá todo en una sola llamada',
    'It is the same person as in row {first}: they are told everything in one call',
    'Si son dos personas, agregue una columna RUT para distinguirlas.',
    'If they are two people, add a column RUT to tell them apart.',
  ),
  rows_over: message(
    'La persona de la fila {first} tiene más de {max} filas; de esta no se dirá nada',
    'The person of row {first} has over {max} rows; nothing is told of this one',
    'Cargue esta fila en otro lote.',
    'Upload this row in another batch.',
  ),
  payment_undated_again: message(
    'Ya hay un pago igual sin fecha de otro archivo: no se sabe si es el mismo',
    'There is an equal payment without a date from another file: whether it is the same is not known',
    'Agregue FECHA_PAGO o ID_PAGO y vuelva a cargar la fila.',
    'Add FECHA_PAGO or ID_PAGO and upload the row again.',
  ),
  name_differs: message(
    'La misma identidad aparece con otro nombre en la fila {first} ({name}); se usa el primero',
    'The same identity has another name in row {first} ({name}); the first is used',
    'Revise que sea la misma persona.',
    'Check that it is the same person.',
  ),
  zone_differs: message(
    'La misma persona aparece en otra zona horaria en la fila {first}: se llama solo en horas permitidas en todo el país',
    'The same person has another time zone in row {first}: calls are made only at hours allowed in the whole country',
    'Deje una sola región para esta persona.',
    'Keep one region for this person.',
  ),
  // Of rows that come as JSON
  json_malformed: message(
    'La línea no es JSON válido desde su carácter {at}',
    'The line is no valid JSON from its character {at} on',
    'Envíe un objeto completo en cada línea.',
    'Send one whole object a line.',
  ),
  json_not_object: message(
    'La fila no es un objeto',
    'The row is no object',
    'Envíe {"RUT": "12.345.678-5", …}.',
    'Send {"RUT": "12.345.678-5", …}.',
  ),
  json_row_empty: message(
    'La fila no tiene ningún dato en las columnas que se leen',
    'The row has nothing in the columns that are read',
    'Quite la fila, o complétela.',
    'Remove the row, or fill it in.',
  ),
  json_duplicate_key: message(
    'La clave aparece dos veces en la fila: no se sabe cuál valor vale',
    'The key is twice in the row: which value counts is not known',
    'Envíe cada clave una vez.',
    'Send each key once.',
  ),
  json_key_invalid: message(
    'La clave tiene un NUL o la mitad de un carácter, o pasa de {max} caracteres',
    'The key has a NUL or half of a character, or is over {max} characters',
    'Use el nombre de una columna, p. ej. "TELEFONO".',
    'Use the name of a column, e.g. "TELEFONO".',
  ),
  json_too_many_keys: message(
    'La fila tiene más de {max} claves',
    'The row has over {max} keys',
    'Envíe solo lo que la campaña usa.',
    'Send only what the campaign uses.',
  ),
  json_nested: message(
    'El valor es un objeto o una lista; solo los teléfonos pueden venir en una lista',
    'The value is an object or a list; only phones may come in a list',
    'Envíe un texto o un número.',
    'Send a text or a number.',
  ),
  json_text_invalid: message(
    'El texto tiene un NUL o la mitad de un carácter',
    'The text has a NUL or half of a character',
    'Revise cómo su programa corta o codifica el texto.',
    'Check how your program cuts or encodes the text.',
  ),
  json_number_inexact: message(
    'El número tiene más dígitos de los que guarda un número de JSON',
    'The number has more figures than a number of JSON keeps',
    'Envíelo como texto, entre comillas.',
    'Send it as text, in quotes.',
  ),
  json_wants_text: message(
    'Este dato vino como número o como verdadero; como número pierde dígitos',
    'This value came as a number or as true; as a number it loses figures',
    'Envíelo como texto: "12.345.678-5", "+56961234567", "2026-11-30".',
    'Send it as text: "12.345.678-5", "+56961234567", "2026-11-30".',
  ),
  json_date_instant: message(
    'Una hora con zona puede ser otro día en otra parte',
    'A time with a zone may be another day elsewhere',
    'Envíe solo el día: "2026-11-30".',
    'Send the day only: "2026-11-30".',
  ),
} as const;

export type ProblemCode = keyof typeof messages;

export type MessageValues = Readonly<Record<string, string | number>>;

/** Countries that packs are for, alike in both languages; of any other its code. */
const countryNames: Readonly<Record<string, string>> = {
  CL: 'Chile',
  CO: 'Colombia',
  PE: 'Perú',
  AR: 'Argentina',
};

/** Text and hint of a code with its placeholders filled. */
export function sentence(code: ProblemCode, values: MessageValues = {}): Message {
  const { text, hint } = messages[code];
  const fill = (template: string): string =>
    template.replace(/\{(\w+)\}/g, (whole, key: string) => {
      const value = String(values[key] ?? whole);
      return key === 'country' ? (countryNames[value] ?? value) : value;
    });
  return { text: { es: fill(text.es), en: fill(text.en) }, hint: { es: fill(hint.es), en: fill(hint.en) } };
}
