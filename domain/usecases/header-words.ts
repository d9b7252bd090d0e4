/** Headers as operators shorten them: 'FEC. DE VCTO.' and 'Fecha vencimiento' are one. Pure. */
import { unaccented } from '../shared/rules/plain-text.ts';

/** A word of headers by its abbreviations. */
const WORDS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    fecha: 'fec fech fch f',
    vencimiento: 'vcto vencto venc vto vcmto vencimto vctos vencimientos',
    numero: 'n no nro nr num nmero',
    telefono: 'tel telef tfno tlf fono fonos telefonos phone',
    celular: 'cel celu celulares movil mobile',
    codigo: 'cod',
    apellido: 'ap apell apellidos',
    nombre: 'nom nomb',
    monto: 'mto mnto',
    total: 'tot',
    documento: 'doc docto dcto',
    direccion: 'dir',
    operacion: 'oper op',
    digito: 'dig',
    verificador: 'verif ver',
    correo: 'mail email',
    valor: 'vlr',
  }).flatMap(([word, short]) => short.split(' ').map((one) => [one, word])),
);

/** Words that change nothing. UF is not among them: an amount in it is another amount. */
const FILLERS: ReadonlySet<string> = new Set('de del la el los las en y clp pesos peso'.split(' '));

/** A header as it is compared by its words: abbreviations whole, without fillers. Longer than any name of a column: ''. */
export function headerWords(header: string): string {
  if (header.length > 120) return '';
  return unaccented(header)
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '' && !FILLERS.has(word))
    .map((word) => (Object.hasOwn(WORDS, word) ? WORDS[word] : word))
    .join(' ');
}
