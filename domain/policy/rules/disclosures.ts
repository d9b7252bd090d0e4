import type { Bilingual } from '../../shared/rules/bilingual.ts';
import { DEBTOR_DISCLOSURES, type Disclosure, OPENING_DISCLOSURES, type RulePack } from './pack.ts';

type Opening = (typeof OPENING_DISCLOSURES)[number];
type ToDebtor = (typeof DEBTOR_DISCLOSURES)[number];
type Disclosing = Pick<RulePack, 'disclosures'>;

/** What the agent says of itself, by language. The creditor is named to nobody before they are known to be the debtor. */
const words: Readonly<Record<RulePack['language'], Readonly<Record<Opening, string>>>> = {
  es: {
    ai: 'Le habla un asistente virtual con inteligencia artificial.',
    recording: 'Esta llamada se graba; si no lo desea, dígamelo y la termino.',
    identity: 'Por su privacidad, antes de seguir necesito confirmar con quién hablo.',
    creditor: 'Cuando confirme quién es, le digo por encargo de qué empresa llamo.',
  },
  en: {
    ai: 'I am a virtual assistant that uses artificial intelligence.',
    recording: 'This call is recorded; if you do not want that, tell me and I will end it.',
    identity: 'To protect your privacy, I first need to confirm whom I am speaking with.',
    creditor: 'Once I know who you are, I will tell you on behalf of which company I am calling.',
  },
};

/** Names under which an agent's prompt finds them. */
const variableNames: Readonly<Record<Opening, string>> = {
  ai: 'aviso_ia',
  recording: 'aviso_grabacion',
  identity: 'aviso_identidad',
  creditor: 'aviso_acreedor',
};
const debtorVariable = 'aviso_deudor';

/** What the debtor's own notice names: of whom the debt is, and under which reference. */
export interface NoticedDebt {
  readonly creditor: string;
  /** Empty: it has none. */
  readonly reference: string;
}

/**
 * The disclosures of a pack as variables of the call. One that the pack does not ask for is empty, not absent: a
 * provider speaks the name of an unset variable aloud. `debt`: null where the agent is told of no debt before it knows with
 * whom it speaks; the answer that confirms the person brings their notice then.
 */
export function disclosureVariables(
  pack: Pick<RulePack, 'disclosures' | 'language'>,
  debt: NoticedDebt | null = null,
): Readonly<Record<string, string>> {
  const said = OPENING_DISCLOSURES.map((one): readonly [string, string] => [
    variableNames[one],
    asks(pack, one) ? words[pack.language][one] : '',
  ]);
  const notice = debt === null ? '' : debtorNotice(pack, debt)[pack.language];
  return { ...Object.fromEntries(said), [debtorVariable]: notice };
}

/** What is said to the debtor, and to nobody else, as the first thing of each call; empty where the pack asks for nothing. */
export function debtorNotice(pack: Disclosing, debt: NoticedDebt): Bilingual {
  const asked = DEBTOR_DISCLOSURES.filter((one) => asks(pack, one)).map((one) => toDebtor[one](debt));
  return { es: asked.map(({ es }) => es).join(' '), en: asked.map(({ en }) => en).join(' ') };
}

const toDebtor: Readonly<Record<ToDebtor, (debt: NoticedDebt) => Bilingual>> = {
  // The words of a first contact hold in every later one, and nobody has to know which this is.
  collector: () => ({
    es: 'Esta es una gestión de un cobrador de deudas para cobrar una deuda, y la información que se obtenga se usará con ese fin.',
    en: 'This is an attempt by a debt collector to collect a debt, and any information obtained will be used for that purpose.',
  }),
  debt: ({ creditor, reference }) => ({
    es: `Esta es una gestión de cobranza extrajudicial: no es un procedimiento judicial ni de embargo. La deuda es con ${creditor}${
      reference === '' ? '' : `, referencia ${reference}`
    }. El detalle de sus intereses y gastos de cobranza lo entrega ${creditor}, por escrito si lo pide. Se paga a ${creditor} por sus propios medios, o con un enlace de pago que puede pedirme. Puede pedir esta información por escrito, objetar la deuda y pedir que no le contactemos más.`,
    en: `This is an out-of-court collection: no proceeding of a court, and nothing is seized. The debt is to ${creditor}${
      reference === '' ? '' : `, reference ${reference}`
    }. ${creditor} gives the detail of its interest and collection fees, in writing if asked. It is paid to ${creditor} by its own means, or by a payment link that you can ask me for. You may ask for this in writing, dispute the debt, and ask for no more contact.`,
  }),
};

function asks({ disclosures }: Disclosing, one: Disclosure): boolean {
  return disclosures.includes(one);
}
