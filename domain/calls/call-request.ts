import type { LoadedContact } from '../contacts/read-contact.ts';
import type { Stage } from '../negotiation/rules/types.ts';
import { disclosureVariables } from '../policy/rules/disclosures.ts';
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
      ...disclosureVariables(loaded.pack),
      ...(stage === undefined ? {} : { guion: stage.script }),
    },
    ringMs: loaded.policy.ringMs,
    maxCallMs: loaded.policy.maxCallMs,
    ...voicemailOf(loaded.pack),
  };
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
