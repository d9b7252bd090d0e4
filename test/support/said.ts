import type { FakeRetell } from '../../dev/fakes/retell/fake-retell.ts';
import type { World } from './world.ts';

/** Everything that left us for one call: what the agent was given and what it was answered, and what it said of that. */
export interface Said {
  readonly callId: string;
  readonly attemptId: string;
  readonly toNumber: string;
  /** Variables of the request, each as 'name: text'. */
  readonly given: readonly string[];
  /** Our answers to its functions, in order, as JSON. */
  readonly answered: readonly string[];
  /** The agent's own lines of the transcript. */
  readonly spoken: readonly string[];
}

/** By call of the fake provider, in the order in which they were placed. */
export async function whatWasSaid(world: World, fake: FakeRetell): Promise<readonly Said[]> {
  const rows = await world.owner
    .selectFrom('operation.function_call')
    .select(['provider_call_id', 'answer'])
    .orderBy('id')
    .execute();
  return fake.calls().map(({ callId, attemptId = '', call }) => ({
    callId,
    attemptId,
    toNumber: String(call['to_number']),
    given: Object.entries(Object(call['retell_llm_dynamic_variables'])).map(
      ([name, text]) => `${name}: ${String(text)}`,
    ),
    answered: rows
      .filter((row) => row.provider_call_id === callId)
      .map(({ answer }) => JSON.stringify(answer)),
    spoken: (typeof call['transcript'] === 'string' ? call['transcript'] : '')
      .split('\n')
      .filter((line) => line.startsWith('Agent: ')),
  }));
}

/** All of it as one text: what an assertion looks for must not be in any of it. */
export function textSaid({ given, answered, spoken }: Said): string {
  return [...given, ...answered, ...spoken].join('\n');
}
