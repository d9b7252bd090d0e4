import { answered, type Api, type Schema, told } from '../client/api.ts';
import { useCaseKeyOf } from './typed.ts';

export interface RulesWanted {
  readonly pack?: string | undefined;
  readonly policy?: string | undefined;
  readonly negotiation?: string | undefined;
}

/** The terms that are named in whatever is made next, so that what was shown is what is done. */
export interface ChosenRules {
  readonly pack: string;
  readonly policy: string;
  readonly negotiation?: string;
  readonly answer: Schema<'Terms'>;
}

/**
 * The one choice of rules of the dry run, the rehearsal and the start: what is named, else what the account has chosen last.
 * Throws what the API refuses.
 */
export async function chooseRules(
  api: Api,
  useCase: string,
  { pack, policy, negotiation }: RulesWanted,
  from?: string,
): Promise<ChosenRules> {
  const answer = await answered(
    api.GET('/api/v1/terms', {
      params: {
        query: { use_case: useCaseKeyOf(useCase), ...told({ pack, policy, negotiation, from }) },
      },
    }),
  );
  return {
    pack: answer.pack.key,
    policy: answer.policy.key,
    ...(negotiation === undefined ? {} : { negotiation }),
    answer,
  };
}

/** What each of them prints: under which rules, and when the first call is. */
export function rulesLines({ answer, pack, policy }: ChosenRules): readonly string[] {
  return [answer.es, `  (--pack ${pack} --policy ${policy}; hora de ${answer.zone})`];
}
