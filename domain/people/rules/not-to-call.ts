/** What a file says of a person beside its columns: who died, who must not be called, whose debt is over. Pure. */
import { unaccented } from '../../shared/rules/plain-text.ts';

export type NotToCall = 'person_deceased' | 'not_to_call' | 'debt_settled';

/** Longer texts are letters that were pasted in; a word in them says nothing of the person. */
const longestNote = 300;

/** Most cells say none of it, and every row of a file comes by here. */
const PERHAPS =
  /falle|difun|defun|q\W{0,2}e\W{0,2}p|suces|hereder|occis|murio|murió|deceas|no\s|not\s|pagad|saldad|cancel|regulari|anulad|nul[oa]|condon|al d|sin deuda|pago total/i;
const DECEASED =
  /\b(?:fallecid[oa]s?|fallecio|difunt[oa]s?|occis[oa]|murio|deceased|sucesion|herederos? de|q e p d|qepd)\b/;
/** 'No llamar antes de las 10' is an hour, and no request to be left alone. */
const LEAVE_ALONE =
  /\bno (?:se debe |volver a )?(?:llamar|llamen|contactar|molestar|cobrar|gestionar|insistir)\b(?! (?:antes|despues|hasta|por la|en la|los|el|a las|entre|al trabajo|a la oficina)\b)|\bdo not (?:call|contact)\b/;
const SETTLED =
  /^(?:pagad[oa]|pago total|saldad[oa]|cancelad[oa]|regularizad[oa]|anulad[oa]|nul[oa]|condonad[oa]|al dia|sin deuda)$/;
/** Of a name: the estate of somebody is not somebody. */
const NOTES =
  /\b(?:estado|situacion|estatus|status|gestion|observacion|observaciones|obs|comentario|comentarios|glosa|nota|notas|resultado)\b/;
/** Columns of others: that a guarantor died says nothing of who owes. */
const OF_OTHERS = /\b(?:aval|avales|codeudor|fiador|conyuge|referencia|alumno|paciente|beneficiario)\b/;
const FLAG_DECEASED = /\b(?:fallecid[oa]|difunt[oa]|defuncion|deceased)\b/;
/** `headerWords` takes NO for an abbreviation of a number. */
const FLAG_LEAVE = /^(?:no|numero) (?:llamar|contactar|molestar)\b|\bdo not call\b/;
const YES = /^(?:si|s|x|1|true|verdadero|yes|y)$/;

/** A name that says that whoever bore it is dead: nobody is to be asked for them. */
export function nameOfDead(name: string): boolean {
  return PERHAPS.test(name) && DECEASED.test(plain(name));
}

/** What a cell says that no column is read from. `header`: its words (`headerWords`). */
export function notToCall(header: string, text: string): NotToCall | undefined {
  if (text === '' || text.length > longestNote || OF_OTHERS.test(header)) return undefined;
  const flag = flagOf(header, text);
  if (flag !== undefined) return flag;
  if (!PERHAPS.test(text)) return undefined;
  const said = plain(text);
  if (DECEASED.test(said)) return 'person_deceased';
  if (LEAVE_ALONE.test(said)) return 'not_to_call';
  return NOTES.test(header) && SETTLED.test(said) ? 'debt_settled' : undefined;
}

/** A column FALLECIDO with SI, FECHA DEFUNCION with a day. */
function flagOf(header: string, text: string): NotToCall | undefined {
  const isDead = FLAG_DECEASED.test(header);
  if (!isDead && !FLAG_LEAVE.test(header)) return undefined;
  const isTold = YES.test(plain(text)) || (isDead && header.startsWith('fecha') && /\d{4}/.test(text));
  if (!isTold) return undefined;
  return isDead ? 'person_deceased' : 'not_to_call';
}

function plain(text: string): string {
  return unaccented(text)
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}
