import type { Disclosure, RulePack } from './pack.ts';

/** What the agent says of itself, by language. The creditor is named to nobody before they are known to be the debtor. */
const words: Readonly<Record<RulePack['language'], Readonly<Record<Disclosure, string>>>> = {
  es: {
    ai: 'Le habla un asistente virtual con inteligencia artificial.',
    identity: 'Por su privacidad, antes de seguir necesito confirmar con quién hablo.',
    creditor: 'Cuando confirme quién es, le digo por encargo de qué empresa llamo.',
  },
  en: {
    ai: 'I am a virtual assistant that uses artificial intelligence.',
    identity: 'To protect your privacy, I first need to confirm whom I am speaking with.',
    creditor: 'Once I know who you are, I will tell you on behalf of which company I am calling.',
  },
};

/** Names under which an agent's prompt finds them. */
const variableNames: Readonly<Record<Disclosure, string>> = {
  ai: 'aviso_ia',
  identity: 'aviso_identidad',
  creditor: 'aviso_acreedor',
};

/**
 * The disclosures of a pack as variables of the call. One that the pack does not ask for is empty, not absent: a
 * provider speaks the name of an unset variable aloud.
 */
export function disclosureVariables(
  pack: Pick<RulePack, 'disclosures' | 'language'>,
): Readonly<Record<string, string>> {
  const said = (disclosure: Disclosure): string =>
    pack.disclosures.includes(disclosure) ? words[pack.language][disclosure] : '';
  return {
    [variableNames.ai]: said('ai'),
    [variableNames.identity]: said('identity'),
    [variableNames.creditor]: said('creditor'),
  };
}
