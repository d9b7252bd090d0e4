/** A new entity in sixty lines: a jar that takes coins until somebody closes it, or its time is over. */
import { proxyActivities } from '@temporalio/workflow';
import { Fields } from '../../../domain/shared/rules/read-value.ts';
import { runEntity } from '../../../workflows/shared/entity.ts';
import type { Carried, Entity } from '../../../workflows/shared/entity-contract.ts';

export interface Jar {
  readonly coins: readonly string[];
  readonly counted: readonly string[];
  readonly isClosed: boolean;
  readonly closesAtMs: number | null;
}
export interface JarInput {
  readonly accountId: string;
  readonly closesAtMs: number | null;
}
export type JarCommand = { readonly type: 'Count' | 'Seal'; readonly id: string };
type JarFact = { readonly type: 'CoinPut' | 'CoinCounted' | 'JarClosed'; readonly id: string };
const isKnown = ['CoinPut', 'CoinCounted', 'JarClosed'] as const;

const options = { startToCloseTimeout: '10 s', retry: { initialInterval: 50 } } as const;
const { act } = proxyActivities<{ act(command: JarCommand): Promise<unknown> }>(options);

const entity: Entity<JarInput, Jar, JarFact, JarCommand, Jar, Jar> = {
  open: ({ closesAtMs }) => ({
    state: { coins: [], counted: [], isClosed: false, closesAtMs },
    commands: [],
  }),
  decide: (jar, { type, id }) => {
    if (type === 'CoinCounted') return { state: { ...jar, counted: [...jar.counted, id] }, commands: [] };
    return type === 'CoinPut'
      ? { state: { ...jar, coins: [...jar.coins, id] }, commands: [{ type: 'Count', id }] }
      : { state: { ...jar, isClosed: true }, commands: [{ type: 'Seal', id }] };
  },
  execute: (command) => act(command),
  failed: () => null,
  parseFact: (raw) => {
    const fields = new Fields(raw, 'jar');
    return { type: fields.oneOf('type', isKnown), id: fields.has('id') ? fields.id('id') : '' };
  },
  signals: { put: 'CoinPut', close: 'JarClosed' },
  updates: { put: 'CoinPut', close: 'JarClosed' },
  deadline: { type: 'JarClosed', id: 'time' },
  cancelled: { type: 'JarClosed', id: 'cancelled' },
  idOf: ({ type, id }) => (type === 'CoinPut' ? id : null),
  nextWakeAtMs: ({ closesAtMs }) => closesAtMs,
  describe: ({ coins }) => `${coins.length} coins`,
  view: (jar) => jar,
  result: (jar) => (jar.isClosed ? jar : undefined),
  subject: ({ accountId }) => ({ accountId, actor: 'jar workflow', subject: 'jar' }),
  historyBudget: ({ closesAtMs }) => (closesAtMs === null ? 60 : null),
  closedWords: 'the jar is closed',
};

export const jar = (input: JarInput & { carried?: Carried<Jar> }): Promise<Jar> => runEntity(entity, input);
