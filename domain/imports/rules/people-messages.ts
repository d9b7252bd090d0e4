/** What is said of who a person is, where they live and how they are reached. */
import { message } from './message.ts';

export const peopleMessages = {
  person_deceased: message(
    'La fila dice que la persona falleció: no se llama',
    'The row says that the person has died: nobody is called',
    'Si no es así, corrija la celda. Una sucesión se gestiona a mano.',
    'If it is not so, correct the cell. An estate is handled by hand.',
  ),
  not_to_call: message(
    'La fila pide no llamar a esta persona',
    'The row asks not to call this person',
    'Regístrela con npm run removals, o borre la nota si ya no vale.',
    'Register it with npm run removals, or delete the note if it no longer holds.',
  ),
  debt_settled: message(
    'La fila dice que la deuda está pagada o anulada',
    'The row says that the debt is paid or void',
    'Si aún se debe, corrija la celda.',
    'If it is still owed, correct the cell.',
  ),
  person_withdrawn: message(
    'No se carga: la fila {by} impide llamar a esta persona (falleció, pide no llamar, o tiene un monto a favor)',
    'Not loaded: row {by} forbids to call this person (has died, asks not to be called, or is owed an amount)',
    'Corrija esa fila y vuelva a cargar las de esta persona.',
    'Correct that row and upload those of this person again.',
  ),
  person_erased: message(
    'No se carga: esta persona pidió eliminar sus datos, o la fila trae uno de sus teléfonos',
    'Not loaded: this person asked for their data to be deleted, or the row has one of their numbers',
    'Quite la fila del archivo. Solo una relación nueva y acreditada permite volver a tratar sus datos.',
    'Take the row out of the file. Only a new and proven relation allows their data to be processed again.',
  ),
  column_twice: message(
    'Otra columna con el mismo encabezado dice «{value}»: no se sabe cuál vale',
    'Another column under the same header says “{value}”: which one counts is not known',
    'Deje una de las dos columnas, o dé a la otra su propio nombre.',
    'Leave one of the two columns, or give the other its own name.',
  ),
  creditor_perhaps_debtor: message(
    'El RUT es de una empresa y la columna EMPRESA se lee como el acreedor: se le diría que le debe a esa empresa',
    'The RUT is of a company, and the column EMPRESA is read as the creditor: it would be told that it owes to that company',
    'Si EMPRESA es quien debe, llámela RAZON SOCIAL e indique el acreedor con --creditor.',
    'If EMPRESA is who owes, call it RAZON SOCIAL and give the creditor with --creditor.',
  ),
  phone_of_other: message(
    'El teléfono es de otra persona ({value}): de una deuda solo se habla con quien debe',
    'The phone is somebody else’s ({value}): of a debt only who owes is told',
    'Escriba el número de la persona, o quite la nota si es a ella a quien se llama.',
    'Write the person’s number, or delete the note if it is who is to be called.',
  ),
  national_id_ambiguous: message(
    'El RUT viene sin guion y puede ser de dos personas: {body} o {whole}',
    'The RUT has no dash and may be of two people: {body} or {whole}',
    'Escríbalo con guion, o agregue una columna DV.',
    'Write it with its dash, or add a column DV.',
  ),
  national_id_whole: message(
    'El RUT venía sin guion; su última cifra se leyó como dígito verificador: {value} (si no lo trae, es {body})',
    'The RUT came without a dash; its last figure was read as check digit: {value} (if it has none, it is {body})',
    'Escríbalo con guion, o agregue una columna DV.',
    'Write it with its dash, or add a column DV.',
  ),
  national_id_masked: message(
    'El documento viene tapado o incompleto: sus últimos dígitos son de muchas personas',
    'The id is masked or incomplete: its last figures are many people’s',
    'Escriba el número completo, o deje la celda vacía.',
    'Write the whole number, or leave the cell blank.',
  ),
  national_id_padded: message(
    'Al documento le faltaban ceros al comienzo; se agregaron: {value}',
    'The id lacked zeros at its start; they were added: {value}',
    'Dé a la columna formato de texto para que Excel no los quite.',
    'Format the column as text, so that Excel keeps them.',
  ),
  phone_perhaps_filler: message(
    'El teléfono {value} parece de relleno',
    'The phone {value} looks like a placeholder',
    'Revise que sea el de esta persona.',
    'Check that it is this person’s.',
  ),
  phone_filler: message(
    'El teléfono {value} es de relleno',
    'The phone {value} is a placeholder',
    'Escriba el número de la persona, o deje la celda vacía.',
    'Write the person’s number, or leave the cell blank.',
  ),
  phone_is_national_id: message(
    'Es un RUT, no un teléfono',
    'This is a RUT, not a phone',
    'Revise que las columnas no estén corridas.',
    'Check that the columns have not slipped.',
  ),
  phone_service: message(
    'El teléfono {phone} es de una empresa (600, 800, 809), no de una persona',
    'The phone {phone} is a company’s (600, 800, 809), not a person’s',
    'Revise que sea el de esta persona.',
    'Check that it is this person’s.',
  ),
  phone_part_left: message(
    'De la celda se usan los teléfonos que sirven; esto no lo es: {value}',
    'The phones of the cell that are of use are taken; this is none: {value}',
    'Complételo si quiere que también se llame a este número.',
    'Complete it if this number should be called too.',
  ),
  region_differs: message(
    'La comuna {comuna} es de {region}: se usa la comuna, no la región de la fila',
    'The comuna {comuna} is in {region}: it is used, and not the row’s region',
    'Corrija la región, o la comuna.',
    'Correct the region, or the comuna.',
  ),
  zone_open: message(
    'La comuna {comuna} y la región {region} tienen horas distintas: se llama solo en horas permitidas en todo el país',
    'The comuna {comuna} and the region {region} are on different clocks: calls are made only at hours allowed in the whole country',
    'Corrija la región, o la comuna.',
    'Correct the region, or the comuna.',
  ),
  country_differs: message(
    'El país de la fila es {country}, y el teléfono es de {home}: se usan horas y reglas de {home}',
    'The row’s country is {country}, and the phone is of {home}: hours and rules of {home} are used',
    'Si PAIS es la nacionalidad, quite la columna; si vive allá, escriba su teléfono de allá.',
    'If PAIS is the nationality, remove the column; if they live there, write their phone there.',
  ),
  total_row: message(
    'La fila parece un total, no una persona',
    'The row looks like a total, not a person',
    'Nada que hacer si es la suma del archivo.',
    'Nothing to do if it is the sum of the file.',
  ),
} as const;
