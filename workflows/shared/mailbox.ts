import { condition } from '@temporalio/workflow';
import type { Alarm } from './alarm.ts';

/** A letter in the mailbox: read from outside, or one that could not be read. */
export interface Letter<Content> {
  readonly content: Content;
  /** `closed`: the entity ended before it was taken, and nobody will take it. */
  state: 'waiting' | 'taken' | 'closed';
}

interface Later<Content> {
  readonly content: Content;
  readonly atMs: number;
}

/** What a deadline that was not moved waits before it rings again: without it `decide` could be asked a thousand times a second. */
const ringAgainMs = 60_000;

/**
 * Letters in the order of their arrival, taken one at a time. Handlers put, the loop takes; nothing is decided in a
 * handler.
 */
export class Mailbox<Content> {
  #waiting: Letter<Content>[] = [];
  #later: Later<Content>[] = [];
  #isClosed = false;
  #rangForMs: number | null = null;

  put(content: Content): Letter<Content> {
    const letter: Letter<Content> = { content, state: this.#isClosed ? 'closed' : 'waiting' };
    if (!this.#isClosed) this.#waiting.push(letter);
    return letter;
  }

  /** For simulated providers: a fact that becomes true at an instant of the workflow's own clock. */
  putAt(atMs: number, content: Content): void {
    if (this.#isClosed) return;
    this.#later.push({ content, atMs });
    this.#later.sort((a, b) => a.atMs - b.atMs);
  }

  /** The next letter, or undefined when there is none now. The taker marks it `taken` when it has been worked on. */
  take(): Letter<Content> | undefined {
    return this.#waiting.shift();
  }

  /** From here on nothing is taken. Whoever waits for an answer has it: closed. */
  close(): void {
    this.#isClosed = true;
    for (const letter of this.#waiting) letter.state = 'closed';
    this.#waiting = [];
    this.#later = [];
  }

  get hasMail(): boolean {
    return this.#waiting.length > 0;
  }

  /** Nothing waits, now or later: the state alone is what the entity knows. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#later.length === 0;
  }

  /** Waits until there is a letter, or until the deadline; null waits for a letter only. True: the deadline came. */
  async waitUntil(deadlineAtMs: number | null, summary: string, alarm: Alarm): Promise<boolean> {
    const soonest = this.#later[0];
    const wakeAtMs = Math.min(this.#ringAt(deadlineAtMs), soonest?.atMs ?? Infinity);
    if (wakeAtMs === Infinity) {
      await condition(() => this.hasMail);
      return false;
    }
    alarm.arm(wakeAtMs, summary);
    await condition(() => this.hasMail || !alarm.isArmed);
    if (this.hasMail) return false;
    if (soonest === undefined || soonest.atMs > Date.now()) {
      this.#rangForMs = deadlineAtMs;
      return true;
    }
    this.#later.shift();
    this.put(soonest.content);
    return false;
  }

  #ringAt(deadlineAtMs: number | null): number {
    if (deadlineAtMs === null) return Infinity;
    return deadlineAtMs === this.#rangForMs ? Date.now() + ringAgainMs : deadlineAtMs;
  }
}
