import { phrasesOf, type Phrases } from './words.ts';

/** Words that say what becomes of the days and hours beside them. */
export type SignKind = 'no' | 'nor' | 'or' | 'but' | 'instead' | 'never';

/** What is listened over: between the pieces of a sentence, and nowhere within one. */
export const asides: Phrases = phrasesOf(`
  me puede llamar, me pueden llamar, me podria llamar, puede llamarme, pueden llamarme, podria llamarme, que me llame, que me llamen, llameme, llamame, llamenme, me llama, me llame, me llamen,
  me llamas, llame, llamen, me acomoda, me acomoda mas, me queda bien, me queda mejor, me viene
  bien, me sirve, me conviene, puede ser, podria ser, puedo, podria, podemos hablar, hablemos,
  conversemos, estoy disponible, estoy libre, estoy desocupado, estoy desocupada, tengo tiempo,
  quiero, quisiera, me gustaria, seria, si, claro, de acuerdo, esta bien, muy bien, bien, a ver, o sea, no hay problema, como no, y, tambien, yo, a mi, le parece, te parece, que tal,
  aproximadamente, mas o menos, idealmente, con gusto
`);

/** 'si puedo' is no yes, and 'si no' says what else may be. */
export const conditions: Phrases = phrasesOf(
  'si no, si puedo, si me, si es, si estoy, si tengo, si podria, si quiero',
);

/** In the order in which they are looked for. */
export const signs: readonly (readonly [SignKind, Phrases])[] = [
  [
    'never',
    phrasesOf(`
  nunca, jamas, no me llame mas, no me llamen mas, no me llame nunca mas, no me llamen nunca mas, no
  llamen mas, no llame mas, no me moleste, no me molesten, no me moleste mas, no me molesten mas, no
  quiero que me llamen, no quiero que me llame, dejen de llamarme, deje de llamarme
`),
  ],
  [
    'no',
    phrasesOf(`
  no, no puedo, no podria, no voy a poder, no voy a estar, no estoy, no me acomoda, no me sirve, no
  me queda bien, no me conviene, no tengo tiempo, no alcanzo, mejor no, tampoco, tampoco puedo,
  imposible, me es imposible, me queda mal, estoy ocupado, estoy ocupada, ando ocupado, ando
  ocupada, estoy trabajando, estoy manejando, estoy en reunion, estoy en una reunion
`),
  ],
  ['nor', phrasesOf('ni')],
  ['or', phrasesOf('o, u')],
  ['but', phrasesOf('pero, entonces, en cambio')],
  ['instead', phrasesOf('mejor, mejor dicho, mas bien, digo, perdon, perdone, sino, prefiero')],
];

/** Words about a day, and about an hour, that are none. */
export const someDay: Phrases = phrasesOf(`
  fin de mes, a fin de mes, fines de mes, a fines de mes, para fin de mes, fin de semana,
  el fin de semana, este fin de semana, el finde, el proximo mes, el mes que viene, el otro mes,
  este mes, cualquier dia, otro dia, un dia de estos, cuando me paguen, la quincena,
  para la quincena, en la semana, cualquiera
`);
export const someTime: Phrases = phrasesOf(`
  mas tarde, mas tardecito, mas ratito, mas rato, al rato, al tiro, altiro, al almuerzo, a la hora
  de almuerzo, a la hora del almuerzo, despues de almuerzo, despues del almuerzo, despues de
  almorzar, a la hora de once, despues de once, despues de la pega, despues del trabajo, despues de
  trabajar, cuando salga de la pega, cuando salga del trabajo, saliendo de la pega, saliendo del
  trabajo, cuando llegue a la casa, cuando llegue a mi casa, despues, luego, a cualquier hora,
  cualquier hora, a ultima hora
`);

/** Of these, those after which a day may come that is not meant. */
export const after: ReadonlySet<string> = new Set(['despues', 'luego']);

/** What stands before an hour. */
export const hourMarks: Phrases = phrasesOf(`
  a las, a la, las, tipo, tipo a las, como a las, como a la, como tipo, a eso de las, a eso de la,
  alrededor de las, cerca de las, sobre las, mas o menos a las, para las, pa las, para la, tipin
`);

export const noon: Phrases = phrasesOf(`
  mediodia, a mediodia, al mediodia, medio dia, a medio dia, al medio dia
`);
export const midnight: Phrases = phrasesOf(
  'medianoche, a medianoche, a la medianoche, media noche, a media noche',
);

export interface Opening {
  readonly phrases: Phrases;
  /** Which end the hour after it is. */
  readonly end: 'from' | 'to' | 'both';
}

/** What stands before hours from one to another. */
export const openings: readonly Opening[] = [
  {
    phrases: phrasesOf(`
  despues de las, despues de la, pasadas las, a partir de las, a partir de la
`),
    end: 'from',
  },
  { phrases: phrasesOf('antes de las, antes de la, hasta las, hasta la'), end: 'to' },
  {
    phrases: phrasesOf('entre las, entre la, entre, desde las, desde la, de las, de la, de'),
    end: 'both',
  },
];
