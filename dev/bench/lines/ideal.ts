import { accounts, type Contact, retryAfterMs, type Size } from './load.ts';
import { type Outcome, Recorder } from './record.ts';

interface Event {
  readonly atMs: number;
  readonly happen: () => void;
}

/** A scheduler that knows everything at once and costs nothing: what the same calls allow at best. */
export function ideal(size: Size, contacts: readonly Contact[]): Outcome {
  let nowMs = 0;
  const recorder = new Recorder(size, 0, () => nowMs);
  const waiting: { readonly contact: Contact; readonly call: number }[][] = Array.from(
    { length: accounts },
    () => [],
  );
  for (const contact of contacts) waiting[contact.account]?.push({ contact, call: 0 });
  const heads = waiting.map(() => 0);
  const held = waiting.map(() => 0);
  const events = new Heap();
  let free = size.lines;

  const grant = (): void => {
    while (free > 0) {
      let next = -1;
      for (let account = 0; account < accounts; account += 1) {
        const isWaiting = (heads[account] ?? 0) < (waiting[account]?.length ?? 0);
        if (isWaiting && (next < 0 || (held[account] ?? 0) < (held[next] ?? 0))) next = account;
      }
      const head = heads[next] ?? 0;
      const turn = waiting[next]?.[head];
      if (turn === undefined) return;
      heads[next] = head + 1;
      held[next] = (held[next] ?? 0) + 1;
      free -= 1;
      dial(turn.contact, turn.call);
    }
  };
  const dial = (contact: Contact, call: number): void => {
    const callMs = contact.callsMs[call] ?? 0;
    recorder.granted();
    recorder.dialled(contact.account, callMs);
    events.push({
      atMs: nowMs + callMs,
      happen() {
        recorder.hungUp();
        recorder.released();
        held[contact.account] = (held[contact.account] ?? 0) - 1;
        free += 1;
        if (call + 1 < contact.callsMs.length) {
          const again = () => waiting[contact.account]?.push({ contact, call: call + 1 });
          events.push({ atMs: nowMs + retryAfterMs(size), happen: () => void again() });
        }
      },
    });
  };
  grant();
  for (let event = events.pop(); event !== undefined && event.atMs < recorder.endMs; event = events.pop()) {
    nowMs = event.atMs;
    event.happen();
    grant();
  }
  return recorder.outcome();
}

/** The earliest event first. */
class Heap {
  readonly #events: Event[] = [];

  push(event: Event): void {
    this.#events.push(event);
    let index = this.#events.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#at(parent) <= this.#at(index)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  pop(): Event | undefined {
    const first = this.#events[0];
    const last = this.#events.pop();
    if (first === undefined || last === undefined || this.#events.length === 0) return first;
    this.#events[0] = last;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const smaller = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (this.#at(smaller) >= this.#at(index)) return first;
      this.#swap(index, smaller);
      index = smaller;
    }
  }

  #at(index: number): number {
    return this.#events[index]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  #swap(one: number, other: number): void {
    const [first, second] = [this.#events[one], this.#events[other]];
    if (first === undefined || second === undefined) return;
    this.#events[one] = second;
    this.#events[other] = first;
  }
}
