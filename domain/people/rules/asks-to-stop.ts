import { unaccented } from '../../shared/rules/plain-text.ts';

/** `person`: no contact at all. `channel`: none by this way of writing. */
export type StopAsked = 'person' | 'channel';

/** What is behind it says nothing that the beginning has not said. */
const mostCharacters = 2_000;

/** A sentence that is nothing but one of these. 'Cancelar' is not among them: in Chile it is to pay. */
const keywords: ReadonlySet<string> = new Set(
  `baja, stop, alto, basta, salir, eliminar, eliminarme, borrar, borrarme, remover, removerme, desuscribir,
  desuscribirme, desuscribirse, desuscribanme, unsubscribe, optout, opt out, quit, dar de baja, darme de baja,
  quiero darme de baja, quiero la baja, quiero baja, solicito baja, solicito la baja, solicito mi baja, pido la baja,
  denme de baja, deme de baja, dame de baja, den de baja, no molestar, no mas, no mas mensajes, no mas llamados,
  no mas llamadas, detener promociones, stop promotions, dejar de recibir, stop all, no llamar, no llamar mas,
  no contactar, no escribir mas, eliminar numero, eliminar mi numero, remove me, end`
    .split(',')
    .map((phrase) => phrase.trim().replace(/\s+/g, ' ')),
);

const polite: ReadonlySet<string> = new Set(
  'por favor porfa porfavor gracias muchas ya oiga oye senores senor senora senorita hola buenas tardes dias buenos noches'.split(
    ' ',
  ),
);

/** Verbs of contacting somebody, as they are said to one or to many. */
const contact =
  '(?:escriban|escriba|escribas|llamen|llame|llames|contacten|contacte|contactes|molesten|moleste|molestes|manden|mande|mandes|envien|envie|envies|hablen|hable|hables|hostiguen|hostigue|acosen|acose|busquen)';
const infinitive =
  '(?:escribirme|llamarme|contactarme|molestarme|mandarme|enviarme|hablarme|hostigarme|acosarme)';
const things = '(?:mensajes?|llamad[oa]s?|msj|whatsapps?|wasaps?|contacto|correos?|avisos?|cobranzas?|spam)';
const remove =
  '(?:eliminenme|elimineme|eliminame|eliminarme|borrenme|borreme|borrame|borrarme|saquenme|saqueme|sacame|sacarme|quitenme|quiteme|quitame|remuevanme|desuscribanme|bajenme)';

/** What is asked, whole: what follows is judged by `restricts` or by `ends`. */
const asked: readonly { readonly words: RegExp; readonly tail: 'anything' | 'nothing' }[] = [
  { words: new RegExp(`\\b(?:no|ni) me (?:vuelvan? a )?${contact} (?:nunca )?mas\\b`), tail: 'anything' },
  { words: new RegExp(`\\b(?:nunca|jamas)(?: mas)? me ${contact}\\b`), tail: 'anything' },
  {
    words: /\bno me vuelvan? a (?:escribir|llamar|contactar|molestar|mandar|enviar|hablar)\b/,
    tail: 'anything',
  },
  { words: new RegExp(`\\b(?:dejen|deje|deja|paren|pare) de ${infinitive}\\b`), tail: 'anything' },
  {
    words: new RegExp(`\\bno (?:quiero|deseo) (?:recibir )?(?:mas|ningun|ninguna) ${things}\\b`),
    tail: 'anything',
  },
  {
    words: new RegExp(`\\bno (?:quiero|deseo|autorizo) que me (?:vuelvan? a )?${contact}(?: mas)?\\b`),
    tail: 'nothing',
  },
  {
    words: /\bno (?:quiero|deseo) (?:ser|que me) (?:contactad[oa]|molestad[oa])(?: mas)?\b/,
    tail: 'nothing',
  },
  { words: new RegExp(`\\bno me ${contact}\\b`), tail: 'nothing' },
  { words: new RegExp(`\\b${remove}\\b`), tail: 'nothing' },
  { words: /\b(?:denme|deme|dame|darme|den|dar) de baja\b/, tail: 'nothing' },
  {
    words: /\b(?:eliminen?|borren?|saquen?|quiten?) mis? (?:numero|telefono|contacto|datos)\b/,
    tail: 'nothing',
  },
  { words: /\b(?:eliminen?|borren?|saquen?|quiten?) este numero\b/, tail: 'nothing' },
  {
    words:
      /\b(?:do not|don t|dont|stop) (?:call|text|contact|message|messaging|calling|texting|contacting) me\b/,
    tail: 'nothing',
  },
  { words: /\b(?:unsubscribe|remove) me\b/, tail: 'nothing' },
];

/** By this way of writing, and no word of calls. */
const byThisChannel =
  /^(?:mas )?(?:mensajes )?(?:por|a|al|en) (?:este |el |mi )?(?:whatsapp|wasap|wsp|guasap|medio|canal|chat|interno|aca|aqui)\b/;
/** What may follow a request that says no 'more', and leaves it whole. */
const ends =
  /^(?:$|mas$|mas por favor\b|de (?:ustedes|uds|usted|parte|esta empresa)\b|nunca\b|jamas\b|nada\b|por favor\b|porfa\b|gracias\b|ya\b|mensajes\b|a (?:este|mi) (?:numero|telefono|celular|fono)\b|de (?:la|su|sus|esta|tu|las) (?:lista|listas|base|bases|base de datos|registros?|contactos|agenda|sistema)\b|de (?:ahi|aqui|aca)\b|again\b|any ?more\b|please\b|o )/;
/** What makes a request one for some time or some place: it is no stop. */
const restricts =
  /^(?:mas )?(?:hasta|hoy|manana|ahora|en|a|al|antes|despues|los|las|el|esta|este|tan|tanto|tarde|temprano|durante|cuando|si|de|desde|por (?:hoy|ahora|la|este|esta))\b/;
const atThisNumber = /^(?:mas )?(?:a|de|en) (?:este|mi) (?:numero|telefono|celular|fono)\b/;

/**
 * Whether a message asks that nobody calls or writes any more; undefined: it does not, or only for some hours. Pure, linear
 * in its length. A request that is missed is a call to somebody who said no; one that is made up loses a person.
 */
export function asksToStop(text: string): StopAsked | undefined {
  const plain = unaccented(text.slice(0, mostCharacters));
  let found: StopAsked | undefined;
  for (const piece of plain.split(/[.,;:!?¡¿\n\r()"]+/)) {
    const words = piece.match(/[a-z]+/g) ?? [];
    const sentence = words.join(' ');
    const bare = words.filter((word) => !polite.has(word));
    if (bare.length > 0 && bare.length <= 6 && isKeyword(bare)) return 'person';
    const one = askedIn(sentence);
    if (one === 'person') return one;
    found ??= one;
  }
  return found;
}

/** 'BAJA', and 'baja baja'. */
function isKeyword(words: readonly string[]): boolean {
  const [first] = words;
  return (
    keywords.has(words.join(' ')) ||
    (first !== undefined && keywords.has(first) && words.every((word) => word === first))
  );
}

function askedIn(sentence: string): StopAsked | undefined {
  for (const { words, tail } of asked) {
    const match = words.exec(sentence);
    if (match === null) continue;
    const rest = sentence.slice(match.index + match[0].length).trim();
    if (byThisChannel.test(rest)) return 'channel';
    if (atThisNumber.test(rest)) return 'person';
    if (ends.test(rest) || (tail === 'anything' && !restricts.test(rest))) return 'person';
  }
  return undefined;
}
