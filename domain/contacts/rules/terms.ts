import { dialsPerDayOf } from '../../policy/rules/limits.ts';
import type { Stage } from '../../negotiation/rules/types.ts';
import type { RulePack } from '../../policy/rules/pack.ts';
import { agreementDayMs, type Policy } from '../../policy/rules/policy.ts';
import type { ContactRules, FollowUpRules } from './contact-rules.ts';

const dayMs = 86_400_000;

export interface RulesSource {
  readonly policy: Policy;
  readonly pack: RulePack;
  /** Undefined: the batch negotiates nothing. */
  readonly stage: Stage | undefined;
  readonly openedAtMs: number;
}

/** The numbers that one contact's decisions compare with, from policy, pack and stage. Pure. */
export function contactRules({ policy, pack, stage, openedAtMs }: RulesSource): ContactRules {
  const packCallsPerDay = dialsPerDayOf(pack, 'person') ?? policy.callsPerDay;
  return {
    mode: policy.schedule.mode === 'ladder' ? 'ladder' : 'waves',
    maxAttempts: policy.maxAttempts,
    callsPerDay: Math.min(policy.callsPerDay, packCallsPerDay),
    silentDaysToExclude: policy.silentDaysToExclude,
    noAnswerRetryMs: policy.noAnswerRetryMs,
    technicalRetryMs: policy.technicalRetryMs,
    expiresAtMs: openedAtMs + policy.maxDays * dayMs,
    ...(stage === undefined ? {} : { followUp: followUpOf(stage, policy) }),
  };
}

/** What is compared with once money has been talked about. */
function followUpOf({ broken, refusal, verificationDays }: Stage, policy: Policy): FollowUpRules {
  const agreedDayMs = agreementDayMs(policy);
  return {
    brokenThen: broken.then,
    handOverAt: broken.handOverAt,
    refusalThen: refusal.then,
    refusalPauseMs: refusal.pauseDays * agreedDayMs,
    verificationMs: verificationDays * agreedDayMs,
    afterAgreementMs: policy.maxDays * agreedDayMs,
  };
}
