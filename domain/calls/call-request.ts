import type { LoadedContact } from '../contacts/read-contact.ts';
import type { Stage } from '../negotiation/rules/types.ts';
import { disclosureVariables, type NoticedDebt } from '../policy/rules/disclosures.ts';
import type { RulePack } from '../policy/rules/pack.ts';
import type { PlaceCallRequest } from './voice-port.ts';

/** What the provider is asked for. The stage of the debt says which agent speaks, and from which script. */
export function callRequest(
  attemptId: string,
  loaded: LoadedContact,
  toNumber: string,
  stage: Stage | undefined,
): PlaceCallRequest {
  return {
    attemptId,
    accountId: loaded.accountId,
    batchId: loaded.batchId,
    contactId: loaded.id,
    fromNumber: loaded.fromNumber,
    toNumber,
    agentId: stage?.agentId ?? loaded.agentId,
    variables: {
      ...loaded.variables,
      ...disclosureVariables(loaded.pack, debtToldAtOnce(loaded)),
      ...(stage === undefined ? {} : { guion: stage.script }),
    },
    ringMs: loaded.policy.ringMs,
    maxCallMs: loaded.policy.maxCallMs,
    ...voicemailOf(loaded.pack),
  };
}

/** Null: identity comes first, and the answer of `confirm_identity` brings the notice. */
function debtToldAtOnce({ negotiation, variables }: LoadedContact): NoticedDebt | null {
  const { empresa: creditor = '', numero_referencia: reference = '' } = variables;
  return negotiation?.identityFirst === true || creditor === '' ? null : { creditor, reference };
}

function voicemailOf({ voicemail }: RulePack): Pick<PlaceCallRequest, 'voicemail'> {
  switch (voicemail.policy) {
    case 'forbidden':
      return { voicemail: { kind: 'hang_up' } };
    case 'limited':
      return { voicemail: { kind: 'say', text: voicemail.text } };
    case 'full':
      return {};
    default: {
      const unreachable: never = voicemail;
      return unreachable;
    }
  }
}
