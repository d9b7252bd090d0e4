import { inAccount } from '../../db/client.ts';
import { answerFunction } from '../../domain/calls/in-call.ts';
import type { FunctionAnswer } from '../../domain/calls/call-session.ts';
import type { LiveCall } from '../../domain/calls/simulated-port.ts';
import { type ScriptedEnd, type ScriptedVoice, scriptedVoice } from './scripted-voice.ts';
import type { World } from './world.ts';

/** One function call of the agent, answered as the signed route answers it. */
export type Ask = (name: string, args?: Readonly<Record<string, unknown>>) => Promise<FunctionAnswer>;

/** What the n-th call to the contact is like. */
export interface Talk {
  readonly end: ScriptedEnd;
  /** What the agent asks of us while whoever answered listens. */
  readonly talk?: (ask: Ask) => Promise<void>;
}

/** One dial and everything that was told in it. */
export interface Conversation {
  readonly toNumber: string;
  readonly atMs: number;
  /** What the agent had when the phone rang. */
  readonly variables: Readonly<Record<string, string>>;
  readonly answers: readonly FunctionAnswer[];
}

export interface Agent extends ScriptedVoice {
  /** In the order of the dials. */
  readonly conversations: readonly Conversation[];
}

/** A provider in virtual time whose agent calls our in-call functions, by the operation behind the signed route. */
export function agent(world: World, script: (number: number, toNumber: string) => Talk): Agent {
  const conversations: Conversation[] = [];
  const voice = scriptedVoice((number, { toNumber, variables }, atMs) => {
    const answers: FunctionAnswer[] = [];
    conversations.push({ toNumber, atMs, variables, answers });
    const { end, talk } = script(number, toNumber);
    if (talk === undefined) return end;
    return { ...end, during: (live) => talk(asking(world, live, answers)) };
  });
  return { call: voice.call.bind(voice), dials: voice.dials, conversations };
}

function asking(world: World, live: LiveCall, answers: FunctionAnswer[]): Ask {
  return async (name, args = {}) => {
    const { accountId, attemptId, providerCallId, atMs } = live;
    const rehearsalAt = new Date(atMs);
    const request = { accountId, attemptId, providerCallId, name, args, rehearsalAt };
    const verdict = await inAccount(world.app, accountId, (trx) => answerFunction(trx, request));
    if (verdict.kind !== 'answered') throw new Error(`${name} was not answered: ${verdict.kind}`);
    answers.push(verdict.answer);
    return verdict.answer;
  };
}

/** All that whoever answered can have heard of us, as one text. */
export function heardIn(conversation: Conversation | undefined): string {
  if (conversation === undefined) throw new Error('there was no such call');
  return JSON.stringify([conversation.variables, conversation.answers]);
}
