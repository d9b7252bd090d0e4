import { expect } from 'vitest';
import type { ContactResult } from '../../workflows/contact/contract.ts';
import { type Agent, agent, type Ask, type Conversation, heardIn, type Talk } from './agent.ts';
import { confide, createDebtor, type Debtor, type DebtorTerms, localTime } from './debtors.ts';
import { noAnswer } from './scripted-voice.ts';
import { fastForwardBy, skipFreely, untilFirstStop } from './temporal.ts';
import { finished, startContact, withWorker, type World } from './world.ts';

const rut = '11222333-9';

/** Due dates that are early, mid and late in arrears on Monday the 8th of March 2027, when everybody is called. */
export const dueIn = { early: '2027-03-01', mid: '2027-01-15', late: '2026-10-01' } as const;

/** Nobody answers. */
export const silence: Talk = { end: noAnswer };

/** Somebody talks for a minute and a half: what comes of it is in the agent's functions only. */
export function talks(talk: (ask: Ask) => Promise<void>): Talk {
  return { end: { reason: 'user_hangup', durationMs: 90_000 }, talk };
}

export function confirm(ask: Ask): ReturnType<Ask> {
  return ask('confirm_identity', { is_holder: true, last_digits: '2333' });
}

/** Whoever says who they are, and one thing of themselves. */
export function reports(kind: string): Talk {
  return talks(async (ask) => {
    await confirm(ask);
    expect(await ask('report', { kind })).toMatchObject({ ok: true });
  });
}

/** Whoever says who they are and takes one offer, which is allowed. */
export function takes(offer: Readonly<Record<string, unknown>>): Talk {
  return talks(async (ask) => {
    await confirm(ask);
    expect(await ask('accept_offer', offer)).toMatchObject({ ok: true, code: 'agreed' });
  });
}

export type Handle = Awaited<ReturnType<typeof startContact>>;

/** Something that happens from outside at an instant of the contact's own clock. */
export interface Happening {
  readonly at: Date;
  readonly happens: (debtor: Debtor, handle: Handle) => Promise<void>;
}

export interface Life {
  readonly debtor: Debtor;
  readonly result: ContactResult;
  readonly conversations: readonly Conversation[];
  /** Local times of the dials. */
  readonly dialledAt: readonly string[];
  /** Texts that nobody may hear before the person has said who they are; creditor and amount are the second and last. */
  readonly secrets: readonly string[];
}

export interface LifeTerms extends DebtorTerms {
  /** The n-th call is the n-th of them, and the last one again after that. */
  readonly calls: readonly [Talk, ...Talk[]];
  /** In order of their instants. */
  readonly happenings?: readonly Happening[];
}

/** A debtor's whole life in virtual time on the real server, replayed at its end. */
export async function live(world: World, { calls, happenings = [], ...terms }: LifeTerms): Promise<Life> {
  const debtor = await createDebtor(world, { rut, ...terms });
  const secrets = await confide(world, debtor, terms.pesos);
  const voice: Agent = agent(world, (number) => calls[number - 1] ?? calls.at(-1) ?? calls[0]);
  const result = await withWorker(world, { simulatedVoice: voice }, () => lead(world, debtor, happenings));
  const dialledAt = voice.dials.map(({ atMs }) => localTime(atMs));
  return { debtor, result, conversations: voice.conversations, dialledAt, secrets };
}

async function lead(world: World, debtor: Debtor, happenings: readonly Happening[]): Promise<ContactResult> {
  const [first, ...later] = happenings;
  const { batch, accountId } = debtor;
  if (first === undefined) return finished(await startContact(world, world.skipping, batch, accountId));
  const stopAfterMs = first.at.getTime() - Date.now();
  const client = await world.temporal.startSkipping({ stopAfterMs });
  const handle = await startContact(world, client, batch, accountId);
  await untilFirstStop(client, handle);
  await first.happens(debtor, handle);
  let { at } = first;
  for (const happening of later) {
    await fastForwardBy(client, handle, happening.at.getTime() - at.getTime());
    await happening.happens(debtor, handle);
    ({ at } = happening);
  }
  await skipFreely(client, handle);
  return finished(handle);
}

/** Nothing about the debt was in the variables of these calls or in any answer of ours in them. */
export function expectNothingTold({ conversations, secrets }: Life, numbers: readonly number[]): void {
  for (const number of numbers) {
    const heard = heardIn(conversations[number - 1]);
    for (const secret of secrets) expect(heard, `call ${number}`).not.toContain(secret);
  }
}
